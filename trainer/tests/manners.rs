//! Command-line conventions: settings files, lists, completions, exit codes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, io, path::Path, process::Command};

use common::{train, trainer, write_images};
use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::tempdir;

fn config(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("config.json")).unwrap()).unwrap()
}

#[test]
fn the_command_line_overrides_the_settings_file() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let printed = trainer()
        .args(["config", "--preset", "seed"])
        .output()
        .unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(
        printed.contains("# iterations = 100000") && printed.contains("seed = 1\n"),
        "{printed}"
    );
    let file = folder.path().join("run.toml");
    let changed = printed
        .replace("# iterations = 100000", "iterations = 20")
        .replace("seed = 1\n", "seed = 5\n")
        .replace(
            "dataset = \"auto\"",
            &format!("dataset = \"idx\"\ndata = {:?}", folder.path()),
        );
    fs::write(&file, &changed).unwrap();
    let run = |out: &Path, more: &[&str]| {
        let mut command = trainer();
        command
            .args(["train", "--config"])
            .arg(&file)
            .arg("--out")
            .arg(out)
            .args(more)
            .assert()
            .success();
        let config = config(out);
        (
            config["iterations"].as_u64().unwrap(),
            config["seed"].as_u64().unwrap(),
        )
    };
    assert_eq!(run(&folder.path().join("a"), &[]), (20, 5));
    assert_eq!(run(&folder.path().join("b"), &["--seed", "7"]), (20, 7));
    let names =
        "class-names = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\", \"j\"]\n";
    let more = changed.replace("invert = false", &format!("invert = true\n{names}"));
    assert_ne!(more, changed);
    fs::write(&file, more).unwrap();
    let out = folder.path().join("c");
    run(
        &out,
        &[
            "--invert=false",
            "--class-names",
            "0,1,2,3,4,5,6,7,8,9",
            "--transpose",
        ],
    );
    let request = &config(&out)["request"];
    assert_eq!(
        (&request["invert"], &request["transpose"]),
        (&false.into(), &true.into())
    );
    assert_eq!(
        (&request["class_names"][0], &request["resize"]),
        (&"0".into(), &false.into())
    );
}

#[test]
fn usage_errors_have_exit_code_2_and_a_suggestion() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("run.toml");
    fs::write(&file, "sed = 3\n").unwrap();
    let mut command = trainer();
    let output = command
        .args(["train", "--config"])
        .arg(&file)
        .assert()
        .code(2);
    output.stderr(
        contains("run.toml")
            .and(contains("`sed`"))
            .and(contains("did you mean `seed`?")),
    );
    trainer()
        .args(["train", "--iteration", "3"])
        .assert()
        .code(2)
        .stderr(contains("--iterations"));
    trainer()
        .args(["train", "--seed=1", "--seed=2"])
        .assert()
        .code(2)
        .stderr(contains("'--seed <S>' cannot be used multiple times"));
    trainer()
        .arg("trian")
        .assert()
        .code(2)
        .stderr(contains("'train'"));
    trainer()
        .args(["inspect", "none.tgan"])
        .assert()
        .code(1)
        .stderr(contains("error: cannot read none.tgan"));
}

/// A backend is unavailable if it is not compiled in, or has no GPU.
#[test]
fn an_unavailable_backend_is_a_one_line_error_with_a_remedy() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    for backend in ["wgpu", "cuda", "ndarray"] {
        let mut command = train(folder.path(), &folder.path().join(backend), 2);
        let output = command.args(["--backend", backend]).output().unwrap();
        if output.status.success() {
            continue;
        }
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.lines().count()),
            (Some(1), 1),
            "{said}"
        );
        assert!(
            said.starts_with(&format!("error: --backend {backend} ")),
            "{said}"
        );
        assert!(said.contains("--backend flex"), "{said}");
        assert!(
            !folder.path().join(backend).exists(),
            "nothing is left behind"
        );
    }
}

#[test]
fn runs_are_named_by_preset_and_date_and_listed() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let listed = || {
        let output = trainer()
            .args(["runs", "--json"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        serde_json::from_slice::<Vec<Value>>(&output.stdout).unwrap()
    };
    assert!(listed().is_empty());
    for _ in 0..2 {
        let mut command = trainer();
        command.args([
            "train",
            "--preset",
            "seed",
            "--iterations",
            "20",
            "--dataset",
            "idx",
            "--data",
            ".",
        ]);
        command.current_dir(folder.path()).assert().success();
    }
    let names: Vec<_> = fs::read_dir(folder.path().join("runs"))
        .unwrap()
        .flatten()
        .collect();
    let mut names: Vec<_> = names
        .iter()
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    let parts: Vec<_> = names[0].split('-').collect();
    assert_eq!(
        (parts.len(), parts[0], parts[1].len()),
        (4, "seed", 4),
        "{names:?}"
    );
    assert_eq!(names[1], format!("{}-2", names[0]));
    let runs = listed();
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0]["folder"], format!("runs/{}", names[0]));
    assert_eq!(
        (&runs[0]["reached"], &runs[0]["done"]),
        (&20.into(), &true.into())
    );
    assert_eq!(runs[0]["best_fid"], Value::Null, "bars are no digits");
    let output = trainer()
        .arg("runs")
        .current_dir(folder.path())
        .assert()
        .success();
    output.stdout(
        contains(&names[1])
            .and(contains("20 of 20"))
            .and(contains("done")),
    );
    let inspected = trainer()
        .args(["inspect", "--json"])
        .arg(folder.path().join("runs").join(&names[0]).join("seed.tgan"))
        .output()
        .unwrap();
    let inspected: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(
        (&inspected["macs"], &inspected["dataset"]),
        (&113_152.into(), &"idx".into())
    );
}

