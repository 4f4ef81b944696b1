//! Locations of IDX files: names of MNIST's files, and where they are if not in the folder that was named.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::idx::File;
use crate::{
    files::{entries, name, parent, visible},
    text::shell_word,
};

/// Files of a dataset: training images, training labels, test images, test labels.
pub(super) const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// Depth to which folders are searched for a remedy.
const SEARCH_DEPTH: u32 = 3;

/// Returns the spellings of one of [`NAMES`]: plain or gzip-compressed, with a hyphen or, as on some mirrors, a dot.
fn spellings(name: &str) -> [String; 4] {
    let dotted = name.replace("-idx", ".idx");
    [
        name.to_owned(),
        dotted.clone(),
        format!("{name}.gz"),
        format!("{dotted}.gz"),
    ]
}

/// Returns the path of one of [`NAMES`] in a folder. Some programs unpack a file into a folder of its name.
pub(super) fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    spellings(name)
        .iter()
        .find_map(|spelling| file_at(&any_case(folder.join(spelling))))
}

/// Returns the path of an entry whose name differs from that of a missing `path` in upper and lower case alone, or the path
/// itself.
pub(super) fn any_case(path: PathBuf) -> PathBuf {
    if fs::symlink_metadata(&path).is_ok() {
        return path;
    }
    let is_same = |other: &Path| name(other).eq_ignore_ascii_case(&name(&path));
    let found = visible(parent(&path), is_same).unwrap_or_default();
    found.into_iter().next().unwrap_or(path)
}

/// Returns the path if it is a file, or the only visible file in it if it is a folder. A link that leads nowhere and a
/// path without permission count as files, so that opening them names the cause.
pub(super) fn file_at(path: &Path) -> Option<PathBuf> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => match &visible(path, Path::is_file).ok()?[..] {
            [one] => Some(one.clone()),
            _ => None,
        },
        Err(_) if fs::symlink_metadata(path).is_err_and(|error| is_absent(&error)) => None,
        _ => Some(path.to_owned()),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Reads all four files of a folder.
///
/// # Errors
/// If one is missing or invalid; the message names it, and the folder in which the files seem to be.
pub(super) fn open_folder(folder: &Path) -> Result<[File; 4]> {
    entries(folder)?;
    let open = |name| {
        let path = find(folder, name).with_context(|| {
            let wanted = NAMES.join(", ");
            format!(
                "{}: no {name} or {name}.gz; {}",
                folder.display(),
                elsewhere(folder).unwrap_or_else(|| format!(
                    "the folder must contain {wanted}; for a custom dataset pass --dataset idx"
                ))
            )
        })?;
        File::open(path)
    };
    let [a, b, c, d] = NAMES;
    Ok([open(a)?, open(b)?, open(c)?, open(d)?])
}

/// Returns the remedy if a folder below `folder` contains training images, such as `MNIST/raw` of torchvision.
pub(super) fn elsewhere(folder: &Path) -> Option<String> {
    elsewhere_with(folder, &|path| {
        name(path).to_lowercase().contains("train-images")
    })
}

/// Returns the remedy if a folder below `folder` contains a file that `wanted` accepts.
pub(super) fn elsewhere_with(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Option<String> {
    below(folder, SEARCH_DEPTH, wanted).map(|found| {
        format!(
            "the files are in {}: pass --data {}",
            found.display(),
            shell_word(&found)
        )
    })
}

fn below(folder: &Path, depth: u32, wanted: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let folders = visible(folder, Path::is_dir).ok()?;
    let has_wanted = |folder: &&PathBuf| {
        visible(folder, |path| path.is_file() && wanted(path)).is_ok_and(|found| !found.is_empty())
    };
    folders.iter().find(has_wanted).cloned().or_else(|| {
        let deeper = depth.checked_sub(1)?;
        folders
            .iter()
            .find_map(|folder| below(folder, deeper, wanted))
    })
}
