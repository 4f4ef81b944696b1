//! Smallest complete run and the files that it leaves, for tests that interrupt it hundreds of times.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Number of iterations, with two sample grids.
pub const ITERATIONS: u32 = 300;
/// Iterations between checkpoints.
pub const CHECKPOINT_EVERY: u32 = 50;
/// Name of the model.
pub const NAME: &str = "digits-nano";
/// Options that make every file of a run as small as possible.
const TINY: [&str; 14] = [
    "--preset",
    NAME,
    "--batch",
    "2",
    "--latent",
    "1",
    "--generator-channels",
    "1,1",
    "--discriminator-channels",
    "1,1",
    "--discriminator-features",
    "1",
    "--dataset",
    "idx",
];

/// Relative paths of a folder's files with their contents.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Returns the path of the program under test.
pub fn program() -> PathBuf {
    assert_cmd::cargo::cargo_bin("trainer")
}

/// Returns the program under test as a command that can be spawned and killed.
pub fn spawnable() -> Command {
    configured(Command::new(program()))
}

/// Returns a command that runs the program under test, without settings of the environment.
pub fn configured(mut command: Command) -> Command {
    command
        .env_remove("THUMBGAN_DATA")
        .env("RAYON_NUM_THREADS", "1");
    command
}

/// Returns the arguments that start a run.
pub fn start(data: &Path, run: &Path) -> Vec<String> {
    let mut arguments = vec!["train".to_owned()];
    arguments.extend(TINY.map(str::to_owned));
    let numbers = [
        ("--iterations", ITERATIONS),
        ("--checkpoint-every", CHECKPOINT_EVERY),
    ];
    for (name, number) in numbers {
        arguments.extend([name.to_owned(), number.to_string()]);
    }
    for (name, path) in [("--data", data), ("--out", run)] {
        arguments.extend([name.to_owned(), path.to_str().unwrap().to_owned()]);
    }
    arguments.push("--no-tui".to_owned());
    arguments
}

/// Returns the arguments that resume a run, or start it if its folder contains none.
pub fn proceed(data: &Path, run: &Path) -> Vec<String> {
    if run.join("config.json").exists() {
        ["train", "--no-tui", "--resume", run.to_str().unwrap()]
            .map(str::to_owned)
            .to_vec()
    } else {
        start(data, run)
    }
}

/// Returns the settings of a sweep with the runs of these seeds, as TOML.
pub fn sweep(data: &Path, seeds: &[u32]) -> String {
    let settings = TINY.chunks(2).map(|pair| {
        let name = pair[0].trim_start_matches('-');
        match pair[1].parse::<u32>() {
            Ok(number) => format!("{name} = {number}"),
            Err(_) if pair[1].contains(',') => format!("{name} = [{}]", pair[1]),
            Err(_) => format!("{name} = {:?}", pair[1]),
        }
    });
    let mut lines: Vec<_> = settings.collect();
    lines.extend([
        format!("iterations = {ITERATIONS}"),
        format!("checkpoint-every = {CHECKPOINT_EVERY}"),
        format!("data = {:?}", data.to_str().unwrap()),
        format!("[grid]\nseed = {seeds:?}\n"),
    ]);
    lines.join("\n")
}

/// Returns the files in a folder that a run determines to the bit, and the names of its checkpoints; parts of a
/// checkpoint depend on the time, and so do previous logs.
pub fn results(run: &Path) -> Files {
    let mut found = files(run);
    found.retain(|path, _| {
        let is_previous_log = path.starts_with("metrics.") && path != "metrics.jsonl";
        let is_of_process = ["train.log", ".lock"].contains(&path.as_str());
        !is_previous_log && !is_of_process
    });
    for (path, content) in &mut found {
        if path.starts_with("checkpoints/") {
            content.clear();
        }
    }
    remove_times(&mut found);
    found
}

/// Removes from the model cards the training time, which differs between equal runs, and the hash that covers it.
pub fn remove_times(files: &mut Files) {
    for (path, content) in files {
        if Path::new(path).extension().is_some_and(|end| end == "md") {
            let text = String::from_utf8_lossy(content);
            let lines = text.split_inclusive('\n').map(|line| {
                if line.starts_with("| training time |") {
                    line.replace(|character: char| character.is_ascii_digit(), "")
                } else if line.starts_with("<!-- thumbgan: SHA-256") {
                    line.replace(|character: char| character.is_ascii_hexdigit(), "")
                } else {
                    line.to_owned()
                }
            });
            *content = lines.collect::<String>().into_bytes();
        }
    }
}

/// Returns all files in a folder.
pub fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(place) = folders.pop() {
        for entry in fs::read_dir(&place).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                found.insert(name.to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Panics unless a run has the files of an undisturbed one.
pub fn assert_same(found: &Files, expected: &Files, context: &str) {
    let beyond = |files: &Files, others: &Files| {
        let mut names: Vec<_> = files.keys().cloned().collect();
        names.retain(|name| !others.contains_key(name));
        names
    };
    assert_eq!(
        (beyond(found, expected), beyond(expected, found)),
        (Vec::new(), Vec::new()),
        "{context}: files that are left, and missing ones"
    );
    for (name, content) in found {
        assert!(*content == expected[name], "{context}: {name} differs");
    }
}

/// Panics unless every finished file of an interrupted run is that of an undisturbed one, and its log is a part of it.
pub fn assert_whole(run: &Path, expected: &Files, context: &str) {
    for (path, content) in results(run) {
        let name = path.rsplit('/').next().unwrap();
        if path.starts_with("checkpoints/") || name.starts_with('.') {
            continue;
        }
        let complete = expected
            .get(&path)
            .unwrap_or_else(|| panic!("{context}: {path} is not of the run"));
        let is_whole = match name {
            "metrics.jsonl" => complete.starts_with(&content),
            _ => content == *complete,
        };
        assert!(is_whole, "{context}: {path} is incomplete");
    }
}
