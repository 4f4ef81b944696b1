//! Loss of power at every file operation: whatever a POSIX file system may have kept, a run or sweep is resumed to the bytes of an
//! undisturbed one, and a file is absent or complete.
//!
//! The operations of a command come from strace; `disk` keeps account of what is durable and derives the states that a
//! loss of power may leave. `THUMBGAN_POWER_LOSSES` is the number of states from which each is resumed and
//! `THUMBGAN_POWER_LOSS_SEED` the seed that chooses them; all states are checked without a process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod disk;
mod expectations;
mod strace;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::{TempDir, tempdir};
use thumbgan_core::latent::SplitMix64;

use self::{
    common::{
        small_run::{
            Files, NAME, assert_same, configured, files, proceed, program, results, spawnable,
            start, sweep,
        },
        write_images,
    },
    disk::{Disk, Kept, Node, State},
    expectations::Expectations,
    strace::Operation,
};

/// Number of states from which a run is resumed, unless the variable [`RESUMES`] has another one.
const DEFAULT_RESUMES: u64 = 8;
const RESUMES: &str = "THUMBGAN_POWER_LOSSES";
const SEED: &str = "THUMBGAN_POWER_LOSS_SEED";
/// Seeds of the runs of the sweep.
const SWEEP_SEEDS: [u32; 2] = [1, 2];

/// Command whose file operations were recorded.
struct Recording {
    folder: TempDir,
    operations: Vec<Operation>,
}

impl Recording {
    /// Runs a command under strace; `arguments` gets the path of the data and that of an empty folder, whose file operations are
    /// recorded. `None` without strace.
    fn new(arguments: impl FnOnce(&Path, &Path) -> Vec<String>) -> Option<Self> {
        if !common::strace::is_usable() {
            return None;
        }
        let folder = tempdir().unwrap();
        let (data, root) = (folder.path().join("data"), folder.path().join("disk"));
        for path in [&data, &root] {
            fs::create_dir(path).unwrap();
        }
        write_images(&data);
        let trace = folder.path().join("trace");
        let mut command = configured(common::strace::record(
            strace::CALLS,
            &trace,
            &["-xx", "-s", "100000000", "--seccomp-bpf"],
        ));
        command.arg(program()).args(arguments(&data, &root));
        run(&mut command);
        let operations = strace::parse(&fs::read_to_string(&trace).unwrap(), &root);
        let recording = Self { folder, operations };
        // The account is complete: it ends with the files that are there.
        let mut disk = Disk::new();
        for operation in &recording.operations {
            disk.execute(operation);
        }
        let accounted = disk.state(|_| true, |_| Kept::All).files();
        assert!(accounted == files(&root), "an operation was not understood");
        Some(recording)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("disk")
    }
}

/// Calls `check` with the states that a loss of power may leave after each operation, the index of the operation and a
/// description.
fn losses(
    operations: &[Operation],
    random: &mut SplitMix64,
    mut check: impl FnMut(usize, &State, &str),
) {
    let mut disk = Disk::new();
    for (index, operation) in operations.iter().enumerate() {
        disk.execute(operation);
        for (name, state) in disk.losses(random) {
            let context = format!("{name} after operation {index}, {operation}");
            check(index, &state, &context);
        }
    }
}

/// Returns the number of states that violate the expectations if the operations that `is_left_out` accepts were missing.
fn violations(recording: &Recording, is_left_out: fn(&Operation) -> bool) -> usize {
    let mut operations = recording.operations.clone();
    operations.retain(|operation| !is_left_out(operation));
    let expectations = Expectations::new(&operations, &recording.root());
    let mut count = 0;
    losses(
        &operations,
        &mut SplitMix64::new(1),
        |index, state, context| {
            count += usize::from(expectations.check(index, state, context).is_err());
        },
    );
    count
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |number| number.parse().unwrap())
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// Writes a state into a new folder.
fn materialize(state: &State, root: &Path) {
    fs::create_dir(root).unwrap();
    for (path, node) in &state.0 {
        match node {
            Node::Folder => fs::create_dir(root.join(path)).unwrap(),
            Node::File(content) => fs::write(root.join(path), &**content).unwrap(),
        }
    }
}

