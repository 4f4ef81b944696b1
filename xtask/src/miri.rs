//! Tests of the core under miri, several at a time: miri itself uses one CPU.

use std::{
    num::NonZeroUsize,
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Result, anyhow, ensure};
use serde_json::Value;
use thumbgan_emulator::process::{cargo, output, root, run};

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

/// Returns the names of the test programs, as cargo finds them.
fn targets() -> Result<Vec<String>> {
    let mut command = cargo(root());
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&output(&mut command)?)?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]).into_iter();
    let names: Vec<_> = packages
        .filter(|package| package["name"] == PACKAGE)
        .flat_map(|package| list(&package["targets"]))
        .filter(|target| list(&target["kind"]).contains(&"test".into()))
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect();
    ensure!(
        !names.is_empty(),
        "cargo metadata lists no tests of {PACKAGE}"
    );
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
