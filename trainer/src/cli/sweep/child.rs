//! The process of a run: it trains to its end, or stops with the sweep.

use std::{
    process::{Child, Command, ExitStatus},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::training::Control;

/// How often a run is looked after.
const LOOK: Duration = Duration::from_millis(50);

/// Starts a run, out of reach of the terminal's Ctrl-C: it hears of that once, from [`wait`].
///
/// # Errors
/// When the process cannot be started.
pub fn start(command: &mut Command) -> Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.spawn().context("cannot start a training run")
}

/// Waits for the end of a run, and asks it to stop when `control` wants that. Gives how it ended, and whether
/// it was asked to.
///
/// # Errors
/// When the system does not tell of the process.
pub fn wait(mut run: Child, control: &Control) -> Result<(ExitStatus, bool)> {
    let mut asked = false;
    loop {
        if let Some(status) = run.try_wait().context("cannot wait for a training run")? {
            return Ok((status, asked));
        }
        if control.wants_quit() && !asked {
            ask(&run)?;
            asked = true;
        }
        thread::sleep(LOOK);
    }
}

/// Asks a run to stop with a checkpoint.
#[cfg(unix)]
fn ask(run: &Child) -> Result<()> {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGTERM)
        .context("cannot stop a training run")
}

/// Elsewhere the console tells every program of Ctrl-C.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its twin for Unix fails")]
fn ask(_: &Child) -> Result<()> {
    Ok(())
}
