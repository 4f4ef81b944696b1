//! Complete training runs on a small dataset.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use common::{resume_to, train, train_by, trainer, write_images};
use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::tempdir;
use thumbgan_core::{Generator, Model};

fn model(run: &Path) -> Vec<u8> {
    fs::read(run.join("seed.tgan")).unwrap()
}

#[test]
fn a_run_writes_a_valid_model_and_sample_grids() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let output = train(folder.path(), &run, 1_000)
        .arg("--no-tui")
        .assert()
        .success();
    output
        .stdout(contains("float against int8: mean absolute difference"))
        .stdout(contains("int8 images, as a board generates them"))
        .stdout(contains(format!(
            "on the emulated display: cargo xtask qemu --model {}",
            run.join("seed.tgan").display()
        )));
    let bytes = model(&run);
    let model = Model::parse(&bytes).unwrap();
    assert_eq!((model.name(), model.macs()), ("seed", 113_152));
    assert_eq!(
        (model.provenance().dataset, model.provenance().iterations),
        ("idx", 1_000)
    );
    for grid in ["000500.png", "001000.png"] {
        let file = fs::File::open(run.join("grids").join(grid)).unwrap();
        let png = png::Decoder::new(std::io::BufReader::new(file))
            .read_info()
            .unwrap();
        assert_eq!(png.info().size(), (242, 242), "{grid} is 8 x 8 digits");
    }
    let log = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 2, "{log}");
    let card = fs::read_to_string(run.join("seed.md")).unwrap();
    assert!(
        card.contains("1000 iterations, batch size 64, seed 1"),
        "{card}"
    );
    assert!(
        card.contains(&format!("CRC-32 {:08x}", model.crc32())),
        "{card}"
    );
    // The generator draws foreground and background.
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch).unwrap();
    let digit = generator.generate(None, 3).unwrap().pixels();
    let ink = digit.iter().filter(|&&pixel| pixel > 127).count();
    assert!((40..400).contains(&ink), "{ink} of 784 pixels are ink");
}

#[test]
fn models_do_not_depend_on_the_number_of_threads() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    for (preset, iterations) in [("seed", 40), ("digits-nano", 8)] {
        let model_of = |name: &str, seed: &str, threads: &str| {
            let run = folder.path().join(format!("{preset}-{name}"));
            let mut command = train_by(preset, folder.path(), &run, iterations);
            command
                .args(["--seed", seed])
                .env("RAYON_NUM_THREADS", threads)
                .assert()
                .success();
            fs::read(run.join(preset).with_extension("tgan")).unwrap()
        };
        let models = ["1", "2", "3"].map(|threads| model_of(threads, "1", threads));
        assert!(models[0] == models[1] && models[1] == models[2], "{preset}");
        assert_ne!(
            models[0],
            model_of("other", "2", "2"),
            "another seed is another model"
        );
    }
}

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
fn a_folder_is_locked_as_long_as_its_process_lives() {
    use std::{
        process::{Command, Stdio},
        thread,
        time::Duration,
    };

    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("trainer"));
    command
        .args(["train", "--preset=seed", "--dataset=idx", "--no-tui"])
        .args(["--iterations=4000000000", "--checkpoint-every=20", "--data"])
        .arg(folder.path())
        .arg("--out")
        .arg(&run)
        .env_remove("THUMBGAN_DATA");
    let mut first = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !fs::read_dir(run.join("checkpoints"))
        .is_ok_and(|mut found| found.any(|entry| !entry.unwrap().path().ends_with(".partial")))
    {
        assert!(first.try_wait().unwrap().is_none(), "it ended early");
        thread::sleep(Duration::from_millis(20));
    }
    let in_use = || contains("run is in use by a run in another process");
    let mut resume = trainer();
    resume.args(["train", "--iterations=4000000000", "--resume"]);
    resume.arg(&run).assert().code(1).stderr(in_use());
    train(folder.path(), &run, 20)
        .assert()
        .code(1)
        .stderr(in_use().and(contains("--out")));
    first.kill().unwrap();
    first.wait().unwrap();
    let mut resume = trainer();
    resume.args(["train", "--resume"]).arg(&run);
    let reached = fs::read_dir(run.join("checkpoints"))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok())
        .max()
        .unwrap();
    resume.args(["--iterations", &(reached + 1).to_string()]);
    resume.assert().success().stdout(contains("resuming"));
    let left = fs::read_dir(run.join("checkpoints"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().ends_with(".partial"));
    assert_eq!(left.count(), 0);
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
fn unreadable_runs_are_errors_that_lose_nothing() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let path = run.join("config.json");
    let config = fs::read_to_string(&path).unwrap();
    let resume = |config: &str, messages: [&str; 2]| {
        fs::write(&path, config).unwrap();
        let mut command = resume_to(&run, "30");
        let [first, second] = messages.map(contains);
        let anew = contains("anew").or(contains("start a")).not();
        command
            .assert()
            .failure()
            .stderr(first.and(second).and(anew));
    };
    let newer = config
        .replace("\"seed\",", "\"digits-xl\",")
        .replace(": \"thumbgan ", ": \"thumbgan 9");
    resume(
        &newer,
        [
            "config.json cannot be read by this program, thumbgan 0",
            "it was written by thumbgan 9",
        ],
    );
    let cut = &config[..config.len() / 2];
    resume(cut, ["cut or damaged", "restore the file"]);
    fs::write(&path, &config).unwrap();
    let damaged = run.join("checkpoints/00000020/state.json");
    fs::write(damaged, "{").unwrap();
    resume(
        &config,
        [
            "contains 1 checkpoint, none of them valid",
            "restore them from a backup",
        ],
    );
}

