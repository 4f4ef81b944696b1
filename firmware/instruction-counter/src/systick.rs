//! `SysTick`, which counts the processor's clock down in 24 bits.

pub use cortex_m::asm::delay;
use cortex_m::peripheral::{Peripherals, SYST, syst::SystClkSource};

/// What `delay` takes for one round of its loop of two instructions.
pub const ROUND: u32 = 1;
const MASK: u32 = 0xff_ffff;

/// Lets the clock run.
pub fn start() {
    if let Some(peripherals) = Peripherals::take() {
        let mut timer = peripherals.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(MASK);
        timer.clear_current();
        timer.enable_counter();
    }
}

/// What the clock shows.
pub fn now() -> u32 {
    SYST::get_current()
}

/// Ticks between two times that are less than 2^24 ticks apart.
pub fn between(start: u32, end: u32) -> u32 {
    start.wrapping_sub(end) & MASK
}
