//! Properties of the fuzz targets of the trainer, on stable Rust.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/properties.rs"]
mod properties;

use properties::Folder;
use proptest::prelude::*;
use thumbgan_core_conformance::corpus::{changed, config};

/// Checks a property for changed copies of a corpus.
fn check(corpus: &str, cases: u32, property: fn(&Folder, &[u8])) {
    let folder = Folder::new();
    let mut runner = proptest::test_runner::TestRunner::new(config(cases));
    runner
        .run(&changed(corpus), |bytes| {
            property(&folder, &bytes);
            Ok(())
        })
        .unwrap();
}

#[test]
fn changed_idx_files_are_handled() {
    check("idx", 1_000, Folder::check_idx);
}

#[test]
fn changed_numpy_files_are_handled() {
    check("numpy", 1_500, Folder::check_numpy);
}

#[test]
fn changed_tables_are_handled() {
    check("csv", 1_000, Folder::check_csv);
}

#[test]
fn changed_states_are_handled() {
    check("state", 1_000, Folder::check_state);
}

#[test]
fn changed_settings_are_handled() {
    check("settings", 1_000, Folder::check_settings);
}
