//! Watchdog of a chip, which ends a hung program.

use embassy_time::Duration;

/// Time after which a watchdog that is not fed resets the chip.
///
/// The main loop feeds it once per frame. The longest wait in the loop is 1 to 2 seconds: a display or a host that does not
/// respond, and the erase of a sector of the STM32F429. The RP2040 counts to 8.4 seconds at most. The watchdog of the STM32F429
/// has an inaccurate clock: there the time is 5.4 to 15 seconds.
pub const WATCHDOG_TIMEOUT: Duration = Duration::from_secs(8);

/// Running watchdog, which resets the chip if it is not fed for [`WATCHDOG_TIMEOUT`].
pub trait Watchdog {
    /// Returns true if the watchdog has caused the last reset.
    fn has_reset(&self) -> bool;

    /// Starts the time anew.
    fn feed(&mut self);
}
