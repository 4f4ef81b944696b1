//! Signals as requests to a run.

use std::{io, sync::Arc};

use super::control::Control;

/// Has Ctrl-C, the system's wish to end the program (SIGTERM) and the end of its terminal (SIGHUP) reach the run. A
/// hang-up that is ignored, as `nohup` wants it, stays so; this is known on Linux only.
///
/// # Errors
/// When the system does not let the program catch signals.
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
            // Both the shell and the system may tell of a hang-up: it must not count as asked twice.
            if signal == SIGHUP {
                control.quit()
            } else {
                control.stop()
            }
        }
    });
    Ok(())
}

/// Whether whoever started the program had a signal ignored.
#[cfg(unix)]
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Has Ctrl-C reach the run.
///
/// # Errors
/// When the system does not let the program catch it.
#[cfg(not(unix))]
pub fn catch(control: Arc<Control>) -> io::Result<()> {
    ctrlc::set_handler(move || control.stop()).map_err(io::Error::other)
}
