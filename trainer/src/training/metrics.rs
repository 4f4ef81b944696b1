//! Log of a run: metrics.jsonl, one record per sample grid.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

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
    /// Opens the log of a run with `done` completed iterations. Later records and damaged lines are removed, with a
    /// warning; the log with them stays as metrics.N.jsonl.
    ///
    /// # Errors
    /// If the log cannot be read or written.
    pub fn new(folder: &Folder, done: u32) -> Result<Self> {
        let path = folder.metrics();
        let mut kept = String::new();
        if path.exists() {
            let log = read(&path)?;
            let text = String::from_utf8_lossy(&log);
            let (records, fault) = parse(&text, &path);
            let (before, after): (Vec<_>, Vec<_>) = records
                .into_iter()
                .partition(|(_, record)| record.iteration <= done);
            kept = before.iter().map(|(text, _)| format!("{text}\n")).collect();
            let is_cut = fault.is_some() || !after.is_empty();
            let backup = free_backup(folder);
            if is_cut {
                write_whole(&backup, &log)?;
            }
            let backup = backup.display();
            if let Some(fault) = fault {
                errln!(
                    "warning: {fault}; the run continues without the damaged lines, and the previous log is {backup}"
                );
            }
            if !after.is_empty() {
                errln!(
                    "the log has records after iteration {done}, which are measured again; the previous log is {backup}"
                );
            }
        } else if done > 0 {
            errln!(
                "warning: {} is missing; the run continues without the records up to iteration {done}",
                path.display()
            );
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
    Ok(lines_and_fault(folder)?.0)
}

/// Reads the complete records of a run's log, and describes its first damaged line, or that it is missing or empty
/// although the run has results. A last line that is cut is not damaged: a process may be writing it.
///
/// # Errors
/// If the file cannot be read.
pub fn lines_and_fault(folder: &Folder) -> Result<(Vec<Record>, Option<String>)> {
    let path = folder.metrics();
    if !path.exists() {
        let fault = folder
            .result()?
            .map(|result| format!("{} is missing, although {result} exists", path.display()));
        return Ok((Vec::new(), fault));
    }
    let log = read(&path)?;
    let text = String::from_utf8_lossy(&log);
    let (records, mut fault) = parse(&text, &path);
    if records.is_empty() && fault.is_none() {
        // A checkpoint may precede the first record, a model does not.
        fault = folder
            .any_model()
            .map(|model| format!("{} is empty, although {model} exists", path.display()));
    }
    let records = records.into_iter().map(|(_, record)| record).collect();
    Ok((records, fault))
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

/// Parses the contents of the log at `path`: its records with their lines, and the description of the first damaged line.
/// A last line that is cut is neither: the process was killed while it wrote, or it still writes.
fn parse<'a>(log: &'a str, path: &Path) -> (Vec<(&'a str, Record)>, Option<String>) {
    let (mut records, mut fault) = (Vec::new(), None);
    for (place, line) in log.split_inclusive('\n').enumerate() {
        let text = line.trim_end_matches(['\r', '\n']);
        match serde_json::from_str(text) {
            Ok(record) => records.push((text, record)),
            Err(error) if error.is_eof() && !line.ends_with('\n') => {}
            Err(error) => {
                // Its own position counts the lines of the record.
                let cause = error.to_string();
                let cause = cause.split(" at line ").next().unwrap_or(&cause);
                let (number, column) = (place + 1, error.column());
                fault.get_or_insert_with(|| {
                    format!(
                        "{}, line {number}, is not a record of a run (column {column}: {cause})",
                        path.display()
                    )
                });
            }
        }
    }
    (records, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_last_line_is_silent_and_damaged_lines_are_named() {
        let record = |iteration: u32| {
            format!(
                "{{\"iteration\":{iteration},\"loss_discriminator\":1.0,\"loss_generator\":2.0}}"
            )
        };
        let [one, two] = [record(250), record(500)];
        for (log, count, fault) in [
            (String::new(), 0, None),
            (format!("{one}\n{two}\n"), 2, None),
            (format!("{one}\r\n{two}"), 2, None),
            (format!("{one}\n{}", &two[..20]), 1, None),
            (format!("{one}\n{}\n", &two[..20]), 1, Some("log, line 2,")),
            (format!("{one}\n\0\0"), 1, Some("log, line 2,")),
            (
                format!("garbage\n{two}\n\n"),
                1,
                Some("log, line 1, is not a record of a run (column 1: expected value)"),
            ),
        ] {
            let (records, found) = parse(&log, Path::new("log"));
            assert_eq!(records.len(), count, "{log}");
            assert_eq!(found.is_some(), fault.is_some(), "{log}: {found:?}");
            assert!(
                found.is_none_or(|found| found.starts_with(fault.unwrap_or_default())),
                "{log}"
            );
        }
    }
}
