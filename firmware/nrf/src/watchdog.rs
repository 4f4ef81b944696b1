//! Watchdog of the nRF52. It stands still while a debugger halts the processor.

use embassy_nrf::{
    Peri, pac,
    peripherals::WDT,
    wdt::{Config, HaltConfig, Watchdog, WatchdogHandle},
};
use thumbgan_embassy_support::WATCHDOG_TIMEOUT;

/// Ticks of the watchdog per second.
const HERTZ: u64 = 32_768;

/// Watchdog that runs.
pub struct RunningWatchdog {
    /// `None` if the watchdog was started by another program with other settings: it runs until it resets the chip.
    handle: Option<WatchdogHandle>,
    /// True if the watchdog has caused the last reset.
    has_reset: bool,
}

impl RunningWatchdog {
    /// Starts the watchdog.
    pub fn start(peripheral: Peri<'static, WDT>) -> Self {
        let reasons = pac::POWER.resetreas();
        let has_reset = reasons.read().dog();
        // The bits stay set until ones are written to them.
        reasons.write(|reasons| reasons.set_dog(true));
        let mut config = Config::default();
        config.timeout_ticks = (WATCHDOG_TIMEOUT.as_secs() * HERTZ) as u32;
        config.action_during_debug_halt = HaltConfig::Pause;
        let handle = match Watchdog::try_new(peripheral, config) {
            Ok((_, [handle])) => Some(handle),
            Err(_) => None,
        };
        Self { handle, has_reset }
    }
}

impl thumbgan_embassy_support::Watchdog for RunningWatchdog {
    fn has_reset(&self) -> bool {
        self.has_reset
    }

    fn feed(&mut self) {
        if let Some(handle) = &mut self.handle {
            handle.pet();
        }
    }
}
