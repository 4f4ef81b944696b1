//! Resumed runs: bit-identical results, and checkpoints, data and recipes that do not belong to the run.

use std::{fs, path::Path};

use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::tempdir;
use thumbgan_core::{Generator, Model};

use crate::{
    common::{resume_to, train, train_by, trainer, write_images},
    support::model,
};

#[test]
fn a_resumed_run_is_bit_identical() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let (whole, parted) = (folder.path().join("whole"), folder.path().join("parted"));
    train(folder.path(), &whole, 600).assert().success();
    train(folder.path(), &parted, 570)
        .args(["--checkpoint-every", "300"])
        .assert()
        .success();
    // The newest checkpoint (570) is damaged: the run resumes from the one before.
    let damaged = parted.join("checkpoints/00000570/generator.bpk");
    let mut bytes = fs::read(&damaged).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&damaged, bytes).unwrap();
    let resume = |iterations: &str| {
        let mut command = trainer();
        command
            .args(["train", "--iterations", iterations, "--data"])
            .arg(folder.path());
        command.arg("--resume").arg(&parted);
        command
    };
    let output = resume("600").assert().success();
    output
        .stderr(contains("generator.bpk is damaged"))
        .stdout(contains("at iteration 300"));
    assert_eq!(model(&whole), model(&parted));
    let log = |run: &Path| fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    assert_eq!(log(&whole), log(&parted));
    resume("100")
        .assert()
        .failure()
        .stderr(contains("already completed 600 iterations"));
}

#[test]
fn an_extension_that_changes_past_learning_rates_is_recorded() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let mut command = train_by("digits-nano", folder.path(), &run, 40);
    command.args(["--decay-from=0.5", "--final-rate=0.05"]);
    command.assert().success();
    let mut command = resume_to(&run, "80");
    command.assert().success().stderr(contains(
        "after 40 iterations of 40 it was 1.25e-4, of 80 it is 2.50e-3; the result differs",
    ));
    let words = "extended after 40 of 40 iterations";
    let card = fs::read_to_string(run.join("digits-nano.md")).unwrap();
    assert!(card.contains(words), "{card}");
    let mut config = trainer();
    config.args(["config", "--run"]).arg(&run);
    config.assert().success().stdout(
        contains(format!("# The run was {words}"))
            .and(contains("# SHA-256 of its training images")),
    );
    // Nothing changes if the rates of all completed iterations are the same.
    let short = folder.path().join("short");
    let mut command = train_by("digits-nano", folder.path(), &short, 40);
    command.assert().success();
    let mut command = resume_to(&short, "80");
    command.assert().success().stderr(contains("warning").not());
    let card = fs::read_to_string(short.join("digits-nano.md")).unwrap();
    assert!(!card.contains("extended"), "{card}");
}

#[test]
fn a_resumed_conditional_run_is_bit_identical_and_conditional() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let (whole, parted) = (folder.path().join("whole"), folder.path().join("parted"));
    let run = |out: &Path| {
        let mut command = train_by("digits-nano", folder.path(), out, 120);
        command.args(["--checkpoint-every", "50"]);
        command
    };
    run(&whole)
        .assert()
        .success()
        .stdout(contains("quality will not be measured"));
    run(&parted).assert().success();
    // The state after a kill before the last checkpoint.
    fs::remove_dir_all(parted.join("checkpoints/00000120")).unwrap();
    fs::remove_file(parted.join("digits-nano.tgan")).unwrap();
    let mut resume = trainer();
    resume
        .args(["train", "--data"])
        .arg(folder.path())
        .arg("--resume")
        .arg(&parted);
    resume
        .assert()
        .success()
        .stdout(contains("at iteration 100"));
    let read = |run: &Path, name: &str| fs::read(run.join(name)).unwrap();
    let bytes = read(&whole, "digits-nano.tgan");
    assert_eq!(bytes, read(&parted, "digits-nano.tgan"));
    assert_eq!(
        read(&whole, "metrics.jsonl"),
        read(&parted, "metrics.jsonl")
    );
    let model = Model::parse(&bytes).unwrap();
    assert_eq!((model.class_count(), model.provenance().fid), (10, None));
    // Bars of higher classes are further to the right.
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch).unwrap();
    let mut middle = |class| {
        let pixels = generator.generate(Some(class), 5).unwrap().pixels();
        let ink = |place: usize| f64::from(pixels[place]);
        let sum: f64 = (0..784).map(ink).sum();
        (0..784)
            .map(|place| ink(place) * (place % 28) as f64)
            .sum::<f64>()
            / sum
    };
    let (left, right) = (middle(0), middle(9));
    assert!(
        left + 5.0 < right,
        "the bar of class 0 stands at {left}, that of class 9 at {right}"
    );
}

