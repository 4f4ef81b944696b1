//! Termination signals.

use std::io;

/// Termination signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C or SIGTERM.
    Interrupt,
    /// Closed terminal (SIGHUP). Both the shell and the system can send it.
    HangUp,
}

/// Calls `handle` for Ctrl-C, SIGTERM and SIGHUP. An ignored SIGHUP (`nohup`) stays ignored, which is detected on Linux
/// only.
///
/// # Errors
/// If signal handlers cannot be installed.
#[cfg(unix)]
pub fn catch(handle: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals,
    };

    let caught: &[i32] = if ignored(SIGHUP) {
        &[SIGINT, SIGTERM]
    } else {
        &[SIGINT, SIGTERM, SIGHUP]
    };
    let mut signals = Signals::new(caught)?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            handle(if signal == SIGHUP {
                Signal::HangUp
            } else {
                Signal::Interrupt
            });
        }
    });
    Ok(())
}

/// Returns true if the parent process made the program ignore a signal.
#[cfg(unix)]
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Calls `handle` for Ctrl-C.
///
/// # Errors
/// If the handler cannot be installed.
#[cfg(not(unix))]
pub fn catch(handle: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(move || handle(Signal::Interrupt)).map_err(io::Error::other)
}
