//! `sample` and `inspect` on good and bad model files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::PathBuf};

use common::trainer;
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;
use thumbgan_core::{Generator, Model};

fn seed_model() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models/seed.tgan")
}

#[test]
fn samples_are_the_pixels_of_core() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("x.npy");
    let mut command = trainer();
    command
        .args(["sample", "--count", "5", "--seed", "40", "--model"])
        .arg(seed_model());
    command.arg("--out").arg(&out).assert().success();
    let array =
        npyz::NpyFile::new(fs::File::open(&out).map(std::io::BufReader::new).unwrap()).unwrap();
    assert_eq!(array.shape(), [5, 28, 28]);
    let pixels: Vec<u8> = array.into_vec().unwrap();
    let bytes = fs::read(seed_model()).unwrap();
    let mut generator = Generator::<1024>::new(Model::parse(&bytes).unwrap()).unwrap();
    for (seed, found) in (40..).zip(pixels.chunks_exact(784)) {
        assert_eq!(
            generator.generate(None, seed).unwrap().pixels()[..],
            *found,
            "seed {seed}"
        );
    }
    assert!(
        !folder.path().join("labels.npy").exists(),
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
fn bad_models_are_refused_by_name_and_leave_nothing() {
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
        ("flipped.tgan", flipped, "model damaged"),
        (
            "newer.tgan",
            newer,
            "model format version 4, but this build reads version 3",
        ),
        ("cut.tgan", cut, "model cut short"),
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
