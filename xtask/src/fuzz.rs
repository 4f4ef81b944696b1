//! `cargo xtask fuzz`: runs the fuzz targets in `fuzz/` with cargo-fuzz, and sums up what libFuzzer reports.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use thumbgan_emulator::process::{self, line, root};

use crate::setup;

/// Options of `cargo xtask fuzz`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Target to run, such as model; all targets if omitted
    target: Option<String>,
    /// Duration of each target's run
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Fuzz target.
struct Target {
    name: &'static str,
    /// Maximum length of an input in bytes.
    max_len: u32,
    /// True for targets of the trainer. They are built without AddressSanitizer: the trainer has no `unsafe` code, and burn
    /// would take twice as long to build.
    is_of_trainer: bool,
}

const fn target(name: &'static str, max_len: u32, is_of_trainer: bool) -> Target {
    Target {
        name,
        max_len,
        is_of_trainer,
    }
}

/// All targets, in the order in which they run.
const TARGETS: [Target; 9] = [
    target("model", 2048, false),
    target("architecture", 64, false),
    target("frames", 2048, false),
    target("board", 1024, false),
    target("idx", 1024, true),
    target("numpy", 2048, true),
    target("csv", 2048, true),
    target("state", 1024, true),
    target("settings", 512, true),
];

/// Maximum memory of a target in MiB. Inputs have a few KiB, and decompress to at most a thousand times as much.
const MAX_MEMORY: u32 = 1024;

/// What libFuzzer reports of a run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Summary {
    executions: String,
    /// Covered edges of the control flow.
    coverage: String,
    /// Covered pairs of edge and number of passes.
    features: String,
}

/// Runs one target or all of them and prints a line for each.
///
/// # Errors
/// If there is no such target, a tool is missing, or a target finds an input that violates its property.
pub fn fuzz(options: &Options) -> Result<()> {
    let is_chosen = |target: &&Target| {
        options
            .target
            .as_ref()
            .is_none_or(|name| name == target.name)
    };
    let chosen: Vec<_> = TARGETS.iter().filter(is_chosen).collect();
    ensure!(
        !chosen.is_empty(),
        "no fuzz target is called {:?}; the targets are: {}",
        options.target.as_deref().unwrap_or_default(),
        TARGETS.map(|target| target.name).join(", ")
    );
    let program = setup::cargo_fuzz()?;
    for target in chosen {
        let summary = target.run(&program, options.seconds)?;
        println!(
            "{}: {} executions in {} s, {} edges, {} features, no finding",
            target.name, summary.executions, options.seconds, summary.coverage, summary.features
        );
    }
    Ok(())
}

impl Target {
    /// Runs the target. New inputs are collected below cargo's target folder, not in the committed corpus.
    fn run(&self, program: &Path, seconds: u32) -> Result<Summary> {
        let work = process::target().join("fuzz").join(self.name);
        let [found, artifacts] = ["corpus", "artifacts"].map(|name| work.join(name));
        for folder in [&found, &artifacts] {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let mut command = Command::new("rustup");
        // cargo-fuzz would start the cargo that runs this program, which is not that of the nightly toolchain.
        command.current_dir(root()).env_remove("CARGO");
        command
            .args(["run", "nightly"])
            .arg(program)
            .args(["run", self.name]);
        command
            .arg("--target-dir")
            .arg(process::target().join("fuzz/build"));
        command
            .arg(&found)
            .arg(root().join("fuzz/corpus").join(self.name));
        if self.is_of_trainer {
            command.args(["--features", "trainer", "--sanitizer", "none"]);
        }
        command.args(["--", &format!("-max_total_time={seconds}")]);
        command.args([
            &format!("-max_len={}", self.max_len),
            &format!("-rss_limit_mb={MAX_MEMORY}"),
        ]);
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        if self.is_of_trainer {
            // Discards the trainer's warnings, and with them the message of a panic.
            command.arg("-close_fd_mask=2");
        }
        eprintln!("$ {}", line(&command));
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run rustup")?;
        let mut last = None;
        for line in
            BufReader::new(child.stderr.take().context("standard error is a pipe")?).split(b'\n')
        {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            eprintln!("{line}");
            last = summary(&line).or(last);
        }
        let status = child.wait()?;
        let Some(summary) = last.filter(|_| status.success()) else {
            bail!(
                "the fuzz target {0} failed ({status}); `cargo fuzz run {0} FILE` shows the message for the input in {1}",
                self.name,
                artifacts.display()
            );
        };
        Ok(summary)
    }
}

/// Returns the figures in a status line of libFuzzer, such as `#9 DONE   cov: 15 ft: 20 corp: 3/9b ...`.
fn summary(line: &str) -> Option<Summary> {
    let mut words = line.strip_prefix('#')?.split_whitespace();
    let executions = words.next()?.to_owned();
    let mut after = |name| {
        words.find(|word| *word == name)?;
        words.next().map(ToOwned::to_owned)
    };
    Some(Summary {
        executions,
        coverage: after("cov:")?,
        features: after("ft:")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines_are_read() {
        let line = "#748\tDONE   cov: 1695 ft: 5085 corp: 218/4056b lim: 24 exec/s: 24 rss: 350Mb";
        let expected = ["748", "1695", "5085"].map(ToOwned::to_owned);
        let [executions, coverage, features] = expected;
        assert_eq!(
            summary(line),
            Some(Summary {
                executions,
                coverage,
                features
            })
        );
        assert_eq!(summary("INFO: seed corpus: files: 5"), None);
    }
}
