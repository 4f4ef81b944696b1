//! Requests of the user to a run, which reads them between two iterations.

use std::{
    process::exit,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};

use super::{
    signals::{self, Signal},
    terminal,
};

/// Exit code of a program that was stopped on request, as for Ctrl-C in shells.
pub const STOPPED_EXIT_CODE: u8 = 130;

/// Flags that keys and signals set.
#[derive(Debug, Default)]
pub struct Control {
    paused: AtomicBool,
    sample: AtomicBool,
    checkpoint: AtomicBool,
    quit: AtomicBool,
    /// True after the first Ctrl-C.
    interrupted: AtomicBool,
    /// True if a checkpoint would save nothing more.
    safe: AtomicBool,
}

impl Control {
    /// Creates flags that Ctrl-C and other termination signals set: the first signal stops the run with a
    /// checkpoint, the second one exits at once.
    ///
    /// # Errors
    /// If signal handlers cannot be installed.
    pub fn of_signals() -> Result<Arc<Self>> {
        let control = Arc::new(Self::default());
        let flags = Arc::clone(&control);
        signals::catch(move |signal| match signal {
            Signal::Interrupt => flags.stop(),
            // A hang-up is often signaled twice, which must not count as a second request.
            Signal::HangUp => flags.quit(),
        })
        .context("cannot catch Ctrl-C")?;
        Ok(control)
    }

    /// Requests a stop with a checkpoint. A second request, or one after everything is saved, exits the
    /// program.
    pub fn stop(&self) {
        if self.interrupted.swap(true, Ordering::Relaxed) {
            leave();
        }
        self.quit();
    }

    /// Declares that a stop needs no checkpoint any more.
    pub fn all_is_saved(&self) {
        self.safe.store(true, Ordering::Relaxed);
    }

    /// Requests a stop with a checkpoint, or exits the program if everything is saved.
    pub fn quit(&self) {
        self.quit.store(true, Ordering::Relaxed);
        if self.safe.load(Ordering::Relaxed) {
            leave();
        }
    }

    /// Returns true if a stop was requested.
    pub fn wants_quit(&self) -> bool {
        self.quit.load(Ordering::Relaxed)
    }

    /// Pauses or continues the run.
    pub fn toggle_pause(&self) {
        self.paused.fetch_xor(true, Ordering::Relaxed);
    }

    /// Returns true if the run is paused.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Requests a sample grid.
    pub fn sample(&self) {
        self.sample.store(true, Ordering::Relaxed);
    }

    /// Returns true if a sample grid was requested since the last call.
    pub fn takes_sample(&self) -> bool {
        self.sample.swap(false, Ordering::Relaxed)
    }

    /// Requests a checkpoint.
    pub fn checkpoint(&self) {
        self.checkpoint.store(true, Ordering::Relaxed);
    }

    /// Returns true if a checkpoint was requested since the last call.
    pub fn takes_checkpoint(&self) -> bool {
        self.checkpoint.swap(false, Ordering::Relaxed)
    }
}

/// Exits the program.
fn leave() -> ! {
    terminal::restore();
    exit(STOPPED_EXIT_CODE.into());
}
