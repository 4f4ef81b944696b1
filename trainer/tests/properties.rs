//! Properties of the fuzz targets of the trainer, on stable Rust.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/properties.rs"]
mod properties;

use std::{
    env,
    process::{Command, Stdio},
};

use properties::Folder;
use proptest::test_runner::TestRunner;
use thumbgan_core_conformance::corpus::{changed, config};

/// Environment variable of a process that checks a property.
const CHECKS: &str = "THUMBGAN_CHECKS";

/// Checks a property for changed copies of a corpus, in a process of its own: the trainer warns of thousands of files on standard
/// error, which is discarded.
fn check(test: &str, corpus: &str, cases: u32, property: fn(&Folder, &[u8])) {
    if env::var_os(CHECKS).is_none() {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", test]).env(CHECKS, "1");
        let output = command.stderr(Stdio::null()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
        return;
    }
    let folder = Folder::new();
    let result = TestRunner::new(config(cases)).run(&changed(corpus), |bytes| {
        property(&folder, &bytes);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn changed_idx_files_are_handled() {
    check(
        "changed_idx_files_are_handled",
        "idx",
        1_000,
        Folder::check_idx,
    );
}

#[test]
fn changed_numpy_files_are_handled() {
    check(
        "changed_numpy_files_are_handled",
        "numpy",
        2_000,
        Folder::check_numpy,
    );
}

#[test]
fn changed_tables_are_handled() {
    check(
        "changed_tables_are_handled",
        "csv",
        1_000,
        Folder::check_csv,
    );
}

#[test]
fn changed_states_are_handled() {
    check(
        "changed_states_are_handled",
        "state",
        1_000,
        Folder::check_state,
    );
}

#[test]
fn changed_settings_are_handled() {
    check(
        "changed_settings_are_handled",
        "settings",
        1_000,
        Folder::check_settings,
    );
}
