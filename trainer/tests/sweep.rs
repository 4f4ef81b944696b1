//! `sweep`: resuming, failures and shards.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use common::{trainer, write_images};
use predicates::{
    prelude::*,
    str::{contains, is_match},
};
use serde_json::Value;
use tempfile::tempdir;

fn sweep(folder: &Path, more: &[&str]) -> assert_cmd::Command {
    let mut command = trainer();
    command
        .args(["sweep", "sweep.toml"])
        .args(more)
        .current_dir(folder);
    command
}

fn model(folder: &Path, run: &str) -> Option<Vec<u8>> {
    fs::read(folder.join("runs/sweep").join(run).join("seed.tgan")).ok()
}

#[test]
fn a_sweep_runs_its_grid_resumes_and_prints_a_table() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let file = folder.path().join("sweep.toml");
    let text = "preset = \"seed\"\niterations = 20\ndataset = \"idx\"\ndata = \".\"\n[grid]\nseed = [1, 2, 3]\n";
    fs::write(&file, text).unwrap();
    let output = sweep(folder.path(), &["--shard", "2/2"]).assert().success();
    output
        .stderr(contains("1 run in"))
        .stdout(contains("seed=2"));
    assert!(model(folder.path(), "seed=2").is_some() && model(folder.path(), "seed=1").is_none());
    // The state after a kill following the last checkpoint.
    let first = folder.path().join("runs/sweep/seed=2");
    fs::remove_file(first.join("seed.tgan")).unwrap();
    let output = sweep(folder.path(), &["--json"]).assert().success();
    let rows: Vec<Value> = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(rows.len(), 3);
    assert!(
        rows.iter()
            .all(|row| row["done"] == true && row["reached"] == 20)
    );
    let log = fs::read_to_string(first.join("train.log")).unwrap();
    assert_eq!(
        (
            log.matches("training seed").count(),
            log.matches("resuming").count()
        ),
        (2, 1),
        "{log}"
    );
    let models = ["seed=1", "seed=2", "seed=3"].map(|run| model(folder.path(), run).unwrap());
    assert!(models[0] != models[1] && models[1] != models[2]);
    let listed = trainer()
        .arg("runs")
        .current_dir(folder.path())
        .assert()
        .success();
    listed.stdout(contains("runs/sweep/seed=3"));
    // The state after a kill during the first checkpoint: the run restarts.
    let last = folder.path().join("runs/sweep/seed=3");
    fs::remove_file(last.join("seed.tgan")).unwrap();
    fs::remove_dir_all(last.join("checkpoints")).unwrap();
    fs::create_dir_all(last.join("checkpoints/.tmp1234")).unwrap();
    sweep(folder.path(), &[]).assert().success();
    assert!(model(folder.path(), "seed=3").unwrap() == models[2]);
    let begun = fs::read_to_string(last.join("train.log")).unwrap();
    assert_eq!(
        (
            begun.matches("training seed").count(),
            begun.matches("resuming").count()
        ),
        (2, 0),
        "{begun}"
    );
    // Every run is complete: none runs again.
    sweep(folder.path(), &[])
        .assert()
        .success()
        .stdout(contains("20 of 20"));
    assert_eq!(fs::read_to_string(first.join("train.log")).unwrap(), log);
    fs::write(&file, text.replace("20", "30")).unwrap();
    sweep(folder.path(), &[]).assert().failure().stderr(
        contains("a run with other settings: `iterations` was 20 and is 30 now")
            .and(contains("--out")),
    );
    fs::write(&file, format!("batch = 8\n{text}")).unwrap();
    sweep(folder.path(), &[])
        .assert()
        .failure()
        .stderr(contains("`batch` was not set and is 8 now"));
    // The same settings, written in another way.
    fs::write(&file, text.replace("20", "\"20\"")).unwrap();
    sweep(folder.path(), &[]).assert().success();
}

#[test]
fn the_tasks_of_an_array_job_divide_a_sweep_without_options() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let text = "preset = \"seed\"\niterations = 20\ndataset = \"idx\"\ndata = \".\"\n[grid]\nseed = [1, 2, 3]\n";
    fs::write(folder.path().join("sweep.toml"), text).unwrap();
    let trained = || {
        let runs = ["seed=1", "seed=2", "seed=3"];
        runs.map(|run| model(folder.path(), run).is_some())
    };
    let slurm = |task: &str, more: &[&str]| {
        let mut command = sweep(folder.path(), more);
        let variables = [("ID", task), ("MIN", "4"), ("MAX", "6"), ("COUNT", "3")];
        command.envs(variables.map(|(name, value)| (format!("SLURM_ARRAY_TASK_{name}"), value)));
        command.assert()
    };
    slurm("5", &[]).success().stderr(contains(
        "shard 2/3 according to SLURM_ARRAY_TASK_ID; --shard 1/1 trains all runs",
    ));
    assert_eq!(trained(), [false, true, false]);
    let mut pod = sweep(folder.path(), &[]);
    pod.env("JOB_COMPLETION_INDEX", "0");
    pod.assert()
        .code(1)
        .stderr(contains("JOB_COMPLETIONS is not set"));
    assert_eq!(trained(), [false, true, false]);
    pod.env("JOB_COMPLETIONS", "3").assert().success();
    assert_eq!(trained(), [true, true, false]);
    slurm("4", &["--shard", "3/3"]).success();
    assert_eq!(trained(), [true, true, true]);
}

