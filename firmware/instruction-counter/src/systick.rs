//! `SysTick`, a 24-bit down counter of processor clocks.

pub use cortex_m::asm::delay;
use cortex_m::peripheral::{Peripherals, SYST, syst::SystClkSource};

/// Argument of `delay` per iteration of its loop of two instructions.
pub const ROUND: u32 = 1;
const MASK: u32 = 0xff_ffff;

/// Starts the timer.
pub fn start() {
    if let Some(peripherals) = Peripherals::take() {
        let mut timer = peripherals.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(MASK);
        timer.clear_current();
        timer.enable_counter();
    }
}

/// Reads the timer.
pub fn now() -> u32 {
    SYST::get_current()
}

/// Returns the ticks between two readings that are less than 2^24 ticks apart.
pub fn between(start: u32, end: u32) -> u32 {
    start.wrapping_sub(end) & MASK
}