#[test]
fn an_unfinished_run_is_listed_as_such() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("runs/one");
    train(folder.path(), &run, 20).assert().success();
    fs::remove_file(run.join("seed.tgan")).unwrap();
    let output = trainer()
        .arg("runs")
        .current_dir(folder.path())
        .assert()
        .success();
    output.stdout(contains("not finished"));
}

#[test]
fn a_resumed_and_stopped_run_is_unfinished() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("runs/one");
    train(folder.path(), &run, 20).assert().success();
    // The state that `--resume --iterations 100` leaves if stopped at iteration 50.
    let longer = fs::read_to_string(run.join("config.json"))
        .unwrap()
        .replace(": 20,", ": 100,");
    fs::write(run.join("config.json"), longer).unwrap();
    fs::create_dir(run.join("checkpoints/00000050")).unwrap();
    let listed = |reached: &str| {
        let mut command = trainer();
        command.arg("runs").current_dir(folder.path());
        let output = command.assert().success();
        output.stdout(contains(reached).and(contains("not finished")));
    };
    listed("50 of 100");
    // The state after a kill following the last checkpoint: the model is still that of 20 iterations.
    fs::create_dir(run.join("checkpoints/00000100")).unwrap();
    listed("100 of 100");
    trainer().arg("report").arg(&run).assert().success();
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(page.contains("20 (model), 100 (run)"));
}

#[test]
fn a_missing_folder_of_runs_is_an_error() {
    trainer()
        .args(["runs", "nowhere"])
        .assert()
        .code(1)
        .stderr(contains("cannot read nowhere"));
}

#[test]
fn the_folder_of_a_run_is_listed_and_a_folder_without_runs_is_named() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("one");
    train(folder.path(), &run, 20).assert().success();
    let runs = |words: &[&str]| {
        let mut command = trainer();
        command.arg("runs").args(words).current_dir(folder.path());
        command.assert()
    };
    for path in ["one", "."] {
        runs(&[path]).success().stdout(contains("20 of 20"));
    }
    let listed = runs(&["one", "--json"]).success();
    let listed: Vec<Value> = serde_json::from_slice(&listed.get_output().stdout).unwrap();
    assert_eq!((listed.len(), &listed[0]["folder"]), (1, &"one".into()));
    runs(&["one/grids"])
        .success()
        .stdout(contains("one/grids contains no runs").and(contains("--out one/grids/NAME")));
    runs(&["one/grids", "--json"]).success().stdout("[]\n");
    fs::write(run.join("config.json"), "{").unwrap();
    runs(&["one"]).code(1).stderr(contains("config.json"));
    runs(&["."])
        .success()
        .stderr(contains("skipping ./one"))
        .stdout("no readable run; the warnings name the causes\n");
}

#[test]
#[cfg(target_os = "linux")]
fn runs_in_folders_that_are_not_utf_8_are_listed_as_json() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempdir().unwrap();
    write_images(folder.path());
    train(folder.path(), &folder.path().join("runs/one"), 20)
        .assert()
        .success();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    fs::rename(
        folder.path().join("runs/one"),
        folder.path().join("runs").join(name),
    )
    .unwrap();
    let output = trainer()
        .args(["runs", "--json"])
        .current_dir(folder.path())
        .assert()
        .success()
        .stderr(contains("is not valid UTF-8"));
    let listed: Vec<Value> = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(listed[0]["folder"], "runs/caf\u{fffd}");
}

#[test]
fn a_closed_pipe_does_not_stop_the_command() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let train = [
        "train",
        "--preset=seed",
        "--dataset=idx",
        "--data=.",
        "--iterations=20",
        "--out=runs/one",
        "--no-tui",
    ];
    let commands = [
        &train[..],
        &["runs"],
        &["inspect", "runs/one/seed.tgan"],
        &["completions", "bash"],
    ];
    for arguments in commands {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("trainer"));
        command
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("THUMBGAN_DATA")
            .stdout(writer);
        let output = command.output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() && !complaint.contains("panicked"),
            "{arguments:?}: {complaint}"
        );
    }
    assert!(folder.path().join("runs/one/seed.tgan").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn write_errors_are_errors() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("trainer"));
    let output = command
        .args(["completions", "bash"])
        .stdout(full)
        .output()
        .unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        complaint.starts_with("error: cannot write to standard output"),
        "{complaint}"
    );
}

#[test]
fn completions_know_the_flags() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = trainer().args(["completions", shell]).assert().success();
        output.stdout(contains("checkpoint-every"));
    }
}
