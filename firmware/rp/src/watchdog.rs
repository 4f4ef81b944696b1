//! Watchdog of the RP2040 and RP2350. It stands still while a debugger halts the processor.

use embassy_rp::{
    Peri,
    peripherals::WATCHDOG,
    watchdog::{ResetReason, Watchdog},
};
use thumbgan_embassy_support::WATCHDOG_TIMEOUT;

/// Watchdog that runs.
pub struct RunningWatchdog(Watchdog);

impl RunningWatchdog {
    /// Starts the watchdog.
    pub fn start(peripheral: Peri<'static, WATCHDOG>) -> Self {
        let mut watchdog = Watchdog::new(peripheral);
        watchdog.pause_on_debug(true);
        watchdog.start(WATCHDOG_TIMEOUT);
        Self(watchdog)
    }
}

impl thumbgan_embassy_support::Watchdog for RunningWatchdog {
    fn has_reset(&self) -> bool {
        self.0.reset_reason() == Some(ResetReason::TimedOut)
    }

    fn feed(&mut self) {
        self.0.feed(WATCHDOG_TIMEOUT);
    }
}
