//! Evaluation of datasets other than digits, with and without labels.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use assert_cmd::Command;
use common::{data, train_by, trainer, write_images, write_patterns};
use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::tempdir;
use thumbgan_core::Model;
use trainer::quality::{Origin, Report};

/// Words of the message that a feature extractor is being trained.
const TRAINING: &str = "training a feature extractor on 260 images of idx";

/// Returns `trainer evaluate` for a model and a dataset, with 500 images.
fn evaluate(model: &Path, data: &Path, cache: &Path) -> Command {
    let mut command = trainer();
    command.env("XDG_CACHE_HOME", cache);
    command.args([
        "evaluate",
        "--samples=500",
        "--noise-seeds=2",
        "--dataset=idx",
    ]);
    command.arg("--data").arg(data).arg("--model").arg(model);
    command
}

fn committed(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
}

#[test]
fn a_labeled_dataset_gets_a_feature_extractor_of_its_own() {
    let folder = tempdir().unwrap();
    let (images, cache) = (folder.path().join("images"), folder.path().join("cache"));
    fs::create_dir(&images).unwrap();
    write_patterns(&images);
    let run = folder.path().join("run");
    let mut command = train_by("digits-nano", &images, &run, 30);
    command
        .env("XDG_CACHE_HOME", &cache)
        .args(["--class-names=wide,tall,square", "--checkpoint-every=20"])
        .arg("--evaluate-every=20")
        .assert()
        .success()
        .stderr(contains(TRAINING))
        .stdout(
            contains("times the")
                .and(contains("of real images), conditional accuracy"))
                .and(contains(
                    "feature extractor: trained on this dataset (SHA-256 ",
                )),
        );
    let read = |name: &str| fs::read(run.join(name)).unwrap();
    let text = |name: &str| String::from_utf8(read(name)).unwrap();
    let evaluated: Vec<u64> = text("metrics.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|record| record["fid"].is_f64())
        .map(|record| record["iteration"].as_u64().unwrap())
        .collect();
    assert_eq!(evaluated, [20, 30]);
    let model = read("digits-nano.tgan");
    assert!(Model::parse(&model).unwrap().provenance().fid.is_some());
    assert!(text("digits-nano.md").contains("| feature extractor | trained on this dataset"));
    let page = text("report.html");
    let words = "Feature extractor of the evaluation: trained on this dataset";
    assert!(
        page.contains(words) && page.contains("square\n</text>"),
        "{page}"
    );
    assert_eq!(page.matches("<svg").count(), 3, "losses, FID and classes");

    // A resumed run uses the extractor in the cache.
    let metrics = read("metrics.jsonl");
    fs::remove_dir_all(run.join("checkpoints/00000030")).unwrap();
    fs::remove_file(run.join("digits-nano.tgan")).unwrap();
    let mut resume = trainer();
    resume.env("XDG_CACHE_HOME", &cache);
    resume
        .args(["train", "--resume"])
        .arg(&run)
        .assert()
        .success()
        .stderr(contains(TRAINING).not());
    assert!(read("digits-nano.tgan") == model && read("metrics.jsonl") == metrics);

    // So does an evaluation, also from another folder.
    let json = folder.path().join("figures.json");
    let card = run.join("digits-nano.md");
    evaluate(&run.join("digits-nano.tgan"), &images, &cache)
        .arg("--json")
        .arg(&json)
        .arg("--card")
        .assert()
        .success()
        .stderr(contains(TRAINING).not())
        .stdout(contains("divided by that of real images"));
    let report: Report = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    let (int8, real) = (&report.int8, &report.real);
    assert_eq!(report.feature_extractor.origin, Origin::Classes);
    assert!(report.feature_extractor.test_accuracy > 0.9, "{report}");
    assert_eq!(
        real.classes.accuracy,
        Some(report.feature_extractor.test_accuracy)
    );
    assert!(real.precision_recall.recall > 0.5, "{real:?}");
    assert_eq!(real.fid_test, vec![report.fid_floor]);
    let mean = int8.fid_test.iter().sum::<f64>() / 2.0;
    let multiple = report.fid_multiple.unwrap();
    assert!((multiple * report.fid_floor - mean).abs() < 1e-9 * mean && multiple > 2.0);
    assert_eq!(int8.classes.counts.len(), 3);
    assert_eq!(int8.classes.counts.iter().sum::<u64>(), 1_000);
    assert!(int8.classes.accuracy.is_some());
    let card = fs::read_to_string(card).unwrap();
    assert!(card.contains(&format!("```text\n{report}\n```")), "{card}");
}

#[test]
fn an_unlabeled_dataset_is_evaluated_with_rotations() {
    let folder = tempdir().unwrap();
    write_patterns(folder.path());
    let model = committed("seed.tgan");
    let report = |labeled: bool| {
        let mut command = evaluate(&model, folder.path(), &folder.path().join("cache"));
        if !labeled {
            command.arg("--unlabeled");
        }
        command
    };
    let output = report(false).assert().success();
    let output = output.stderr(contains(TRAINING)).stdout(
        contains("feature extractor: trained on rotations of this dataset's images, which have no classes")
            .and(contains("classes:").not()),
    );
    let table = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let row = |name: &str| {
        let line = table.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().collect::<Vec<_>>()
    };
    assert_eq!(row("conditional accuracy"), ["-", "-"]);
    assert_eq!(row("KL divergence of classes, nats"), ["-", "-"]);
    let json = report(false).args(["--json", "-"]).assert().success();
    let found: Report = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(found.feature_extractor.origin, Origin::Rotations);
    assert_eq!(found.int8.classes.accuracy, None);
    assert!(found.int8.classes.counts.is_empty());
    // Vertical and horizontal bars look alike after a rotation.
    let accuracy = found.feature_extractor.test_accuracy;
    assert!((0.25..1.0).contains(&accuracy), "{accuracy}");
    assert!(found.fid_multiple.unwrap() > 5.0, "{found}");
}

#[test]
fn results_against_another_dataset_do_not_replace_those_in_the_card() {
    let folder = tempdir().unwrap();
    write_patterns(folder.path());
    let [model, card] = ["seed.tgan", "seed.md"].map(|name| {
        let copy = folder.path().join(name);
        fs::copy(committed(name), &copy).unwrap();
        copy
    });
    let before = fs::read(&card).unwrap();
    let cache = folder.path().join("cache");
    let difference = "the model was trained on mnist (SHA-256 ba891046";
    let mut command = evaluate(&model, folder.path(), &cache);
    command.arg("--card").assert().code(1).stderr(
        contains(difference).and(contains("or --force to write the results into the card")),
    );
    assert!(fs::read(&card).unwrap() == before && !cache.exists());
    let mut command = evaluate(&model, folder.path(), &cache);
    command
        .args(["--card", "--force"])
        .assert()
        .success()
        .stderr(contains(format!("warning: {difference}")));
    let after = fs::read_to_string(&card).unwrap();
    assert!(after.contains("seed against idx: 500 images"), "{after}");
}

#[test]
fn datasets_that_are_too_small_are_errors_before_anything_is_trained() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let json = folder.path().join("figures.json");
    evaluate(
        &committed("seed.tgan"),
        folder.path(),
        &folder.path().join("cache"),
    )
    .arg("--json")
    .arg(&json)
    .assert()
    .code(1)
    .stderr(
        contains("the test set has 100 images; the evaluation needs at least 129")
            .and(contains("training a feature").not()),
    );
    assert!(!json.exists() && !folder.path().join("cache").exists());
}

#[test]
fn fashion_mnist_is_verified_and_has_class_names() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let sheet = folder.path().join("sheet.png");
    data("fashion-mnist", folder.path(), &sheet)
        .assert()
        .code(1)
        .stderr(contains("is not a file of Fashion-MNIST").and(contains("--dataset idx")));
    let package = "/usr/share/datasets/fashion-mnist";
    if !Path::new(package).is_dir() {
        println!("skipped: the package dataset-fashion-mnist is not installed");
        return;
    }
    // The environment's location is that of other datasets.
    let output = trainer()
        .env("THUMBGAN_DATA", folder.path())
        .args(["data", "--dataset=fashion-mnist", "--out"])
        .arg(&sheet)
        .assert()
        .success();
    output.stdout(
        contains("fashion-mnist: 60000 training images, 10000 test images")
            .and(contains("    6000    1000  T-shirt/top\n"))
            .and(contains("    6000    1000  Ankle boot\n"))
            .and(contains(
                "mean gray level 73 of 255, as of light drawings on a dark background",
            )),
    );
}
