//! Counts that were accepted: data in docs/, and tables of some in docs/performance.md.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{files::Pending, guide::with, shell};

/// Counts of one compiler.
#[derive(Debug, Serialize, Deserialize)]
pub struct Accepted<R> {
    /// The compiler that the counts are of: another one makes other instructions.
    pub rustc: String,
    /// The counts.
    pub rows: Vec<R>,
}

impl<R: Serialize + DeserializeOwned> Accepted<R> {
    /// Counts of the compiler in use.
    ///
    /// # Errors
    /// When it does not run.
    pub fn new(rows: Vec<R>) -> Result<Self> {
        Ok(Self {
            rustc: rustc()?,
            rows,
        })
    }

    /// The counts of `docs/<file>`.
    ///
    /// # Errors
    /// When it cannot be read or is damaged; `bless` is the command that writes it.
    pub fn read(file: &str, bless: &str) -> Result<Self> {
        let path = docs(file);
        let text = fs::read(&path)
            .with_context(|| format!("cannot read {}; `{bless}` writes it", path.display()))?;
        serde_json::from_slice(&text)
            .with_context(|| format!("{} is damaged; `{bless}` writes it anew", path.display()))
    }

    /// The counts of `docs/<file>` to compare with; none, and a word about it, when they are not of the compiler in use.
    ///
    /// # Errors
    /// As [`Self::read`], or when the compiler does not run.
    pub fn comparable(file: &str, bless: &str) -> Result<Option<Self>> {
        let (known, rustc) = (Self::read(file, bless)?, rustc()?);
        if known.rustc == rustc {
            return Ok(Some(known));
        }
        eprintln!(
            "not compared: what was accepted is of {}, this of {rustc}",
            known.rustc
        );
        Ok(None)
    }

    /// Writes the counts to `docs/<file>`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, file: &str) -> Result<()> {
        let text = format!("{}\n", serde_json::to_string_pretty(self)?);
        Pending::new(&docs(file))?.finish(text.as_bytes())
    }

    /// Writes the counts to `docs/<file>`, and `table` to docs/performance.md between the marks `name`.
    ///
    /// # Errors
    /// When one of the files cannot be written, or the document lacks the marks.
    pub fn write(&self, file: &str, name: &str, table: &str) -> Result<()> {
        let document = with(&document()?, name, table)?;
        self.save(file)?;
        Pending::new(&docs(DOCUMENT))?.finish(document.as_bytes())
    }
}

/// The compiler in use.
fn rustc() -> Result<String> {
    let output = Command::new("rustc")
        .arg("--version")
        .output()
        .context("rustc does not run")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where the counts are shown.
const DOCUMENT: &str = "performance.md";

/// docs/performance.md.
///
/// # Errors
/// When it cannot be read.
pub fn document() -> Result<String> {
    let path = docs(DOCUMENT);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

fn docs(file: &str) -> PathBuf {
    shell::root().join("docs").join(file)
}