/// Calls `check` as [`losses`] does, then `resume` with the folders of a random sample of the states and their descriptions. Returns
/// a summary.
fn resume_after_losses(
    recording: &Recording,
    mut check: impl FnMut(usize, &State, &str),
    resume: impl Fn(&Path, &str),
) -> String {
    let (resumes, seed) = (number(RESUMES, DEFAULT_RESUMES), number(SEED, 1));
    let mut random = SplitMix64::new(seed);
    let mut distinct = Vec::new();
    losses(
        &recording.operations,
        &mut random,
        |index, state, context| {
            check(index, state, context);
            distinct.push((state.clone(), context.to_owned()));
        },
    );
    let count = distinct.len();
    distinct.sort_by(|one, other| one.0.cmp(&other.0));
    distinct.dedup_by(|one, other| one.0 == other.0);
    let total = distinct.len() as u64;
    for number in 0..resumes.min(total) {
        let (state, context) =
            distinct.swap_remove((random.next_u64() % distinct.len() as u64) as usize);
        let root = recording.folder.path().join(format!("{number}"));
        materialize(&state, &root);
        resume(&root, &context);
        fs::remove_dir_all(root).unwrap();
    }
    format!(
        "seed {seed}: {} operations, {count} states ({total} distinct), resumed from {}",
        recording.operations.len(),
        resumes.min(total)
    )
}

#[test]
fn a_run_survives_a_loss_of_power() {
    let Some(recording) = Recording::new(|data, root| start(data, &root.join("run"))) else {
        return;
    };
    let expectations = Expectations::new(&recording.operations, &recording.root());
    let expected = results(&recording.root().join("run"));
    let summary = resume_after_losses(
        &recording,
        |index, state, context| expectations.check(index, state, context).unwrap(),
        |root, context| {
            let folder = root.join("run");
            run(spawnable().args(proceed(&recording.data(), &folder)));
            assert_same(&results(&folder), &expected, context);
        },
    );
    // A program that does not synchronize files or folders would be found out.
    let [of_files, of_folders] = [
        violations(&recording, |operation| {
            matches!(operation, Operation::SyncFile(_))
        }),
        violations(&recording, |operation| {
            matches!(operation, Operation::SyncFolder(_))
        }),
    ];
    assert!(of_files > 0 && of_folders > 0);
    println!(
        "{summary}; without fsync of files {of_files} states would be invalid, without fsync of folders {of_folders}"
    );
}

#[test]
fn a_sweep_survives_a_loss_of_power() {
    let command = |data: &Path, root: &Path| {
        let settings = data.with_file_name("sweep.toml");
        fs::write(&settings, sweep(data, &SWEEP_SEEDS)).unwrap();
        let (settings, out) = (settings.to_str().unwrap(), root.join("sweep"));
        [
            "sweep",
            settings,
            "--jobs",
            "1",
            "--out",
            out.to_str().unwrap(),
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let Some(recording) = Recording::new(command) else {
        return;
    };
    let expected = results_of_sweep(&recording.root());
    assert_eq!(expected.len(), SWEEP_SEEDS.len());
    let summary = resume_after_losses(
        &recording,
        |_, _, _| {},
        |root, context| {
            run(spawnable().args(command(&recording.data(), root)));
            let found = results_of_sweep(root);
            assert_eq!(found.len(), expected.len(), "{context}");
            for (found, expected) in found.iter().zip(&expected) {
                assert_same(found, expected, context);
            }
        },
    );
    println!("sweep, {summary}");
}

/// Returns the files of each run of the sweep in `root`.
fn results_of_sweep(root: &Path) -> Vec<Files> {
    let entries = fs::read_dir(root.join("sweep")).unwrap();
    let mut runs: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    runs.retain(|path| path.is_dir());
    runs.sort();
    runs.iter().map(|run| results(run)).collect()
}

#[test]
fn outputs_of_other_commands_survive_a_loss_of_power() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let model = models.join(format!("{NAME}.tgan"));
    let model = model.to_str().unwrap();
    let commands: [(&[&str], &str); 3] = [
        (&["sample", "--count=500", "--model", model], "new/out.npy"),
        (&["sample", "--count=20", "--model", model], "out.png"),
        (&["export", "--uf2=pico", model], "out.uf2"),
    ];
    let mut random = SplitMix64::new(number(SEED, 1));
    for (words, out) in commands {
        let arguments = |_: &Path, root: &Path| {
            let words = words.iter().map(|word| (*word).to_owned());
            let out = root.join(out).to_str().unwrap().to_owned();
            words.chain(["--out".to_owned(), out]).collect()
        };
        let Some(recording) = Recording::new(arguments) else {
            return;
        };
        let complete = files(&recording.root());
        let announced = strace::announcement(&recording.operations, out);
        let mut count = 0;
        losses(
            &recording.operations,
            &mut random,
            |index, state, context| {
                count += 1;
                let mut found = state.files();
                found.retain(|path, _| !path.rsplit('/').next().unwrap().starts_with('.'));
                for (path, content) in &found {
                    assert!(complete.get(path) == Some(content), "{context}: {path}");
                }
                if index >= announced {
                    assert_same(&found, &complete, context);
                }
                let labels = found.contains_key("new/out-labels.npy");
                assert!(
                    labels || !found.contains_key("new/out.npy"),
                    "{context}: no labels"
                );
            },
        );
        println!(
            "{out}: {} operations, {count} states",
            recording.operations.len()
        );
    }
}
