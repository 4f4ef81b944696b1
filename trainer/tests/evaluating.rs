//! `evaluate` on a committed model and MNIST.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use assert_cmd::Command;
use common::trainer;
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;
use trainer::quality::{Memorization, Origin, Report};

/// Returns `trainer evaluate` for the seed model.
fn evaluate(data: &Path, dataset: &str, json: &Path) -> Command {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/seed.tgan");
    evaluate_model(&model, data, dataset, json)
}

/// Returns `trainer evaluate` with its cache in the target folder.
fn evaluate_model(model: &Path, data: &Path, dataset: &str, json: &Path) -> Command {
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
    command.arg("--model").arg(model).arg("--json").arg(json);
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
    assert_eq!(report.feature_extractor.origin, Origin::BuiltIn);
    assert!(report.feature_extractor.test_accuracy > 0.993);
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
        int8.classes.divergence > Some(0.2),
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
    // Results replace those of an earlier evaluation, and nothing else.
    for name in ["seed.tgan", "seed.md"] {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
        fs::copy(models.join(name), folder.path().join(name)).unwrap();
    }
    let card = folder.path().join("seed.md");
    let before = fs::read_to_string(&card).unwrap() + "\nMy note.\n";
    fs::write(&card, &before).unwrap();
    let model = folder.path().join("seed.tgan");
    let mut command = evaluate_model(&model, Path::new(&data), "mnist", &json);
    command.arg("--card").assert().success();
    let after = fs::read_to_string(&card).unwrap();
    let (start, _) = before.split_once("```text\n").unwrap();
    assert!(
        after.starts_with(&format!(
            "{start}```text\nseed against mnist: 500 images for each of 1 noise seed\n"
        )),
        "{after}"
    );
    assert!(after.ends_with("```\n\nMy note.\n"), "{after}");
    assert_eq!(after.matches("## Evaluation").count(), 1);
    // Without --dataset the images are compared with those that the model was trained on.
    let mut command = trainer();
    command.args(["evaluate", "--samples=500", "--noise-seeds=1", "--model"]);
    let output = command.arg(&model).env("THUMBGAN_DATA", &data).assert();
    output
        .success()
        .stdout(contains("seed against mnist"))
        .stderr(contains("warning").not());
    // Standard output then holds the JSON alone.
    let output = evaluate(Path::new(&data), "mnist", Path::new("-"))
        .assert()
        .success();
    assert_eq!(
        output.get_output().stdout,
        [&fs::read(&json).unwrap()[..], b"\n"].concat()
    );
}
