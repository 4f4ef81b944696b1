//! Plain view: a progress bar if the terminal supports it, and lines of text.

use std::fmt;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::{state::State, terminal};

/// Progress bar, hidden without a terminal.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// Creates a bar for a run with `done` of `iterations` completed; `hidden` if another view shows the
    /// progress.
    ///
    /// # Errors
    /// Never: the template of the bar is a constant.
    pub fn new(iterations: u32, done: u32, hidden: bool) -> Result<Self> {
        let hidden = hidden || !terminal::is_capable();
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

    /// Updates the bar.
    pub fn tick(&self, state: &State) {
        self.0.set_position(state.iteration.into());
        // Formatting takes longer than an update and is not needed for every iteration.
        if state.iteration % 32 == 1 {
            let [d, g] = state.losses;
            self.0.set_message(format!("loss D {d:.3} G {g:.3}"));
        }
    }

    /// Prints a line, above the bar if there is one.
    pub fn say(&self, line: &str) {
        self.0.suspend(|| outln!("{line}"));
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Writes the iterations per second.
fn rate(state: &ProgressState, text: &mut dyn fmt::Write) {
    // Writing to the bar's text cannot fail.
    let _ = write!(text, "{:.0} iterations/s", state.per_sec());
}
