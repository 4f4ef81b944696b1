//! The program that runs rp2040js, driven over pipes: a command in JSON a line, an answer a line.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Write},
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::runner_folder;
use crate::process::ChildGuard;

/// Counters of the board, and what it has sent since the last status.
#[derive(Debug, Deserialize)]
pub struct Status {
    pub nanos: f64,
    pub instructions: u64,
    pub asleep: f64,
    /// Reason why the board does not run any more.
    pub stopped: Option<String>,
    /// Resets by the watchdog.
    pub resets: u64,
    pub writes: u64,
    pub bytes: u64,
    /// Bytes that the display had received when the log grew.
    pub logged_bytes: u64,
    pub configured: bool,
    pub log: String,
    pub serial: String,
}

/// The running program, which ends when this value is dropped.
#[derive(Debug)]
pub struct Runner {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _process: ChildGuard,
}

impl Runner {
    /// Starts the program.
    ///
    /// # Errors
    /// If rp2040js is not installed or Node does not run.
    pub fn start() -> Result<Self> {
        let folder = runner_folder();
        ensure!(
            folder.join("node_modules").is_dir(),
            "rp2040js is not installed: run `cargo xtask setup`"
        );
        let mut command = Command::new("node");
        command
            .arg(folder.join("src").join("main.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = ChildGuard::spawn(&mut command)?;
        let pipes = process.0.stdin.take().zip(process.0.stdout.take());
        let (input, output) = pipes.context("the emulator's input and output were not piped")?;
        Ok(Self {
            input,
            output: BufReader::new(output),
            _process: process,
        })
    }

    /// Executes a command and returns its answer.
    ///
    /// # Errors
    /// If the program has ended; its messages are on standard error.
    pub fn command<T: DeserializeOwned>(&mut self, name: &str, argument: &Value) -> Result<T> {
        let command = Map::from_iter([(name.to_owned(), argument.clone())]);
        let mut line = serde_json::to_string(&command)?;
        line.push('\n');
        self.input
            .write_all(line.as_bytes())
            .context("the emulator of the Pico has ended")?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        ensure!(
            !answer.is_empty(),
            "the emulator of the Pico has ended: its messages are above"
        );
        serde_json::from_str(&answer)
            .with_context(|| format!("unexpected answer to {name:?}: {answer:?}"))
    }
}

/// Returns bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Returns the bytes of a text in hexadecimal.
///
/// # Errors
/// If the text is not hexadecimal.
pub fn bytes(hex: &str) -> Result<Vec<u8>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    ensure!(rest.is_empty(), "an odd number of hexadecimal digits");
    let byte = |pair: &[u8; 2]| Ok(u8::from_str_radix(str::from_utf8(pair)?, 16)?);
    pairs.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_hexadecimal() {
        let all: Vec<_> = (0..=255).collect();
        assert_eq!(bytes(&hex(&all)).unwrap(), all);
        assert!(bytes("0").is_err() && bytes("0g").is_err());
    }
}
