//! Counter of executed instructions (`minstret`), which QEMU derives from virtual time.

pub use riscv::asm::delay;
use riscv::register::minstret;

/// Argument of `delay` per iteration of its loop of two instructions.
pub const ROUND: u32 = 2;

/// Does nothing: the counter runs from reset on.
pub fn start() {}

/// Reads the timer.
pub fn now() -> u32 {
    minstret::read() as u32
}

/// Returns the ticks between two readings that are less than 2^32 ticks apart.
pub fn between(start: u32, end: u32) -> u32 {
    end.wrapping_sub(start)
}
