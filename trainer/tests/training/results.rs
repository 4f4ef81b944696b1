//! Results of a run: files, independence of threads, and files that are not replaced.

use std::fs;

use predicates::{prelude::*, str::contains};
use tempfile::tempdir;
use thumbgan_core::{Generator, Model};

use crate::{
    common::{resume_to, train, train_by, trainer, write_images},
    support::model,
};

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
