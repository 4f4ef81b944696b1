//! Full and read-only disks: the error names the file and the remedy, nothing incomplete stays, and the work continues as soon as
//! there is space.
//!
//! A small file system in memory is filled by the command itself: each test chooses its size, from one block to as many as the
//! command needs. `THUMBGAN_FULL_DISKS` is the number of sizes per command, `THUMBGAN_FAILED_OPERATIONS` that of file operations that
//! fail under strace, and `THUMBGAN_FULL_DISK_SEED` the seed that chooses them; a number that is large enough means all of them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{
    small_run::{
        Files, assert_same, assert_whole, configured, files, proceed, program, results, spawnable,
        start, sweep,
    },
    strace, write_images,
};
use tempfile::{TempDir, tempdir};
use thumbgan_core::latent::SplitMix64;

const DEFAULT_SIZES: u64 = 4;
const SIZES: &str = "THUMBGAN_FULL_DISKS";
const DEFAULT_OPERATIONS: u64 = 4;
const OPERATIONS: &str = "THUMBGAN_FAILED_OPERATIONS";
const SEED: &str = "THUMBGAN_FULL_DISK_SEED";

/// Block of a file system in memory in KiB.
const BLOCK: u64 = 4;
/// Size in KiB of a disk that is never full.
const LARGE: u64 = 65_536;

/// Executes `$first` on a disk of the size and with the option `$size` and `$access`, then `$second` on a large one for writing.
const SCRIPT: &str = r#"
mount -t tmpfs -o "size=${size}k,$access" none "$disk" || exit 99
sh -c "$first" > "$keep/stdout" 2> "$keep/stderr"
echo $? > "$keep/code"
cp -a "$disk/." "$keep/full"
mount -o "remount,rw,size=64m" "$disk" || exit 99
sh -c "$second" > "$keep/stdout2" 2> "$keep/stderr2" || { cat "$keep/stderr2" >&2; exit 98; }
cp -a "$disk/." "$keep/done"
"#;

/// Data, and a folder that becomes the disk.
struct Bench {
    folder: TempDir,
}

/// Result of a command on a small disk, and of its repetition on a large one.
struct Outcome {
    keep: PathBuf,
    code: i32,
}

impl Bench {
    /// Returns `None`, with a message, where disks cannot be mounted.
    fn new() -> Option<Self> {
        let folder = tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        write_images(&folder.path().join("data"));
        fs::create_dir(folder.path().join("disk")).unwrap();
        let bench = Self { folder };
        if bench.try_disk(BLOCK, "true", "true", "probe").is_err() {
            println!(
                "skipped: a file system can be mounted neither by root nor in a namespace of a user"
            );
            return None;
        }
        Some(bench)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn disk(&self) -> PathBuf {
        self.at("disk")
    }

    /// Executes two commands of a shell, the first on a disk of `size` KiB, or on a read-only one if `size` is 0.
    fn on_disk(&self, size: u64, first: &str, second: &str, name: &str) -> Outcome {
        let outcome = self.try_disk(size, first, second, name);
        outcome.unwrap_or_else(|said| panic!("{name}: {said}"))
    }

    fn try_disk(
        &self,
        size: u64,
        first: &str,
        second: &str,
        name: &str,
    ) -> Result<Outcome, String> {
        let keep = self.at(name);
        // There is none at first.
        let _ = fs::remove_dir_all(&keep);
        for folder in ["full", "done"] {
            fs::create_dir_all(keep.join(folder)).unwrap();
        }
        let mut command = configured(Command::new("unshare"));
        command.args(["--map-root-user", "--mount", "sh", "-c", SCRIPT]);
        let (size, access) = if size == 0 {
            (LARGE, "ro")
        } else {
            (size, "rw")
        };
        command.env("size", size.to_string()).env("access", access);
        command.env("disk", self.disk()).env("keep", &keep);
        command.env("first", first).env("second", second);
        let output = command.output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let code = fs::read_to_string(keep.join("code")).unwrap();
        Ok(Outcome {
            keep,
            code: code.trim().parse().unwrap(),
        })
    }
}

impl Outcome {
    /// Returns the files on the full disk.
    fn full(&self) -> PathBuf {
        self.keep.join("full")
    }

    /// Returns the files after the repetition.
    fn done(&self) -> PathBuf {
        self.keep.join("done")
    }

    fn said(&self, name: &str) -> String {
        fs::read_to_string(self.keep.join(name)).unwrap()
    }

