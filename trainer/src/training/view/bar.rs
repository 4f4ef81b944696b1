//! The plain view: a progress bar on a terminal that can show one, and lines everywhere.

use std::fmt;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::{dashboard, state::State};

/// The progress bar, hidden where no one would see it.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// For a run of `iterations` of which `done` are behind; `hidden` where something else shows it.
    ///
    /// # Errors
    /// Never: the bar's template is a constant.
    pub fn new(iterations: u32, done: u32, hidden: bool) -> Result<Self> {
        let hidden = hidden || !dashboard::able_terminal();
        let target = if hidden {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(5)
        };
        let bar = ProgressBar::with_draw_target(Some(iterations.into()), target);
        let style = "{bar:24} {human_pos}/{human_len} iterations, {rate}, {msg}, {eta} left";
        bar.set_style(ProgressStyle::with_template(style)?.with_key("rate", rate));
        bar.set_position(done.into());
        bar.reset_eta();
        Ok(Self(bar))
    }

    /// Shows how far the run has come.
    pub fn tick(&self, state: &State) {
        self.0.set_position(state.iteration.into());
        // Formatting is dearer than a tick; eyes need it only now and then.
        if state.iteration % 32 == 1 {
            let [d, g] = state.losses;
            self.0.set_message(format!("loss D {d:.3} G {g:.3}"));
        }
    }

    /// Prints a line, above the bar if there is one.
    pub fn say(&self, line: &str) {
        self.0.suspend(|| outln!("{line}"));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Iterations a second, for the bar.
fn rate(state: &ProgressState, text: &mut dyn fmt::Write) {
    // The bar's text never fails.
    let _ = write!(text, "{:.0} iterations/s", state.per_sec());
}
