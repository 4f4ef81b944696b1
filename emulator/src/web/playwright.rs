//! Playwright, which runs the page's tests in the system's browser.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use super::build::{dist, folder, node};
use crate::browser;

/// Set of browser tests: a project of `web/playwright.config.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Project {
    /// Tests of behavior.
    Tests,
    /// Benchmarks.
    Measurements,
}

impl Project {
    const fn name(self) -> &'static str {
        match self {
            Self::Tests => "tests",
            Self::Measurements => "measurements",
        }
    }
}

/// Returns the command that runs tests of the page at `address`. `results` is the folder of expected values and results.
///
/// # Errors
/// If no browser is installed.
pub fn playwright(project: Project, address: &str, results: &Path) -> Result<Command> {
    let browser = browser::path()
        .context("Chromium and Chrome are not installed: run `cargo xtask setup`")?;
    let mut command = node(&folder());
    command.args(["node_modules/@playwright/test/cli.js", "test", "--project"]);
    command.arg(project.name());
    command
        .env("THUMBGAN_PAGE", address)
        .env("THUMBGAN_STANDALONE_PAGE", dist().join("thumbgan.html"))
        .env("THUMBGAN_CHROMIUM", browser)
        .env("THUMBGAN_TEST_FOLDER", results);
    Ok(command)
}