    /// Panics unless the command has failed with one line that names a file on the disk, the cause and a remedy.
    fn assert_error(&self, disk: &Path, words: &[&str], context: &str) {
        let said = self.said("stderr");
        assert_eq!(self.code, 1, "{context}: {said}");
        let errors: Vec<_> = said
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert_eq!(errors.len(), 1, "{context}: {said}");
        for words in [&[disk.to_str().unwrap()], words].concat() {
            assert!(
                errors[0].contains(words),
                "{context}: {words} is not in {}",
                errors[0]
            );
        }
    }
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |number| number.parse().unwrap())
}

/// Returns `count` numbers below `limit`, or all of them if `count` is larger.
fn sample(random: &mut SplitMix64, count: u64, limit: u64) -> Vec<u64> {
    let mut all: Vec<_> = (0..limit).collect();
    while all.len() as u64 > count {
        all.swap_remove((random.next_u64() % all.len() as u64) as usize);
    }
    all
}

/// Returns the program with arguments as a command of a shell.
fn shell(arguments: &[String]) -> String {
    let words = [program().to_str().unwrap().to_owned()].into_iter();
    let words = words.chain(arguments.iter().cloned());
    words
        .map(|word| format!("'{word}'"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns the number of blocks that files take; each of them and each folder begins a block.
fn blocks(files: &Files) -> u64 {
    let blocks = files
        .values()
        .map(|content| (content.len() as u64).div_ceil(1024 * BLOCK));
    blocks.sum::<u64>()
}

#[test]
fn a_run_on_a_full_disk_continues_when_there_is_space() {
    let Some(bench) = Bench::new() else { return };
    let run = bench.disk().join("run");
    let first = shell(&start(&bench.at("data"), &run));
    let resume = ["train", "--no-tui", "--resume", run.to_str().unwrap()].map(str::to_owned);
    let config = run.join("config.json");
    let second = format!(
        "if [ -e '{}' ]; then {}; else {first}; fi",
        config.display(),
        shell(&resume)
    );
    let undisturbed = bench.on_disk(LARGE, &first, "true", "undisturbed");
    let expected = results(&undisturbed.done().join("run"));
    let needed = blocks(&files(&undisturbed.done()));
    let mut random = SplitMix64::new(number(SEED, 1));
    let mut failures = 0;
    for blocks in sample(&mut random, number(SIZES, DEFAULT_SIZES), needed) {
        let size = BLOCK * (blocks + 1);
        let context = format!("a run on a disk of {size} KiB");
        let outcome = bench.on_disk(size, &first, &second, "small");
        if outcome.code != 0 {
            failures += 1;
            outcome.assert_error(
                &bench.disk(),
                &["cannot ", "the disk is full; free space on it"],
                &context,
            );
            let full = outcome.full().join("run");
            assert_whole(&full, &expected, &context);
            assert!(
                !full.join("checkpoints/.partial").exists(),
                "{context}: it takes space"
            );
            let newest = results(&full).into_keys().filter_map(|path| {
                let place = path.strip_prefix("checkpoints/")?;
                place.split_once('/')?.0.parse::<u32>().ok()
            });
            if let Some(newest) = newest.max() {
                let resumed = outcome.said("stdout2");
                assert!(
                    resumed.contains(&format!("at iteration {newest}\n")),
                    "{context}: {resumed}"
                );
            }
        }
        assert_same(&results(&outcome.done().join("run")), &expected, &context);
    }
    assert!(failures > 0, "no disk was full");
    println!("{failures} full disks of up to {needed} blocks, all runs completed");
}

#[test]
fn outputs_on_a_full_disk_are_complete_or_absent() {
    let Some(bench) = Bench::new() else { return };
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let model = |name: &str| models.join(name).to_str().unwrap().to_owned();
    let out = |name: &str| bench.disk().join(name).to_str().unwrap().to_owned();
    let (nano, pico) = (model("digits-nano.tgan"), model("digits-pico.tgan"));
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let commands = [
        words(&[
            "sample",
            "--count=40",
            "--model",
            &nano,
            "--out",
            &out("out.npy"),
        ]),
        words(&[
            "sample",
            "--count=20",
            "--model",
            &nano,
            "--out",
            &out("new/out.png"),
        ]),
        words(&["export", "--uf2=pico", &pico, "--out", &out("out.uf2")]),
    ];
    let mut random = SplitMix64::new(number(SEED, 1));
    for words in commands {
        let command = shell(&words);
        let expected = files(&bench.on_disk(LARGE, &command, "true", "undisturbed").done());
        let needed = blocks(&expected);
        for blocks in sample(
            &mut random,
            number(SIZES, DEFAULT_SIZES).div_ceil(2),
            needed - 1,
        ) {
            let size = BLOCK * (blocks + 1);
            let context = format!("{} on a disk of {size} KiB", words[0]);
            let outcome = bench.on_disk(size, &command, &command, "small");
            outcome.assert_error(
                &bench.disk(),
                &["cannot write ", "the disk is full; free space on it"],
                &context,
            );
            assert_eq!(files(&outcome.full()), Files::new(), "{context}");
            assert_same(&files(&outcome.done()), &expected, &context);
        }
        let context = format!("{} on a read-only disk", words[0]);
        let outcome = bench.on_disk(0, &command, &command, "small");
        outcome.assert_error(
            &bench.disk(),
            &["the file system is read-only; choose a path"],
            &context,
        );
        assert_same(&files(&outcome.done()), &expected, &context);
    }
}

#[test]
fn a_sweep_on_a_full_disk_says_so_and_continues_when_there_is_space() {
    let Some(bench) = Bench::new() else { return };
    let settings = bench.at("sweep.toml");
    fs::write(&settings, sweep(&bench.at("data"), &[1])).unwrap();
    let disk = bench.disk();
    let words = [
        "sweep",
        settings.to_str().unwrap(),
        "--out",
        disk.to_str().unwrap(),
    ];
    let command = shell(&words.map(str::to_owned));
    let expected = results(
        &bench
            .on_disk(LARGE, &command, "true", "undisturbed")
            .done()
            .join("seed=1"),
    );
    // The first one has no space for the log of the run.
    for size in [2 * BLOCK, 10 * BLOCK, 40 * BLOCK] {
        let context = format!("a sweep on a disk of {size} KiB");
        let outcome = bench.on_disk(size, &command, &command, "small");
        let said = outcome.said("stderr");
        assert_eq!(outcome.code, 1, "{context}: {said}");
        let reason = said
            .lines()
            .find(|line| line.contains("the disk is full; free space on it"));
        assert!(
            reason.is_some_and(|line| line.contains("seed=1/")),
            "{context}: {said}"
        );
        assert_same(
            &results(&outcome.done().join("seed=1")),
            &expected,
            &context,
        );
    }
}

#[test]
fn a_run_continues_after_a_file_operation_that_failed() {
    if !strace::is_usable() {
        return;
    }
    let folder = tempdir().unwrap();
    let (data, run, trace) = (
        folder.path().join("data"),
        folder.path().join("run"),
        folder.path().join("trace"),
    );
    fs::create_dir(&data).unwrap();
    write_images(&data);
    let under = |mut strace: Command| {
        strace.arg(program()).args(start(&data, &run));
        configured(strace).output().unwrap()
    };
    under(strace::record(strace::CHANGES, &trace, &[]));
    let expected = results(&run);
    let operations = strace::counts(&fs::read_to_string(&trace).unwrap());
    let of_files: Vec<_> = operations
        .iter()
        .flat_map(|(name, count)| (1..=*count).map(move |index| (name.as_str(), index)))
        .collect();
    let causes = [
        ("EDQUOT", "quota is exceeded; "),
        ("ENOSPC", "the disk is full; "),
        ("EIO", "Input/output error"),
        ("EROFS", "read-only"),
    ];
    let mut random = SplitMix64::new(number(SEED, 1));
    let (mut failures, chosen) = (
        0,
        sample(
            &mut random,
            number(OPERATIONS, DEFAULT_OPERATIONS),
            of_files.len() as u64,
        ),
    );
    for choice in &chosen {
        let (name, index) = of_files[*choice as usize];
        let (error, words) = causes[(random.next_u64() % 4) as usize];
        fs::remove_dir_all(&run).unwrap();
        let output = under(strace::inject(name, index, &format!("error={error}")));
        let said = String::from_utf8_lossy(&output.stderr);
        let context = format!("{error} of the {name} with number {index}: {said}");
        if !output.status.success() {
            failures += 1;
            let last = said.lines().last().unwrap_or_default();
            assert_eq!(output.status.code(), Some(1), "{context}");
            let of_file = last.contains(run.to_str().unwrap()) && last.contains(words);
            let is_named = of_file || last.contains("cannot write to standard output");
            assert!(last.starts_with("error: ") && is_named, "{context}");
            assert_whole(&run, &expected, &context);
            let output = spawnable().args(proceed(&data, &run)).output().unwrap();
            assert!(
                output.status.success(),
                "{context}{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        assert_same(&results(&run), &expected, &context);
    }
    println!(
        "{} of {} file operations failed, {failures} of them ended the run",
        chosen.len(),
        of_files.len()
    );
}
