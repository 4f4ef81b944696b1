//! The watchdog resets a board whose program hangs, and no other.

use std::time::Duration;

use anyhow::{Result, ensure};
use thumbgan_emulator::{
    models::ModelFile,
    pico::{Pico, PicoFirmware, Usb},
};

use crate::host::Host;

/// Longest time from the last frame to the first one after a reset: the watchdog's 8 seconds and the start.
const RECOVERY: Duration = Duration::from_secs(10);
/// Time in which a program that feeds the watchdog is not reset: twice the watchdog's.
const QUIET: Duration = Duration::from_secs(16);
/// Time of the watchdog without the longest frame.
const TIMEOUT: Duration = Duration::from_millis(7500);

#[test]
fn a_hung_program_is_reset_comes_back_and_reports_it() -> Result<()> {
    let mut host = Host::plug_in()?;
    host.check("before the program hangs")?;
    for reset in 1..=2 {
        let before = host.pico.counters();
        host.pico.hang()?;
        host.pico.run(TIMEOUT)?;
        let hung = host.pico.counters().since(&before);
        ensure!(
            (hung.frames, hung.resets) == (0, 0),
            "the program does not hang: {hung:?}"
        );
        host.pico.run(RECOVERY.saturating_sub(TIMEOUT))?;
        let after = host.pico.counters();
        ensure!(
            (after.resets, after.reported_resets) == (reset, reset),
            "after {RECOVERY:?} of a program that hangs: {after:?}"
        );
        ensure!(after.frames > before.frames, "no frame after the reset");
        host.connect()?;
        host.check("after a reset by the watchdog")?;
    }
    // The model runs as before, and the log does not repeat the report after a power failure.
    host.pico.fail_power(Duration::from_millis(1), 1)?;
    host.pico.power_on(Usb::Open)?;
    host.connect()?;
    host.check("after a power failure")?;
    let counters = host.pico.counters();
    ensure!((counters.resets, counters.reported_resets) == (0, 0));
    Ok(())
}

#[test]
fn a_program_that_runs_is_not_reset() -> Result<()> {
    let firmware = PicoFirmware::build(&ModelFile::read(None)?)?;
    let mut pico = Pico::boot(&firmware, Usb::Detached)?;
    pico.run(QUIET)?;
    let counters = pico.counters();
    ensure!(
        counters.resets == 0 && counters.frames >= 15,
        "in {QUIET:?}: {counters:?}"
    );
    Ok(())
}
