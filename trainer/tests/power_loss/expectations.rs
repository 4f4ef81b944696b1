//! What a loss of power must leave of a run, checked without a process.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    common::small_run::{CHECKPOINT_EVERY, Files, NAME, remove_times, results},
    disk::State,
    strace::{self, Operation},
};

/// Folder of the run.
const RUN: &str = "run";

/// Files of the undisturbed run, and what it relied on after each operation.
pub struct Expectations {
    complete: Files,
    /// Newest checkpoint on which the run relied after an operation, if any.
    relied: Vec<Option<u32>>,
    /// Index of the operation that announced the end of the run.
    announced: usize,
}

impl Expectations {
    /// Derives the expectations from the recorded operations and the files of the complete run.
    pub fn new(operations: &[Operation], root: &Path) -> Self {
        let (mut published, mut newest) = (None, None);
        let mut relied = Vec::new();
        for operation in operations {
            match operation {
                Operation::Rename(_, to) if checkpoint(to).is_some() => published = checkpoint(to),
                Operation::Open(..) | Operation::SyncFolder(_) | Operation::SyncFile(_) => {}
                // Whatever follows the checkpoint relies on it.
                _ => newest = published,
            }
            relied.push(newest);
        }
        let prefix = |(path, content)| (format!("{RUN}/{path}"), content);
        Self {
            complete: results(&root.join(RUN)).into_iter().map(prefix).collect(),
            relied,
            announced: strace::announcement(operations, "CRC-32"),
        }
    }

    /// Checks that the state after the operation `index` can be resumed and its files are complete.
    pub fn check(&self, index: usize, state: &State, context: &str) -> Result<()> {
        let mut files = state.files();
        remove_times(&mut files);
        let has = |name: &str| state.0.contains_key(&format!("{RUN}/{name}"));
        for (path, content) in &files {
            let name = path.rsplit('/').next().unwrap();
            let is_log = name.starts_with("metrics.");
            if name.starts_with('.') || path.contains("/checkpoints/") || is_log {
                continue;
            }
            let is_complete = self.complete.get(path) == Some(content);
            ensure!(is_complete, "{context}: {path} is incomplete");
        }
        let names: Vec<u32> = state.0.keys().filter_map(|path| checkpoint(path)).collect();
        let newest = names
            .iter()
            .copied()
            .filter(|number| is_valid(&files, *number))
            .max();
        ensure!(
            newest >= self.relied[index],
            "{context}: checkpoint {newest:?} instead of {:?}",
            self.relied[index]
        );
        let log = format!("{RUN}/metrics.jsonl");
        let logged = files.get(&log).cloned().unwrap_or_default();
        if let Some(newest) = newest {
            ensure!(has("config.json"), "{context}: a checkpoint without a run");
            let complete = String::from_utf8_lossy(&self.complete[&log]);
            let until = complete.lines().filter(|line| iteration(line) <= newest);
            let until: String = until.map(|line| format!("{line}\n")).collect();
            ensure!(
                logged.starts_with(until.as_bytes()),
                "{context}: the log lacks records until {newest}"
            );
        } else if has("config.json") {
            ensure!(names.is_empty(), "{context}: no valid checkpoint");
            ensure!(has("checkpoints"), "{context}: no folder of checkpoints");
            ensure!(
                !has(&format!("{NAME}.tgan")),
                "{context}: a model without a checkpoint"
            );
            let logged = String::from_utf8_lossy(&logged);
            let last = logged
                .lines()
                .map(iteration)
                .filter(|number| *number < u32::MAX)
                .max();
            ensure!(
                last.is_none_or(|last| last <= CHECKPOINT_EVERY),
                "{context}: log until {last:?}"
            );
        }
        if index >= self.announced {
            for (path, content) in &self.complete {
                let found = files.get(path);
                let is_checkpoint = path.contains("/checkpoints/");
                let is_there = found.is_some_and(|found| is_checkpoint || found == content);
                ensure!(is_there, "{context}: {path} was announced");
            }
        }
        Ok(())
    }
}

/// Returns the number of the checkpoint with this path.
fn checkpoint(path: &str) -> Option<u32> {
    path.strip_prefix(&format!("{RUN}/checkpoints/"))?
        .parse()
        .ok()
}

/// Returns the iteration of a record; the maximum if the line is damaged.
fn iteration(line: &str) -> u32 {
    let record: Value = serde_json::from_str(line).unwrap_or_default();
    record["iteration"]
        .as_u64()
        .map_or(u32::MAX, |number| number as u32)
}

/// Returns true if all files of a checkpoint are there and have their hashes.
fn is_valid(files: &Files, number: u32) -> bool {
    let read = |name: &str| files.get(&format!("{RUN}/checkpoints/{number:08}/{name}"));
    let (Some(state), Some(expected)) = (read("state.json"), read("state.sha256")) else {
        return false;
    };
    let Ok(parsed) = serde_json::from_slice::<Value>(state) else {
        return false;
    };
    let is_hash = |content: &[u8], expected: &str| hash(content) == expected;
    is_hash(state, &String::from_utf8_lossy(expected))
        && parsed["files"]
            .as_object()
            .unwrap()
            .iter()
            .all(|(name, expected)| {
                read(name).is_some_and(|content| is_hash(content, expected.as_str().unwrap()))
            })
}

fn hash(content: &[u8]) -> String {
    Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
