//! What the person at the keyboard wants of a run; the run looks here between two iterations.

use std::{
    process::exit,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};

use super::signals;

/// Exit code of a program that was stopped on request, as shells count it for Ctrl-C.
pub const STOPPED: u8 = 130;

/// Requests to a run, from keys and signals.
#[derive(Debug, Default)]
pub struct Control {
    paused: AtomicBool,
    sample: AtomicBool,
    checkpoint: AtomicBool,
    quit: AtomicBool,
    /// Whether Ctrl-C asked already.
    interrupted: AtomicBool,
    /// Whether there is nothing left that a checkpoint could save.
    safe: AtomicBool,
}

impl Control {
    /// Requests that Ctrl-C and other signals to end the program reach: the first time a run stops with a
    /// checkpoint, the second time at once.
    ///
    /// # Errors
    /// When the system does not let the program catch signals.
    pub fn of_signals() -> Result<Arc<Self>> {
        let control = Arc::new(Self::default());
        signals::catch(Arc::clone(&control)).context("cannot catch Ctrl-C")?;
        Ok(control)
    }

    /// Asks the run to stop with a checkpoint; asked again, or when all is saved, leaves the program at once.
    pub fn stop(&self) {
        if self.interrupted.swap(true, Ordering::Relaxed) {
            leave();
        }
        self.quit();
    }

    /// From here on a stop needs no checkpoint.
    pub fn all_is_saved(&self) {
        self.safe.store(true, Ordering::Relaxed);
    }

    /// Asks the run to stop with a checkpoint; when all is saved, leaves the program.
    pub fn quit(&self) {
        self.quit.store(true, Ordering::Relaxed);
        if self.safe.load(Ordering::Relaxed) {
            leave();
        }
    }

    /// Whether to stop.
    pub fn wants_quit(&self) -> bool {
        self.quit.load(Ordering::Relaxed)
    }

    /// Pauses the run, or lets it go on.
    pub fn toggle_pause(&self) {
        self.paused.fetch_xor(true, Ordering::Relaxed);
    }

    /// Whether the run is to wait.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Asks for a sample grid now.
    pub fn sample(&self) {
        self.sample.store(true, Ordering::Relaxed);
    }

    /// Whether a sample grid was asked for since the last time.
    pub fn takes_sample(&self) -> bool {
        self.sample.swap(false, Ordering::Relaxed)
    }

    /// Asks for a checkpoint now.
    pub fn checkpoint(&self) {
        self.checkpoint.store(true, Ordering::Relaxed);
    }

    /// Whether a checkpoint was asked for since the last time.
    pub fn takes_checkpoint(&self) -> bool {
        self.checkpoint.swap(false, Ordering::Relaxed)
    }
}

/// Leaves the program at once.
fn leave() -> ! {
    super::dashboard::restore_terminal();
    exit(STOPPED.into());
}
