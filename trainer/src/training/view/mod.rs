//! Views of a running training run and its log.

mod bar;
pub mod control;
mod dashboard;
mod digits;
mod screen;
mod signals;
mod state;
mod terminal;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use anyhow::Result;
use indicatif::FormattedDuration;

use self::{bar::Bar, control::Control, dashboard::Dashboard, state::State};
use super::{
    checkpoint::Progress,
    evaluator::Quality,
    folder::Folder,
    metrics::{self, Log, Record},
};

/// Live view or progress bar, and metrics.jsonl.
#[derive(Debug)]
pub struct View {
    state: Arc<Mutex<State>>,
    log: Log,
    bar: Bar,
    live: Option<Dashboard>,
}

impl View {
    /// Creates the view of a run with `done` of `iterations` completed; later records in the log of a resumed
    /// run are removed. With `plain`, or without a suitable terminal, it is the progress bar.
    ///
    /// # Errors
    /// If the log cannot be read or written, or the terminal cannot be set up.
    pub fn new(
        folder: &Folder,
        title: &str,
        iterations: u32,
        done: u32,
        plain: bool,
        control: &Arc<Control>,
    ) -> Result<Self> {
        let log = Log::new(folder, done)?;
        let mut state = State::new(title, iterations, done);
        state.remember(&metrics::lines(folder)?);
        let state = Arc::new(Mutex::new(state));
        let is_live = !plain && terminal::is_interactive();
        let bar = Bar::new(iterations, done, is_live)?;
        let live = is_live
            .then(|| Dashboard::start(Arc::clone(&state), Arc::clone(control)))
            .transpose()?;
        Ok(Self {
            state,
            log,
            bar,
            live,
        })
    }

    /// Counts an iteration.
    pub fn tick(&self, progress: &Progress) {
        let mut state = self.state();
        state.step(progress, Instant::now());
        self.bar.tick(&state);
    }

    /// Prints the progress.
    pub fn print(&self, progress: &Progress) {
        let Progress {
            iteration, losses, ..
        } = progress;
        let (all, pace) = {
            let state = self.state();
            let left = |rate| match state.left() {
                Some(left) => format!(", {rate:.0} iterations/s, {} left", FormattedDuration(left)),
                None => String::new(),
            };
            (state.iterations, state.rate().map_or(String::new(), left))
        };
        self.say(&format!(
            "iteration {iteration} of {all}: loss D {:.4}, loss G {:.4}{pace}",
            losses.discriminator, losses.generator
        ));
    }

    /// Prints the result of an evaluation with warnings.
    pub fn quality(&self, progress: &Progress, quality: &Quality, warnings: &[String]) {
        self.say(&format!("iteration {}: {quality}", progress.iteration));
        for warning in warnings {
            self.say(&format!("warning: {warning}"));
        }
    }

    /// Prints a line above the bar, or shows it in the live view and prints it when the view ends.
    pub fn say(&self, line: &str) {
        if self.is_live() {
            self.state().say(line);
        } else {
            self.bar.say(line);
        }
    }

    /// Appends a record to metrics.jsonl.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn log(&self, progress: &Progress, quality: Option<&Quality>) -> Result<()> {
        let line = Record::of(progress, quality);
        self.state().logged(&line);
        self.log.add(&line)
    }

    /// Returns true if samples are shown while training.
    pub const fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Shows images, 784 pixels each.
    pub fn samples(&self, grays: Vec<u8>) {
        self.state().samples = grays;
    }

    /// Shows `with` while `work` runs between iterations.
    pub fn busy<T>(&self, with: &'static str, work: impl FnOnce() -> T) -> T {
        self.state().busy = Some(with);
        let outcome = work();
        self.state().busy = None;
        outcome
    }

    /// Restarts the speed measurement after a pause.
    pub fn resumed(&self) {
        self.state().restart_clock();
    }

    /// Ends the view; messages of the live view are printed.
    pub fn finish(self) {
        self.bar.finish();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
