//! Models, samples and names of files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::{Command, assert::Assert};

use crate::common::{array, trainer};

pub fn model(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
}

/// Returns `trainer sample` with a model and the output `out`.
pub fn sample(model: &Path, out: &Path) -> Command {
    let mut command = trainer();
    command.args(["sample", "--model"]).arg(model);
    command.arg("--out").arg(out);
    command
}

pub fn nano(out: &Path, words: &[&str]) -> Assert {
    sample(&model("digits-nano.tgan"), out).args(words).assert()
}

pub fn array_at(path: &Path) -> (Vec<u64>, Vec<u8>) {
    array(&fs::read(path).unwrap())
}

/// Returns the sorted names in a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
