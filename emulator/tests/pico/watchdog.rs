//! The watchdog resets a board whose program hangs, and no other.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use thumbgan_emulator::{
    models::ModelFile,
    pico::{Pico, PicoFirmware, Usb},
};

use thumbgan_protocol::{Request, Response};

use crate::host::Host;

/// Longest time from the last frame to the first one after a reset: the watchdog's 8 seconds and the start.
const RECOVERY: Duration = Duration::from_secs(10);
/// Time in which a program that feeds the watchdog is not reset: twice the watchdog's.
const QUIET: Duration = Duration::from_secs(16);
/// Time of noise without a gap, and what is sent in each step of it: as much as the board takes.
const NOISE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(10);
const BYTES: [u8; 600] = [0x55; 600];
/// Longest time for a response.
const RESPONSE: Duration = Duration::from_millis(500);
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

#[test]
fn noise_without_a_gap_in_an_upload_does_not_stop_the_main_loop() -> Result<()> {
    let mut host = Host::plug_in()?;
    let done = |response: &Response<'_>| match response {
        Response::Done => Ok(()),
        other => bail!("unexpected response {other:?}"),
    };
    let begin = Request::BeginUpload { file_len: 10_000 };
    host.respond(&begin, RESPONSE, None, done)?;
    let before = host.pico.counters();
    let end = before.time + NOISE;
    while host.pico.counters().time < end {
        host.pico.send(&BYTES)?;
        host.pico.run(STEP)?;
    }
    let counters = host.pico.counters().since(&before);
    ensure!(
        counters.resets == 0 && counters.frames >= 5,
        "in {NOISE:?} of noise: {counters:?}"
    );
    Ok(())
}
