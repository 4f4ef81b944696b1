//! Tests of the core under miri, several at a time: miri itself uses one CPU.

use std::{
    fs,
    num::NonZeroUsize,
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Context, Result, anyhow};
use thumbgan_emulator::process::{output, root, run};

use crate::setup;

/// Package with the tests.
const PACKAGE: &str = "thumbgan-core-conformance";
/// Number of cases of property tests under miri, which is a hundred times slower.
const CASES: &str = "2";

/// Runs the tests and prints their output one after the other.
///
/// # Errors
/// If a test fails or cannot be built.
pub fn test() -> Result<()> {
    if !setup::has_nightly()? {
        println!("skipped: miri needs a nightly toolchain (`rustup toolchain install nightly`)");
        return Ok(());
    }
    run(&mut command(&["--tests", "--no-run"]))?;
    let queue = Mutex::new(targets()?.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || -> Result<()> {
        while let Some(target) = next() {
            let result = output(&mut command(&["--test", &target]))?;
            println!("{target} under miri:\n{result}");
        }
        Ok(())
    };
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            let joined = worker.join();
            joined.unwrap_or_else(|_| Err(anyhow!("a thread of the miri tests panicked")))
        })
    })
}

/// Returns the names of the test programs.
fn targets() -> Result<Vec<String>> {
    let folder = root().join("core/conformance/tests");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "rs") {
            names.extend(
                path.file_stem()
                    .map(|name| name.to_string_lossy().into_owned()),
            );
        }
    }
    names.sort();
    Ok(names)
}

/// Returns the command that runs tests under miri.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command
        .current_dir(root())
        .args(["run", "nightly", "cargo", "miri", "test", "-p", PACKAGE])
        .args(arguments)
        .env("PROPTEST_CASES", CASES)
        .env("MIRIFLAGS", "-Zmiri-disable-isolation");
    command
}