#[test]
fn negative_seeds_are_usage_errors_that_name_the_range() {
    let output = trainer().args(["train", "--seed", "-1"]).assert().code(2);
    output.stderr(contains("'-1' for '--seed <S>'").and(contains("from 0 to 2^64 - 1")));
    let output = trainer()
        .args(["train", "--iterations", "-5"])
        .assert()
        .code(2);
    output.stderr(contains("-5 is not in 1.."));
    for rate in ["-0.1", "0", "inf"] {
        let mut command = trainer();
        command.args(["train", "--learning-rate", rate]);
        let output = command.assert().code(2);
        output.stderr(contains("must be greater than 0, and finite"));
    }
}

#[test]
fn files_that_the_user_has_edited_stay_at_the_end_of_a_run() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 1).assert().success();
    let read = |name: &str| fs::read_to_string(run.join(name)).unwrap();
    let card = read("seed.md");
    assert!(card.contains("| training | 1 iteration, "), "{card}");
    let last = card.lines().last().unwrap();
    assert!(
        last.starts_with("<!-- thumbgan: SHA-256 of the text above: "),
        "{last}"
    );
    let resume = |iterations: &str| {
        let mut command = resume_to(&run, iterations);
        command.assert().success()
    };
    resume("2").stderr(contains("warning").not());
    assert!(read("seed.md").contains("| training | 2 iterations, "));
    let edited = read("seed.md") + "\nMy note.\n";
    fs::write(run.join("seed.md"), &edited).unwrap();
    for name in ["seed.png", "grids/000003.png"] {
        fs::write(run.join(name), "mine").unwrap();
    }
    let output = resume("3");
    for name in ["seed.md", "seed.png", "000003.png"] {
        let message = format!(
            "{name} was edited, or another program or an earlier version wrote it: it stays"
        );
        let output = output.get_output();
        let said = [&output.stdout[..], &output.stderr].concat();
        let text = String::from_utf8_lossy(&said);
        assert!(text.contains(&message), "{text}");
    }
    assert_eq!(read("seed.md"), edited);
    for name in ["seed.png", "grids/000003.png"] {
        assert_eq!(read(name), "mine");
    }
    let card = read("seed-2.md");
    assert!(
        card.contains("| training | 3 iterations, ") && card.contains("](seed-2.png)"),
        "{card}"
    );
    assert!(run.join("grids/000003-2.png").exists());
    trainer().arg("report").arg(&run).assert().success();
}

#[test]
fn the_card_leaves_rights_in_other_data_to_their_owners() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let card = fs::read_to_string(run.join("seed.md")).unwrap();
    assert!(
        card.contains("| license | chosen by the author of the model |") && !card.contains("MNIST"),
        "{card}"
    );
}

