//! Configurations that were changed, damaged or written by another program.

use std::fs;

use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::tempdir;

use crate::common::{resume_to, train, trainer, write_images};

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
fn damaged_logs_and_missing_configurations_are_named_by_every_command() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20)
        .arg("--grid-every=10")
        .assert()
        .success();
    let (log, report) = (run.join("metrics.jsonl"), run.join("report.html"));
    let [records, page] = [&log, &report].map(|path| fs::read_to_string(path).unwrap());
    let second = records.lines().nth(1).unwrap();
    let list = || {
        let mut command = trainer();
        command.arg("runs").arg(folder.path()).assert().success()
    };
    // A run writes its last line.
    let cut = &records[..records.len() - 10];
    fs::write(&log, cut).unwrap();
    list().stderr("");
    for (damaged, said) in [
        (
            Some(format!("garbage\n{second}\n")),
            "metrics.jsonl, line 1, is not a record of a run",
        ),
        (
            Some(format!("{cut}\n")),
            "metrics.jsonl, line 2, is not a record of a run",
        ),
        (Some(String::new()), "metrics.jsonl is empty, although"),
        (None, "metrics.jsonl is missing, although"),
    ] {
        match &damaged {
            Some(text) => fs::write(&log, text).unwrap(),
            None => fs::remove_file(&log).unwrap(),
        }
        list().stderr(contains(said).and(contains("restore the file from a backup")));
        let written = trainer().arg("report").arg(&run).assert().code(1);
        written.stderr(contains(said).and(contains("--resume")));
        assert_eq!(fs::read_to_string(&report).unwrap(), page);
    }
    // Resuming names the damage, keeps the damaged log and continues without it.
    fs::write(&log, format!("garbage\n{second}\n")).unwrap();
    resume_to(&run, "20").assert().success().stderr(
        contains("line 1, is not a record of a run")
            .and(contains("the previous log is"))
            .and(contains("after iteration").not()),
    );
    assert_eq!(fs::read_to_string(&log).unwrap(), format!("{second}\n"));
    fs::remove_file(&log).unwrap();
    resume_to(&run, "20")
        .assert()
        .success()
        .stderr(contains("metrics.jsonl is missing"));
    fs::remove_file(run.join("config.json")).unwrap();
    list().stderr(contains("it has no config.json, although").and(contains(
        "seed.tgan exists; restore config.json from a backup",
    )));
}