#[test]
fn the_batch_script_of_an_array_job_is_printed_without_slurm() {
    let folder = tempdir().unwrap();
    let text = "preset = \"seed\"\n[grid]\nseed = [1, 2, 3]\n";
    fs::write(folder.path().join("sweep.toml"), text).unwrap();
    let dry = sweep(folder.path(), &["--submit", "slurm", "--dry-run"]).assert();
    dry.success().stdout(
        contains("#SBATCH --array=1-3\n")
            .and(contains("sweep sweep.toml --out runs/sweep --jobs 1")),
    );
    let mut missing = sweep(folder.path(), &["--submit", "slurm"]);
    missing
        .env("PATH", folder.path())
        .assert()
        .code(1)
        .stderr(contains("sbatch is not installed").and(contains("--dry-run")));
    assert!(!folder.path().join("runs").exists());
    sweep(folder.path(), &["--dry-run"]).assert().code(2);
    let none = sweep(folder.path(), &["--jobs", "0"]).assert().code(2);
    none.stderr(contains("--jobs <N>': must be a number, 1 or more"));
}

#[test]
fn a_run_that_another_process_trains_is_named_and_its_log_stays() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let text = "preset = \"seed\"\niterations = 20\ndataset = \"idx\"\ndata = \".\"\n[grid]\nseed = [1, 2]\n";
    fs::write(folder.path().join("sweep.toml"), text).unwrap();
    sweep(folder.path(), &["--shard", "1/2"]).assert().success();
    let run = folder.path().join("runs/sweep/seed=1");
    fs::remove_file(run.join("seed.tgan")).unwrap();
    let log = fs::read(run.join("train.log")).unwrap();
    let lock = fs::File::options()
        .write(true)
        .open(run.join(".lock"))
        .unwrap();
    lock.lock().unwrap();
    let output = sweep(folder.path(), &[]).assert().code(1);
    output.stderr(
        contains("runs/sweep/seed=1 is in use by a run in another process")
            .and(contains("seed=2: done"))
            .and(contains("1 of 2 runs not trained")),
    );
    assert_eq!(fs::read(run.join("train.log")).unwrap(), log);
    drop(lock);
    sweep(folder.path(), &[]).assert().success();
}

#[test]
fn a_failed_run_is_reported_and_the_others_finish() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let text = "preset = \"seed\"\niterations = 20\ndataset = \"idx\"\n[grid]\ndata = [\".\", \"nowhere\"]\n";
    fs::write(folder.path().join("sweep.toml"), text).unwrap();
    let output = sweep(folder.path(), &[]).assert().code(1);
    let failed = contains("data=nowhere: failed; see").and(contains("1 of 2 runs failed"));
    let output = output.stderr(failed.and(contains("data=.: done")));
    output.stdout(is_match("data=nowhere .* failed\n").unwrap());
    let log = fs::read_to_string(folder.path().join("runs/sweep/data=nowhere/train.log")).unwrap();
    assert!(
        log.contains("error: cannot read nowhere") || log.contains("error: cannot open nowhere"),
        "{log}"
    );
    assert!(model(folder.path(), "data=.").is_some());
}

#[cfg(unix)]
#[test]
fn a_terminated_sweep_stops_its_runs_with_checkpoints() {
    use std::{
        process::{Command, Stdio},
        thread,
        time::Duration,
    };

    let folder = tempdir().unwrap();
    write_images(folder.path());
    let other = folder.path().join("runs/other/seed=1");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join("notes.txt"), "mine").unwrap();
    let text = "preset = \"seed\"\niterations = 4000000000\ndataset = \"idx\"\ndata = \".\"\n[grid]\nseed = [1, 2]\n";
    fs::write(folder.path().join("sweep.toml"), text).unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("trainer"));
    command
        .args(["sweep", "sweep.toml", "--jobs", "1"])
        .current_dir(folder.path());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let run = folder.path().join("runs/sweep/seed=1");
    while !fs::read_to_string(run.join("train.log")).is_ok_and(|log| log.contains("training seed"))
    {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        thread::sleep(Duration::from_millis(20));
    }
    sweep(folder.path(), &[])
        .assert()
        .code(1)
        .stderr(contains("sweep is in use by a sweep in another process"));
    sweep(folder.path(), &["--out", "runs/other"])
        .assert()
        .code(1)
        .stderr(contains("notes.txt is not of this sweep").and(contains("--out")));
    // Job schedulers signal the sweep alone, not its runs.
    assert!(
        Command::new("kill")
            .arg(child.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.contains("seed=1: stopped") && !said.contains("seed=2"),
        "{said}"
    );
    let log = fs::read_to_string(run.join("train.log")).unwrap();
    assert!(log.contains("with a checkpoint"), "{log}");
    assert_eq!(fs::read_dir(run.join("checkpoints")).unwrap().count(), 1);
}
