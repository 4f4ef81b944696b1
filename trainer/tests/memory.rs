//! Training with little memory.
//!
//! The largest resident memory is that in /proc, read until the process ends. A limit of the address space is no substitute: allocators
//! reserve hundreds of megabytes that they do not use. With `THUMBGAN_MEMORY` set, each preset trains on the MNIST in
//! `THUMBGAN_DATA`, otherwise on a small dataset.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use common::{
    small_run::{configured, program, spawnable},
    write_images,
};
use tempfile::tempdir;

/// Presets and the memory of each in KB.
const PRESETS: [(&str, u64); 6] = [
    ("digits", 300_000),
    ("digits-xs", 300_000),
    ("digits-nano", 300_000),
    ("digits-pico", 300_000),
    ("fashion", 330_000),
    ("seed", 300_000),
];
/// Variable that asks for MNIST.
const VARIABLE: &str = "THUMBGAN_MEMORY";
/// Interval between two looks at the memory of a process.
const INTERVAL: Duration = Duration::from_millis(20);

/// Runs a command and returns its largest resident memory in KB.
fn peak(command: &mut Command) -> u64 {
    let mut process = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", process.id());
    let mut peak = 0;
    while process.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(number.unwrap_or(0));
        thread::sleep(INTERVAL);
    }
    assert!(process.wait().unwrap().success() && peak > 0);
    peak
}

#[test]
fn every_preset_trains_with_little_memory() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let (data, dataset, iterations) = match (env::var_os(VARIABLE), env::var_os("THUMBGAN_DATA")) {
        (Some(_), Some(data)) => (PathBuf::from(data), "mnist", 20),
        _ => (folder.path().to_owned(), "idx", 3),
    };
    for (preset, limit) in PRESETS {
        let mut command = spawnable();
        command.args([
            "train",
            "--no-tui",
            "--preset",
            preset,
            "--dataset",
            dataset,
        ]);
        command.args(["--iterations", &iterations.to_string(), "--data"]);
        command
            .arg(&data)
            .arg("--out")
            .arg(folder.path().join(preset));
        command.env("RAYON_NUM_THREADS", "2").env(
            "XDG_CACHE_HOME",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
        );
        let peak = peak(&mut command);
        println!("{preset} on {dataset}: {peak} KB");
        assert!(peak < limit, "{preset}: {peak} KB");
    }
}

#[test]
fn too_little_memory_is_an_error_before_the_run() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let mut command = configured(Command::new("sh"));
    command.args(["-c", "ulimit -v 200000; exec \"$0\" \"$@\""]);
    command
        .arg(program())
        .args(["train", "--no-tui", "--dataset=idx"]);
    command
        .arg("--data")
        .arg(folder.path())
        .arg("--out")
        .arg(&run);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let expected = "error: training digits on 356 images needs about 560 MB of address space, and the limit of this process \
                    (ulimit -v) allows 204 MB; raise it, or choose fewer images or a smaller preset\n";
    assert_eq!(said, expected);
    assert!(!run.exists());
}
