//! The log of a run: metrics.jsonl, a line for every sample grid.

use std::{fs::OpenOptions, io::Write, path::PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{checkpoint::Progress, folder::Folder, watch::Quality};
use crate::files::{read, write_whole};

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Iterations done.
    pub iteration: u32,
    /// Loss of the last one.
    pub loss_discriminator: f32,
    /// Loss of the last one.
    pub loss_generator: f32,
    /// What the judge saw, if it looked.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
}

/// The log that a run writes.
#[derive(Debug)]
pub struct Log(PathBuf);

impl Log {
    /// For a run with `done` iterations behind it; what came after them is taken from the log.
    ///
    /// # Errors
    /// When the log cannot be read or written.
    pub fn new(folder: &Folder, done: u32) -> Result<Self> {
        let path = folder.metrics();
        let kept = if done > 0 && path.exists() {
            lines_until(&read(&path)?, done)
        } else {
            String::new()
        };
        write_whole(&path, kept.as_bytes())?;
        Ok(Self(path))
    }

    /// Adds a line.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&self, line: &Line) -> Result<()> {
        let failed = || format!("cannot write {}", self.0.display());
        let mut file = OpenOptions::new()
            .append(true)
            .open(&self.0)
            .with_context(failed)?;
        writeln!(file, "{}", serde_json::to_string(line)?).with_context(failed)
    }
}

impl Line {
    /// Of a run that has come so far.
    pub fn of(progress: &Progress, quality: Option<&Quality>) -> Self {
        Self {
            iteration: progress.iteration,
            loss_discriminator: progress.losses.discriminator,
            loss_generator: progress.losses.generator,
            quality: quality.copied(),
        }
    }
}

/// The whole lines of a run's log, none where there is no log yet.
///
/// # Errors
/// When the file cannot be read.
pub fn lines(folder: &Folder) -> Result<Vec<Line>> {
    let path = folder.metrics();
    let log = if path.exists() {
        read(&path)?
    } else {
        Vec::new()
    };
    Ok(parsed(&String::from_utf8_lossy(&log))
        .map(|(_, line)| line)
        .collect())
}

/// The text of whole lines up to and with an iteration.
fn lines_until(log: &[u8], iteration: u32) -> String {
    let log = String::from_utf8_lossy(log);
    let kept = parsed(&log).filter(|(_, line)| line.iteration <= iteration);
    kept.map(|(text, _)| format!("{text}\n")).collect()
}

fn parsed(log: &str) -> impl Iterator<Item = (&str, Line)> {
    log.lines()
        .filter_map(|text| Some((text, serde_json::from_str(text).ok()?)))
}
