//! `evaluate` on a committed model, and on datasets that it does not support.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use assert_cmd::Command;
use common::{trainer, write_images};
use predicates::str::contains;
use tempfile::tempdir;
use trainer::quality::{Memorization, Report};

/// Returns `trainer evaluate` for the seed model, with its cache in the target folder.
fn evaluate(data: &Path, dataset: &str, json: &Path) -> Command {
    let mut command = trainer();
    command.env(
        "XDG_CACHE_HOME",
        concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
    );
    command
        .args([
            "evaluate",
            "--samples",
            "500",
            "--noise-seeds",
            "1",
            "--dataset",
            dataset,
            "--data",
        ])
        .arg(data);
    command.args([
        "--model",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../models/seed.tgan"),
    ]);
    command.arg("--json").arg(json);
    command
}

#[test]
fn the_seed_model_is_evaluated_as_collapsed() {
    let Some(data) = std::env::var_os("THUMBGAN_DATA") else {
        println!("skipped: THUMBGAN_DATA names no folder with MNIST");
        return;
    };
    let folder = tempdir().unwrap();
    let json = folder.path().join("figures.json");
    let output = evaluate(Path::new(&data), "mnist", &json)
        .assert()
        .success();
    output
        .stdout(contains("FID against the test set"))
        .stdout(contains("no memorization"));
    let report: Report = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    let (int8, real) = (&report.int8, &report.real);
    assert!(
        real.fid_test[0] < 3.0 && real.precision_recall.recall > 0.8,
        "{real:?}"
    );
    assert!(
        int8.fid_test[0] > 50.0 * real.fid_test[0],
        "{:?}",
        int8.fid_test
    );
    assert!(
        int8.precision_recall.recall < real.precision_recall.recall,
        "{:?}",
        int8.precision_recall
    );
    assert!(
        int8.classes.divergence > 0.2,
        "it draws few kinds of digits: {:?}",
        int8.classes
    );
    assert_eq!(
        (
            int8.classes.counts.iter().sum::<u64>(),
            int8.classes.accuracy
        ),
        (500, None)
    );
    assert_eq!(
        (report.model.as_str(), report.verdict),
        ("seed", Memorization::Own)
    );
    // Standard output then holds the JSON alone.
    let output = evaluate(Path::new(&data), "mnist", Path::new("-"))
        .assert()
        .success();
    assert_eq!(
        output.get_output().stdout,
        [&fs::read(&json).unwrap()[..], b"\n"].concat()
    );
}

#[test]
fn evaluation_against_other_datasets_is_an_error() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let json = folder.path().join("figures.json");
    let output = evaluate(folder.path(), "idx", &json).assert().failure();
    output.stderr(contains("knows digits only"));
    assert!(!json.exists());
}
