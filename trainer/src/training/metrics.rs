//! Log of a run: metrics.jsonl, one record per sample grid.

use std::{fs::OpenOptions, io::Write, path::PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{checkpoint::Progress, evaluator::Quality, folder::Folder};
use crate::files::{cannot, read, write_whole};

/// Record of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Number of completed iterations.
    pub iteration: u32,
    /// Discriminator loss of the last iteration.
    pub loss_discriminator: f32,
    /// Generator loss of the last iteration.
    pub loss_generator: f32,
    /// Result of the evaluation, if there was one.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
}

/// Writer of the log.
#[derive(Debug)]
pub struct Log(PathBuf);

impl Log {
    /// Opens the log of a run with `done` completed iterations. Later records are removed; the log with them stays as
    /// metrics.N.jsonl.
    ///
    /// # Errors
    /// If the log cannot be read or written.
    pub fn new(folder: &Folder, done: u32) -> Result<Self> {
        let path = folder.metrics();
        let mut kept = String::new();
        if path.exists() {
            let log = read(&path)?;
            kept = lines_until(&log, done);
            // The last line is cut if the process was killed while it wrote.
            let complete = log
                .iter()
                .rposition(|&byte| byte == b'\n')
                .map_or(0, |end| end + 1);
            if log[..complete] != *kept.as_bytes() {
                let backup = free_backup(folder);
                write_whole(&backup, &log)?;
                errln!(
                    "the log has records after iteration {done}, which are measured again; the previous log is {}",
                    backup.display()
                );
            }
        }
        write_whole(&path, kept.as_bytes())?;
        Ok(Self(path))
    }

    /// Appends a record durably, because a checkpoint of the same iteration may follow.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&self, line: &Record) -> Result<()> {
        let record = format!("{}\n", serde_json::to_string(line)?);
        OpenOptions::new()
            .append(true)
            .open(&self.0)
            .and_then(|mut file| {
                file.write_all(record.as_bytes())?;
                file.sync_data()
            })
            .map_err(|error| cannot("write", &self.0, &error))
    }
}

impl Record {
    /// Creates the record of the current progress.
    pub fn of(progress: &Progress, quality: Option<&Quality>) -> Self {
        Self {
            iteration: progress.iteration,
            loss_discriminator: progress.losses.discriminator,
            loss_generator: progress.losses.generator,
            quality: quality.cloned(),
        }
    }
}

/// Reads the complete records of a run's log; none if there is no log.
///
/// # Errors
/// If the file cannot be read.
pub fn lines(folder: &Folder) -> Result<Vec<Record>> {
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

/// Returns the first of metrics.1.jsonl, metrics.2.jsonl and so on that does not exist.
fn free_backup(folder: &Folder) -> PathBuf {
    let mut number = 1;
    loop {
        let path = folder.file(&format!("metrics.{number}.jsonl"));
        if path.symlink_metadata().is_err() {
            return path;
        }
        number += 1;
    }
}

/// Returns the complete records up to and including an iteration.
fn lines_until(log: &[u8], iteration: u32) -> String {
    let log = String::from_utf8_lossy(log);
    let kept = parsed(&log).filter(|(_, line)| line.iteration <= iteration);
    kept.map(|(text, _)| format!("{text}\n")).collect()
}

fn parsed(log: &str) -> impl Iterator<Item = (&str, Record)> {
    log.lines()
        .filter_map(|text| Some((text, serde_json::from_str(text).ok()?)))
}
