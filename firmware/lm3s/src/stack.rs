//! How much stack has been used: cortex-m-rt paints it before `main`, what is unpainted has been used.

use cortex_m_rt::STACK_PAINT_VALUE;

/// The most bytes of stack that were in use at once since reset.
#[expect(unsafe_code, reason = "the stack's ends are the linker's, its words are others'")]
pub fn high_water() -> usize {
    unsafe extern "C" {
        static _stack_end: u32;
        static _stack_start: u32;
    }
    let (end, start) = (&raw const _stack_end, &raw const _stack_start);
    let words = (start.addr() - end.addr()) / size_of::<u32>();
    // SAFETY: below `words` it stays in the stack's memory, aligned; painted words below the stack pointer are
    // nobody's, and the reading ends at the first that is not.
    let painted = |index: &usize| unsafe { end.add(*index).read_volatile() } == STACK_PAINT_VALUE;
    let unused = (0..words).take_while(painted).count();
    (words - unused) * size_of::<u32>()
}
