//! Process of a run: it trains to the end or stops with the sweep.

use std::{
    process::{Child, Command, ExitStatus},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::training::Control;

/// Interval between two checks of a process.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Starts a run in a process group of its own, so that Ctrl-C in the terminal reaches it only through
/// [`wait`].
///
/// # Errors
/// If the process cannot be started.
pub fn start(command: &mut Command) -> Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.spawn().context("cannot start a training run")
}

/// Waits for the end of a run and requests it to stop when `control` requests that. Returns the exit status,
/// and true if the run was requested to stop.
///
/// # Errors
/// If the state of the process cannot be read.
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
        thread::sleep(POLL_INTERVAL);
    }
}

/// Requests a run to stop with a checkpoint.
#[cfg(unix)]
fn ask(run: &Child) -> Result<()> {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGTERM)
        .context("cannot stop a training run")
}

/// Does nothing: on other systems the console sends Ctrl-C to every process.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the version for Unix is fallible")]
fn ask(_: &Child) -> Result<()> {
    Ok(())
}
