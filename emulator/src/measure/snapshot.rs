//! Snapshots of instruction counts: data in `docs/*.json`, tables in `docs/performance.md`.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::tables::replace_section;
use crate::{files::AtomicFile, process};

/// Difference between a count or size and its snapshot that is tolerated, as a share.
pub const TOLERANCE: f64 = 0.02;

/// Document that shows the counts.
const DOCUMENT: &str = "performance.md";

/// Counts of the instructions that one compiler generated.
#[derive(Debug, Serialize, Deserialize)]
pub struct Snapshot<R> {
    /// Version of the compiler.
    pub rustc: String,
    /// The counts.
    pub rows: Vec<R>,
}

/// A snapshot's file in `docs/` and the command that writes it.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotFile {
    /// Name of the file.
    pub name: &'static str,
    /// Command that writes the file.
    pub command: &'static str,
}

impl SnapshotFile {
    /// Reads the snapshot.
    ///
    /// # Errors
    /// If the file cannot be read or parsed.
    pub fn read<R: DeserializeOwned>(&self) -> Result<Snapshot<R>> {
        let path = docs(self.name);
        let text = fs::read(&path).with_context(|| {
            format!(
                "cannot read {}; `{}` writes it",
                path.display(),
                self.command
            )
        })?;
        serde_json::from_slice(&text).with_context(|| {
            format!(
                "{} is invalid; `{}` writes it",
                path.display(),
                self.command
            )
        })
    }

    /// Reads the snapshot to compare counts with. Returns `None`, after a message on standard error, if the snapshot is
    /// of another compiler than the one in use.
    ///
    /// # Errors
    /// If the file cannot be read or parsed, or rustc does not run.
    pub fn read_comparable<R: DeserializeOwned>(&self) -> Result<Option<Snapshot<R>>> {
        let (snapshot, rustc) = (self.read()?, rustc()?);
        if snapshot.rustc == rustc {
            return Ok(Some(snapshot));
        }
        eprintln!(
            "not compared: docs/{} is a snapshot of {}, the compiler in use is {rustc}",
            self.name, snapshot.rustc
        );
        Ok(None)
    }
}

impl<R: Serialize> Snapshot<R> {
    /// Returns a snapshot of counts of the compiler in use.
    ///
    /// # Errors
    /// If rustc does not run.
    pub fn new(rows: Vec<R>) -> Result<Self> {
        Ok(Self {
            rustc: rustc()?,
            rows,
        })
    }

    /// Writes the snapshot to `file`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, file: SnapshotFile) -> Result<()> {
        let text = format!("{}\n", serde_json::to_string_pretty(self)?);
        AtomicFile::new(&docs(file.name))?.write(text.as_bytes())?;
        eprintln!("wrote docs/{}", file.name);
        Ok(())
    }

    /// Writes the snapshot to `file`, and `table` to the section `section` of docs/performance.md.
    ///
    /// # Errors
    /// If one of the files cannot be written, or the document lacks the section.
    pub fn write_with_table(&self, file: SnapshotFile, section: &str, table: &str) -> Result<()> {
        let document = replace_section(&document()?, section, table)?;
        self.write(file)?;
        AtomicFile::new(&docs(DOCUMENT))?.write(document.as_bytes())?;
        eprintln!("wrote docs/{DOCUMENT} ({section})");
        Ok(())
    }
}

/// Returns the version of the compiler in use.
fn rustc() -> Result<String> {
    let version = process::output(Command::new("rustc").arg("--version"))?;
    Ok(version.trim().to_owned())
}

/// Reads docs/performance.md.
///
/// # Errors
/// If the file cannot be read.
fn document() -> Result<String> {
    let path = docs(DOCUMENT);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Checks that docs/performance.md shows a snapshot, formatted by `markdown`.
///
/// # Panics
/// If a file cannot be read or the document is outdated.
#[cfg(test)]
pub fn assert_shown<R: DeserializeOwned>(
    file: SnapshotFile,
    section: &str,
    markdown: impl FnOnce(&Snapshot<R>) -> Result<String>,
) {
    let expected = markdown(&file.read().unwrap()).unwrap();
    let text = document().unwrap();
    assert!(
        super::tables::section(&text, section).unwrap() == expected,
        "docs/{DOCUMENT} is outdated: run `{}`",
        file.command
    );
}

/// Returns the path of a file in `docs/`.
pub fn docs(name: &str) -> PathBuf {
    process::root().join("docs").join(name)
}
