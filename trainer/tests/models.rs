//! `sample` and `inspect` on valid and invalid model files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::PathBuf};

use common::{array, trainer};
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;
use thumbgan_core::{Generator, Model, model::encode};

fn seed_model() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models/seed.tgan")
}

#[test]
fn samples_equal_the_pixels_of_core() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("x.npy");
    let mut command = trainer();
    command
        .args(["sample", "--count", "5", "--seed", "40", "--model"])
        .arg(seed_model());
    command.arg("--out").arg(&out).assert().success();
    let (shape, pixels) = array(&fs::read(&out).unwrap());
    assert_eq!(shape, [5, 28, 28]);
    let bytes = fs::read(seed_model()).unwrap();
    let model = Model::parse(&bytes).unwrap();
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch).unwrap();
    for (seed, found) in (40..).zip(pixels.chunks_exact(784)) {
        assert_eq!(
            generator.generate(None, seed).unwrap().pixels()[..],
            *found,
            "seed {seed}"
        );
    }
    assert!(
        !folder.path().join("x-labels.npy").exists(),
        "the model has no classes"
    );
}

#[test]
fn a_model_is_described() {
    let output = trainer()
        .arg("inspect")
        .arg(seed_model())
        .assert()
        .success();
    output.stdout(
        contains("mnist")
            .and(contains("100000 iterations"))
            .and(contains("dense 128 -> 784")),
    );
}

#[test]
fn invalid_models_are_errors_that_name_the_file_and_write_nothing() {
    let folder = tempdir().unwrap();
    let good = fs::read(seed_model()).unwrap();
    let flipped = {
        let mut bytes = good.clone();
        bytes[50_000] ^= 16;
        bytes
    };
    let newer = {
        let mut bytes = good.clone();
        bytes[4] = 4;
        bytes
    };
    let cut = good[..good.len() - 7].to_vec();
    let cases = [
        ("flipped.tgan", flipped, "model is damaged"),
        (
            "newer.tgan",
            newer,
            "model format version 4, this build reads version 3",
        ),
        ("cut.tgan", cut, "model is truncated"),
        (
            "text.tgan",
            b"a text file, and not a short one".to_vec(),
            "not a thumbgan model",
        ),
    ];
    for (name, bytes, message) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let named = || contains(name).and(contains(message));
        let one_line = |text: &str| text.lines().count() == 1;
        let inspected = trainer().arg("inspect").arg(&path).assert().failure();
        inspected.stderr(named().and(predicates::function::function(one_line)));
        let out = folder.path().join("x.npy");
        let mut command = trainer();
        command
            .args(["sample", "--model"])
            .arg(&path)
            .arg("--out")
            .arg(&out)
            .assert()
            .failure()
            .stderr(named());
        assert!(!out.exists());
    }
    let missing = folder.path().join("missing.tgan");
    trainer()
        .arg("inspect")
        .arg(&missing)
        .assert()
        .failure()
        .stderr(contains("cannot read"));
}

#[test]
fn control_characters_of_a_model_file_do_not_reach_the_terminal() {
    let bytes = fs::read(seed_model()).unwrap();
    let model = Model::parse(&bytes).unwrap();
    let layers: Vec<_> = model
        .layers()
        .iter()
        .map(|layer| (layer.shape(), layer.into()))
        .collect();
    let mut metadata = *model.metadata();
    metadata.name = "good\u{1b}]0;owned\u{7}\u{202e}dab";
    let folder = tempdir().unwrap();
    let path = folder.path().join("hostile.tgan");
    fs::write(&path, encode(&metadata, &layers)).unwrap();
    let raw = |text: &str| text.contains(['\u{1b}', '\u{7}', '\u{202e}']);
    trainer()
        .arg("inspect")
        .arg(&path)
        .assert()
        .success()
        .stdout(contains(r"good\u001b]0;owned\u0007\u202edab"))
        .stdout(predicates::function::function(move |text: &str| !raw(text)));
    let json = trainer()
        .args(["inspect", "--json"])
        .arg(&path)
        .assert()
        .success();
    let json: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json["model"], metadata.name);
}

#[test]
fn sample_creates_the_folder_of_its_output() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("new/deeper/x.npy");
    trainer()
        .args(["sample", "--count", "1", "--model"])
        .arg(seed_model())
        .arg("--out")
        .arg(&out)
        .assert()
        .success();
    assert!(out.is_file());
}

#[test]
fn former_names_of_commands_work() {
    for (former, name) in [("judge", "feature-extractor"), ("device", "board")] {
        let help = |command: &str| trainer().args([command, "--help"]).output().unwrap();
        assert!(help(former).status.success(), "{former}");
        assert_eq!(help(former).stdout, help(name).stdout, "{former}");
    }
}
