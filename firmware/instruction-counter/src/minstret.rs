//! The count of instructions that have been executed, which QEMU makes one of time.

pub use riscv::asm::delay;
use riscv::register::minstret;

/// What `delay` takes for one round of its loop of two instructions.
pub const ROUND: u32 = 2;

/// The clock runs from reset on.
pub fn start() {}

/// What the clock shows.
pub fn now() -> u32 {
    minstret::read() as u32
}

/// Ticks between two times that are less than 2^32 ticks apart.
pub fn between(start: u32, end: u32) -> u32 {
    end.wrapping_sub(start)
}
