//! Stack usage: cortex-m-rt fills the stack with a pattern before `main`; words without it have been used.

use cortex_m_rt::STACK_PAINT_VALUE;

/// Returns the maximum stack usage since reset in bytes.
#[expect(
    unsafe_code,
    reason = "the stack's ends are the linker's, its words are others'"
)]
pub fn high_water() -> usize {
    unsafe extern "C" {
        static _stack_end: u32;
        static _stack_start: u32;
    }
    let (end, start) = (&raw const _stack_end, &raw const _stack_start);
    let words = (start.addr() - end.addr()) / size_of::<u32>();
    // SAFETY: for indices below `words` the pointer is aligned and inside of the stack's memory. Words with the pattern lie
    // below the stack pointer, where no Rust object is, and reading stops at the first word without it.
    let painted = |index: &usize| unsafe { end.add(*index).read_volatile() } == STACK_PAINT_VALUE;
    let unused = (0..words).take_while(painted).count();
    (words - unused) * size_of::<u32>()
}
