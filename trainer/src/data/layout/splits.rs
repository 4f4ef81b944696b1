//! Folders with splits: their names, and class folders that are probably splits.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail, ensure};

use super::Classes;
use crate::{
    data::{split_name::SplitName, unused::is_of_system},
    files::{name, visible},
};

/// Names of folders with splits, in lower case and without [`SUFFIXES`].
const TRAIN: [&str; 2] = ["train", "training"];
const TEST: [&str; 2] = ["test", "testing"];
const VALIDATION: [&str; 6] = ["val", "valid", "validation", "dev", "eval", "evaluation"];
const SUFFIXES: [&str; 3] = ["set", "data", "images"];

/// Images of a split by class.
#[derive(Debug)]
pub(super) struct Part {
    /// Folder of the class folders, or of the images.
    pub folder: PathBuf,
    pub classes: Classes,
}

impl Part {
    /// Returns true if the images are not in class folders.
    pub fn is_flat(&self) -> bool {
        self.classes.iter().all(|(name, _)| name.is_none())
    }

    /// Checks that the classes of a test split are among those of the training split.
    ///
    /// # Errors
    /// If one is not; the message names the folders of both splits.
    pub fn check_classes(&self, train: &Self) -> Result<()> {
        let (here, there) = (self.folder.display(), train.folder.display());
        ensure!(
            self.is_flat() || !train.is_flat(),
            "{here} has class folders, but {there} has none; both need the same class folders"
        );
        let is_known = |class: &Option<String>| train.classes.iter().any(|(name, _)| name == class);
        let unknown = self.classes.iter().find(|(name, _)| !is_known(name));
        if let Some((Some(name), _)) = unknown {
            let remedy = match self.classes[..] {
                [_] => format!(", or move its images into {here} if their classes are not known"),
                _ => String::new(),
            };
            bail!(
                "the test split has a class folder {name:?} that the training split lacks: {} is not in {there}; add or \
                 remove it{remedy}",
                self.folder.join(name).display()
            );
        }
        Ok(())
    }
}

/// Finds the folder of the training split, and those of the test and the validation split in the order of preference;
/// `None` without training or without all others.
pub(super) fn find(folders: &[PathBuf]) -> Option<(&PathBuf, Vec<&PathBuf>)> {
    let named = |names: &[&str]| {
        let is_one = |folder: &&PathBuf| names.contains(&&*split_name(folder));
        folders.iter().find(is_one)
    };
    let held_out = [named(&TEST), named(&VALIDATION)];
    let held_out: Vec<_> = held_out.into_iter().flatten().collect();
    let train = named(&TRAIN)?;
    (!held_out.is_empty()).then_some((train, held_out))
}

/// Returns true if two folders have the name of the same split.
pub(super) fn is_same_split(a: &Path, b: &Path) -> bool {
    let name = split_name(a);
    let splits = [&TRAIN[..], &TEST, &VALIDATION];
    splits.concat().contains(&&*name) && name == split_name(b)
}

/// Returns the name of a folder in the form of [`TRAIN`], [`TEST`] and [`VALIDATION`].
fn split_name(folder: &Path) -> String {
    let mut text = name(folder).to_lowercase();
    text.retain(char::is_alphanumeric);
    for suffix in SUFFIXES {
        if let Some(stem) = text.strip_suffix(suffix).filter(|stem| !stem.is_empty()) {
            return stem.to_owned();
        }
    }
    text
}

/// Returns true if the names of two folders differ only in a word for a split, as `digits_train` and `digits_test`.
fn are_splits(a: &Path, b: &Path) -> bool {
    let [a, b] = [a, b].map(|folder| SplitName::parse(&name(folder)));
    !a.dataset.is_empty() && a.dataset == b.dataset && a.role != b.role
}

/// Checks that class folders are not splits under unusual names.
///
/// # Errors
/// If the name of one suggests it, and another one has half of the folders in it or the name of another split of the same
/// dataset; the message names both and the remedy.
pub(super) fn check_no_splits(folders: &[PathBuf]) -> Result<()> {
    let is_named_so = |folder: &Path| {
        let name = name(folder).to_lowercase();
        ["train", "test", "val"]
            .iter()
            .any(|part| name.contains(part))
    };
    if !folders.iter().any(|folder| is_named_so(folder)) {
        return Ok(());
    }
    let mut inside = Vec::new();
    for folder in folders {
        let names = visible(folder, |path| path.is_dir() && !is_of_system(path))?;
        let names: BTreeSet<_> = names.iter().map(|path| name(path)).collect();
        inside.push((folder, names));
    }
    for (index, (first, names)) in inside.iter().enumerate() {
        for (second, others) in &inside[index + 1..] {
            if !is_named_so(first) && !is_named_so(second) {
                continue;
            }
            let shared: Vec<_> = names.intersection(others).collect();
            let is_half = 2 * shared.len() >= names.len().min(others.len());
            let similarity = match shared[..] {
                [example, ..] if is_half => {
                    let share = if names == others { "" } else { "mostly " };
                    format!("contain {share}the same folders, such as {example}")
                }
                _ if are_splits(first, second) => "have the names of splits".to_owned(),
                _ => continue,
            };
            bail!(
                "{} and {} {similarity}; if they are splits of the data, rename them to train and test, or pass one of them \
                 with --data; if they are classes, choose names without train, test and val",
                first.display(),
                second.display()
            );
        }
    }
    Ok(())
}
