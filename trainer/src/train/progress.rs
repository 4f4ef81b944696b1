//! What a run shows while it goes on, and the log it leaves.

use std::{fmt, fs::OpenOptions, io::Write, path::PathBuf};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::{checkpoint::Progress, folder::Folder, watch::Quality};
use crate::files::{read, write_whole};

/// One line of metrics.jsonl.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    iteration: u32,
    loss_discriminator: f32,
    loss_generator: f32,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    quality: Option<Quality>,
}

/// The progress bar on a terminal, lines elsewhere, and metrics.jsonl.
pub struct Reporter {
    bar: ProgressBar,
    metrics: PathBuf,
}

impl Reporter {
    /// For a run of `iterations` of which `done` are behind; a resumed run's log loses what came after.
    ///
    /// # Errors
    /// When the log cannot be read or written.
    pub fn new(folder: &Folder, iterations: u32, done: u32, plain: bool) -> Result<Self> {
        let metrics = folder.file("metrics.jsonl");
        let kept =
            if done > 0 && metrics.exists() { lines_until(&read(&metrics)?, done) } else { String::new() };
        write_whole(&metrics, kept.as_bytes())?;
        let target = if plain { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(5) };
        let bar = ProgressBar::with_draw_target(Some(iterations.into()), target);
        let style = "{bar:24} {human_pos}/{human_len} iterations, {rate}, {msg}, {eta} left";
        bar.set_style(ProgressStyle::with_template(style)?.with_key("rate", rate));
        bar.set_position(done.into());
        bar.reset_eta();
        Ok(Self { bar, metrics })
    }

    /// One more iteration is done.
    pub fn tick(&self, progress: &Progress) {
        let losses = progress.losses;
        self.bar.set_position(progress.iteration.into());
        // Formatting is dearer than a tick; eyes need it only now and then.
        if progress.iteration % 32 == 1 {
            let (d, g) = (losses.discriminator, losses.generator);
            self.bar.set_message(format!("loss D {d:.3} G {g:.3}"));
        }
    }

    /// Prints both losses, above the bar if there is one.
    pub fn print(&self, progress: &Progress) {
        let Progress { iteration, losses, .. } = progress;
        let rate = self.bar.per_sec();
        self.say(&format!(
            "iteration {iteration}: loss D {:.4}, loss G {:.4}, {rate:.0} iterations/s",
            losses.discriminator, losses.generator
        ));
    }

    /// Prints what the judge saw, and what a person should know of it.
    pub fn quality(&self, progress: &Progress, quality: &Quality) {
        self.say(&format!("iteration {}: {quality}", progress.iteration));
        for warning in quality.warnings(progress.mean) {
            self.say(&format!("warning: {warning}"));
        }
    }

    /// Prints a line, above the bar if there is one.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| println!("{line}"));
    }

    /// Adds a line to metrics.jsonl.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn log(&self, progress: &Progress, quality: Option<&Quality>) -> Result<()> {
        let line = Line {
            iteration: progress.iteration,
            loss_discriminator: progress.losses.discriminator,
            loss_generator: progress.losses.generator,
            quality: quality.copied(),
        };
        let failed = || format!("cannot write {}", self.metrics.display());
        let mut file = OpenOptions::new().append(true).open(&self.metrics).with_context(failed)?;
        writeln!(file, "{}", serde_json::to_string(&line)?).with_context(failed)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Iterations a second, for the bar.
fn rate(state: &ProgressState, text: &mut dyn fmt::Write) {
    // The bar's text never fails.
    let _ = write!(text, "{:.0} iterations/s", state.per_sec());
}

/// The whole lines of a log up to and with an iteration.
fn lines_until(log: &[u8], iteration: u32) -> String {
    let log = String::from_utf8_lossy(log);
    let parsed = log.lines().filter_map(|line| Some((line, serde_json::from_str::<Line>(line).ok()?)));
    parsed.filter(|(_, line)| line.iteration <= iteration).map(|(text, _)| format!("{text}\n")).collect()
}
