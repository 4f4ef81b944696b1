//! What a run shows while it goes on, and the log it leaves.

mod bar;
pub mod control;
mod dashboard;
mod digits;
mod screen;
mod signals;
mod state;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use anyhow::Result;
use indicatif::FormattedDuration;

use self::{bar::Bar, control::Control, dashboard::Dashboard, state::State};
use super::{
    checkpoint::Progress,
    folder::Folder,
    metrics::{self, Line, Log},
    watch::Quality,
};

/// The live view or the progress bar, and metrics.jsonl.
#[derive(Debug)]
pub struct View {
    state: Arc<Mutex<State>>,
    log: Log,
    bar: Bar,
    live: Option<Dashboard>,
}

impl View {
    /// For a run of `iterations` of which `done` are behind; a resumed run's log loses what came after. With
    /// `plain`, or where there is no able terminal, it is the progress bar.
    ///
    /// # Errors
    /// When the log cannot be read or written, or the terminal cannot be set up.
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
        let is_live = !plain && dashboard::possible();
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

    /// One more iteration is done.
    pub fn tick(&self, progress: &Progress) {
        let mut state = self.state();
        state.step(progress, Instant::now());
        self.bar.tick(&state);
    }

    /// Says how far the run has come.
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

    /// Says what the judge saw, and what a person should know of it.
    pub fn quality(&self, progress: &Progress, quality: &Quality) {
        self.say(&format!("iteration {}: {quality}", progress.iteration));
        for warning in quality.warnings(progress.mean) {
            self.say(&format!("warning: {warning}"));
        }
    }

    /// Says a line, at once above the bar, or in the live view and again when that is over.
    pub fn say(&self, line: &str) {
        if self.is_live() {
            self.state().say(line);
        } else {
            self.bar.say(line);
        }
    }

    /// Adds a line to metrics.jsonl.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn log(&self, progress: &Progress, quality: Option<&Quality>) -> Result<()> {
        let line = Line::of(progress, quality);
        self.state().logged(&line);
        self.log.add(&line)
    }

    /// Whether samples are looked at as they come.
    pub const fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Shows digits, 784 greys each.
    pub fn samples(&self, greys: Vec<u8>) {
        self.state().samples = greys;
    }

    /// Shows that `work` is going on in place of iterations.
    pub fn busy<T>(&self, with: &'static str, work: impl FnOnce() -> T) -> T {
        self.state().busy = Some(with);
        let outcome = work();
        self.state().busy = None;
        outcome
    }

    /// The run goes on after a pause.
    pub fn resumed(&self) {
        self.state().restart_clock();
    }

    /// Takes the bar or the live view away; what was said in the latter is printed.
    pub fn finish(self) {
        self.bar.finish();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
