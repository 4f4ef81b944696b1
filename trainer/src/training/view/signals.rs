//! Signal handlers that set requests to a run.

use std::{io, sync::Arc};

use super::control::Control;

/// Calls `control` for Ctrl-C, SIGTERM and the hang-up of the terminal (SIGHUP). An ignored hang-up (`nohup`)
/// stays ignored, which is detected on Linux only.
///
/// # Errors
/// If signal handlers cannot be installed.
#[cfg(unix)]
pub fn catch(control: Arc<Control>) -> io::Result<()> {
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
            // Both the shell and the system can signal a hang-up, which must not count as a second request.
            if signal == SIGHUP {
                control.quit()
            } else {
                control.stop()
            }
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

/// Calls `control` for Ctrl-C.
///
/// # Errors
/// If the handler cannot be installed.
#[cfg(not(unix))]
pub fn catch(control: Arc<Control>) -> io::Result<()> {
    ctrlc::set_handler(move || control.stop()).map_err(io::Error::other)
}
