//! Time in microseconds from `SysTick`, whose interrupt every 10 ms ends sleep.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::exception;

use crate::system::CLOCK_HZ;

/// Microseconds per tick.
const TICK_MICROS: u32 = 10_000;
const CYCLES_PER_MICRO: u32 = CLOCK_HZ / 1_000_000;
const RELOAD: u32 = TICK_MICROS * CYCLES_PER_MICRO - 1;

/// Ticks since the start; wraps around after 497 days.
static TICKS: AtomicU32 = AtomicU32::new(0);

#[exception]
fn SysTick() {
    TICKS.fetch_add(1, Ordering::Relaxed);
}

/// Running timer.
#[derive(Debug)]
pub struct Timer(());

impl Timer {
    /// Starts the timer; [`crate::system::start`] must have set its frequency.
    pub fn start(mut systick: SYST) -> Self {
        systick.set_clock_source(SystClkSource::Core);
        systick.set_reload(RELOAD);
        systick.clear_current();
        systick.enable_interrupt();
        systick.enable_counter();
        Self(())
    }

    /// Sleeps until the next interrupt, at most one tick.
    pub fn sleep(&self) {
        cortex_m::asm::wfi();
    }
}

/// Returns the microseconds since [`Timer::start`].
pub fn micros() -> u64 {
    loop {
        let ticks = TICKS.load(Ordering::Relaxed);
        let cycles = RELOAD - SYST::get_current();
        // Repeated if a tick occurred between the two readings.
        if ticks == TICKS.load(Ordering::Relaxed) {
            return u64::from(ticks) * u64::from(TICK_MICROS)
                + u64::from(cycles / CYCLES_PER_MICRO);
        }
    }
}