#[test]
fn a_diverged_run_stops_without_a_checkpoint() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let mut command = train(folder.path(), &run, 20);
    command.args(["--learning-rate", "1e30", "--checkpoint-every", "10"]);
    command
        .assert()
        .failure()
        .stderr(contains("diverged at iteration").and(contains("lower --learning-rate")));
    let checkpoints = fs::read_dir(run.join("checkpoints")).unwrap();
    assert_eq!(checkpoints.count(), 0);
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
fn a_configuration_with_other_fields_is_an_error_that_names_them() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let path = run.join("config.json");
    let config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let resume = |config: &Value, words: [&str; 2]| {
        fs::write(&path, config.to_string()).unwrap();
        let mut command = trainer();
        command.args(["train", "--resume"]).arg(&run);
        let [field, remedy] = words.map(contains);
        command.assert().failure().stderr(field.and(remedy));
        let kept: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(kept, *config);
    };
    let mut newer = config.clone();
    newer["future"] = 1.into();
    newer["tool"] = "thumbgan 9.0.0".into();
    resume(
        &newer,
        [
            "config.json has the unknown field \"future\"",
            "it was written by thumbgan 9.0.0, perhaps in another build: use that one",
        ],
    );
    let mut edited = config.clone();
    edited["request"]["rotate"] = true.into();
    resume(
        &edited,
        [
            "has the unknown field \"request.rotate\"",
            "undo the change, or restore the file",
        ],
    );
    let mut edited = config.clone();
    edited["seed"] = "one".into();
    resume(
        &edited,
        ["cannot be read", "undo the change, or restore the file"],
    );
    let mut edited = config;
    edited["iterations"] = 10.into();
    resume(
        &edited,
        [
            "already completed 20 iterations, more than its total of 10",
            "pass --iterations with at least 20",
        ],
    );
}

#[test]
fn a_configuration_in_utf_16_is_read() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let path = run.join("config.json");
    let text = fs::read_to_string(&path).unwrap();
    let utf_16: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [utf_16, format!("\u{feff}{text}").into_bytes()] {
        fs::write(&path, bytes).unwrap();
        let mut command = trainer();
        command.args(["train", "--resume"]).arg(&run);
        command.assert().success();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_configuration_of_another_program_is_no_run_and_stays() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    let path = run.join("config.json");
    for foreign in [r#"{"name": "web"}"#, r#"{"tool": "webpack"}"#, "[1]"] {
        fs::write(&path, foreign).unwrap();
        train(folder.path(), &run, 20).assert().code(1).stderr(
            contains("config.json exists and would be replaced by the run").and(contains("--out")),
        );
        for command in [&["train", "--resume"][..], &["report"]] {
            let output = trainer().args(command).arg(&run).assert().code(1);
            output.stderr(
                contains("contains no run").and(contains("its config.json is of another program")),
            );
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
    }
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

#[test]
fn an_existing_run_folder_is_never_overwritten() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let before = model(&run);
    let message = contains("already contains a run")
        .and(contains("--resume"))
        .and(contains("--out"));
    train(folder.path(), &run, 30)
        .assert()
        .failure()
        .stderr(message);
    assert_eq!(before, model(&run));
}

#[test]
fn invalid_settings_are_errors_before_training() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let file = folder.path().join("train-images-idx3-ubyte");
    train(folder.path(), &file.join("run"), 20)
        .assert()
        .failure()
        .stderr(contains("train-images-idx3-ubyte is a file, not a folder").and(contains("--out")));
    train(&folder.path().join("nowhere"), &run, 20)
        .assert()
        .failure()
        .stderr(contains("nowhere"));
    fs::write(&file, &fs::read(&file).unwrap()[..5_000]).unwrap();
    train(folder.path(), &run, 20)
        .assert()
        .failure()
        .stderr(contains("train-images-idx3-ubyte"));
    assert!(!run.exists(), "nothing is left of a run that never began");
    fs::create_dir(&run).unwrap();
    let mut command = trainer();
    command.args(["train", "--resume"]).arg(&run);
    command
        .assert()
        .failure()
        .stderr(contains("contains no run to resume"));
}