#[test]
fn a_run_without_a_checkpoint_restarts_with_its_settings() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20)
        .args(["--seed", "3"])
        .assert()
        .success();
    let whole = model(&run);
    fs::remove_dir_all(run.join("checkpoints/00000020")).unwrap();
    fs::remove_file(run.join("seed.tgan")).unwrap();
    let log = fs::read(run.join("metrics.jsonl")).unwrap();
    let mut resume = trainer();
    resume.args(["train", "--resume"]).arg(&run);
    resume
        .assert()
        .success()
        .stdout(contains(
            "no checkpoint yet; the run starts from the beginning",
        ))
        .stderr(contains("the previous log is").and(contains("metrics.1.jsonl")));
    assert_eq!(whole, model(&run));
    assert_eq!(fs::read(run.join("metrics.1.jsonl")).unwrap(), log);
}

#[test]
fn a_run_without_its_checkpoints_is_never_trained_again_over_its_results() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 510)
        .args(["--checkpoint-every", "250"])
        .assert()
        .success();
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    let [log, before] = ["metrics.jsonl", "seed.tgan"].map(|name| run.join(name));
    let (text, bytes) = (fs::read(&log).unwrap(), fs::read(&before).unwrap());
    let resume = |evidence: &str| {
        let mut command = resume_to(&run, "520");
        command.assert().failure().stderr(
            contains("has no checkpoint from which to resume, and")
                .and(contains(evidence))
                .and(contains("restore")),
        );
        assert_eq!(fs::read(&log).unwrap(), text);
    };
    resume("seed.tgan exists");
    assert_eq!(fs::read(&before).unwrap(), bytes);
    fs::remove_file(&before).unwrap();
    resume("its log reaches iteration 510");
    // Without its log and model, a run whose folder of checkpoints is missing is still no new one.
    fs::write(&log, "").unwrap();
    let mut command = trainer();
    command.args(["train", "--resume"]).arg(&run);
    command.assert().failure().stderr(
        contains("checkpoints: its checkpoints were deleted or moved, or an earlier version")
            .and(contains("restore the folder, or create it empty")),
    );
}

#[test]
fn checkpoints_of_another_run_are_never_resumed() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    for (run, seed) in [(&one, "1"), (&two, "2")] {
        train(folder.path(), run, 20)
            .args(["--seed", seed])
            .assert()
            .success();
    }
    fs::copy(two.join("config.json"), one.join("config.json")).unwrap();
    let mut resume = resume_to(&one, "30");
    resume.assert().failure().stderr(
        contains("checkpoints/00000020 belongs to another run: its seed differs")
            .and(contains("config.json")),
    );
}

#[test]
fn resuming_with_another_dataset_is_an_error() {
    let (folder, other) = (tempdir().unwrap(), tempdir().unwrap());
    write_images(folder.path());
    write_images(other.path());
    let images = other.path().join("train-images-idx3-ubyte");
    let mut bytes = fs::read(&images).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&images, bytes).unwrap();
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let mut command = trainer();
    command
        .args(["train", "--iterations", "30", "--data"])
        .arg(other.path())
        .arg("--resume")
        .arg(&run);
    command
        .assert()
        .failure()
        .stderr(contains("the run was started with the dataset idx"));
    // The same images, one of them with another label.
    let labels = folder.path().join("train-labels-idx1-ubyte");
    let mut bytes = fs::read(&labels).unwrap();
    bytes[8] ^= 1;
    fs::write(&labels, bytes).unwrap();
    let mut command = resume_to(&run, "30");
    command
        .assert()
        .failure()
        .stderr(contains("with other labels"));
}

#[test]
fn resuming_with_another_recipe_is_an_error() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let path = run.join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config["recipe_sha256"] = "the hash of what the preset was in another version".into();
    fs::write(&path, config.to_string()).unwrap();
    let mut command = resume_to(&run, "30");
    command.assert().failure().stderr(
        contains("the recipe of the preset seed differs")
            .and(contains("undo the change, or restore the file")),
    );
    config["tool"] = "thumbgan 9.0.0".into();
    fs::write(&path, config.to_string()).unwrap();
    let mut command = trainer();
    command.args(["train", "--resume"]).arg(&run);
    command.assert().failure().stderr(contains(
        "it was written by thumbgan 9.0.0, perhaps in another build",
    ));
}

#[test]
fn a_resumed_run_remembers_where_its_data_are() {
    let folder = tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    fs::create_dir(&old).unwrap();
    write_images(&old);
    let run = folder.path().join("run");
    train(&old, &run, 20).assert().success();
    fs::rename(&old, &new).unwrap();
    let resume = |path: &Path, words: &[&str]| {
        let mut command = trainer();
        command.args(["train", "--resume"]).arg(path).args(words);
        command.current_dir(folder.path()).assert()
    };
    resume(&run, &[]).code(1).stderr(contains("--data"));
    resume(&run, &["--data", "new"]).success();
    let config: Value =
        serde_json::from_slice(&fs::read(run.join("config.json")).unwrap()).unwrap();
    let data = new.canonicalize().unwrap();
    assert_eq!(config["request"]["data"], data.to_str().unwrap());
    resume(&run, &["--iterations", "30"]).success();
    resume(&run.join("config.json"), &[]).code(1).stderr(
        contains("config.json is a file").and(contains(format!("pass --resume {}", run.display()))),
    );
}
