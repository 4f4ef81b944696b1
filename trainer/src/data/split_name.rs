//! Names of files and arrays: the dataset and the split that they stand for, and which of them are read.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::{files::name, text::shell_word};

/// Words for training images.
const TRAIN: [&str; 2] = ["train", "training"];
/// Words for test images.
const TEST: [&str; 3] = ["test", "testing", "t10k"];
/// Words for validation images.
const VALIDATION: [&str; 5] = ["val", "valid", "validation", "dev", "eval"];
/// Words for images, and for the shape and type of IDX files.
const IMAGES: [&str; 12] = [
    "image", "images", "img", "imgs", "x", "data", "idx1", "idx2", "idx3", "idx4", "ubyte", "int",
];
/// Words for labels.
const LABELS: [&str; 7] = [
    "label", "labels", "target", "targets", "class", "classes", "y",
];
/// Extensions of files of data and of their packed or partial copies.
const EXTENSIONS: [&str; 26] = [
    "csv",
    "tsv",
    "txt",
    "npy",
    "npz",
    "json",
    "mat",
    "h5",
    "hdf5",
    "pkl",
    "pickle",
    "parquet",
    "xls",
    "xlsx",
    "gz",
    "zip",
    "tar",
    "bz2",
    "xz",
    "zst",
    "7z",
    "html",
    "htm",
    "part",
    "crdownload",
    "tmp",
];

/// Extensions of checksums and signatures.
const CHECKSUMS: [&str; 7] = ["md5", "sha1", "sha256", "sha512", "crc", "asc", "sig"];

/// Part of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Train,
    Test,
    Validation,
}

/// Name of a file or array without the words for images and labels, such as `kmnist` and `Train` for
/// `kmnist-train-imgs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SplitName {
    /// Words that are neither split nor content.
    pub dataset: String,
    /// Split; training images without a word for one.
    pub role: Role,
}

impl SplitName {
    /// Parses a name without its extension.
    pub fn parse(name: &str) -> Self {
        let (mut dataset, mut role) = (Vec::new(), Role::Train);
        for word in words(name) {
            let word = word.as_str();
            if TEST.contains(&word) {
                role = Role::Test;
            } else if VALIDATION.contains(&word) {
                role = Role::Validation;
            } else if !TRAIN.contains(&word) && !IMAGES.contains(&word) && !LABELS.contains(&word) {
                dataset.push(word.to_owned());
            }
        }
        let dataset = dataset.join(" ");
        Self { dataset, role }
    }

    /// Parses the name of a file of any format.
    pub fn of_file(path: &Path) -> Self {
        Self::parse(stem(&name(path)))
    }
}

/// Returns true if the name of a file has a word for labels.
pub(super) fn is_of_labels(path: &Path) -> bool {
    words(stem(&name(path)))
        .iter()
        .any(|word| LABELS.contains(&&**word))
}

/// Returns a name without its known extensions.
fn stem(mut name: &str) -> &str {
    while let Some((stem, end)) = name.rsplit_once('.') {
        if !EXTENSIONS.contains(&&*end.to_lowercase()) {
            break;
        }
        name = stem;
    }
    name
}

/// Returns true if a name in lower case has one of these extensions, perhaps before others, and is not that of a checksum
/// or signature.
pub(super) fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let mut parts = name.split('.').skip(1);
    parts.any(|part| extensions.contains(&part.trim_end())) && !is_checksum(name)
}

/// Returns true if a name in lower case is that of a checksum or signature of a file.
pub(super) fn is_checksum(name: &str) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    CHECKSUMS.contains(&end)
}

/// Returns true if the name of a file has a number in parentheses, which browsers give to a second download.
pub(super) fn is_copy(path: &Path) -> bool {
    without_number(path).is_some()
}

/// Returns the path of the first download of a file whose name has a number in parentheses.
pub(super) fn without_number(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let (start, rest) = name.rsplit_once(" (")?;
    let (number, end) = rest.split_once(')')?;
    number.parse::<u32>().ok()?;
    Some(path.with_file_name(format!("{start}{end}")))
}

/// Returns the words of a name in lower case, separated by other characters or, as in `trainImages`, by capitals.
fn words(name: &str) -> Vec<String> {
    let mut separated = String::new();
    let mut was_lower = false;
    for character in name.chars() {
        if was_lower && character.is_uppercase() {
            separated.push(' ');
        }
        separated.push(character);
        was_lower = character.is_lowercase();
    }
    separated
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Images that a dataset may consist of.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub name: SplitName,
    /// File that contains the images.
    pub file: PathBuf,
    /// File, and name of the array in it, for messages.
    pub path: PathBuf,
}

/// Chooses training and, if there are any, test images of a folder, or of the file `named` and those beside it.
///
/// # Errors
/// If there are none or several; the message names them.
pub(super) fn choose(
    folder: &Path,
    named: Option<&Path>,
    found: &[Candidate],
) -> Result<(Candidate, Option<Candidate>)> {
    let is_named = |one: &&Candidate| named.is_none_or(|path| name(path) == name(&one.file));
    let of_role = |role| found.iter().filter(move |one| one.name.role == role);
    let mut train: Vec<_> = of_role(Role::Train).filter(is_named).collect();
    if train.is_empty() && named.is_some() {
        train = found.iter().filter(is_named).collect();
    }
    let datasets: BTreeSet<_> = train.iter().map(|one| &one.name.dataset).collect();
    let train = match &train[..] {
        [one] => (*one).clone(),
        [] => bail!(
            "{}: no training images; pass the file of the images itself with --data",
            folder.display()
        ),
        [first, ..] if datasets.len() > 1 && named.is_none() => {
            let example = train
                .iter()
                .find(|one| !is_copy(&one.file))
                .unwrap_or(first);
            bail!(
                "{} contains {} datasets; pass one of them with --data, such as --data {}",
                folder.display(),
                datasets.len(),
                shell_word(&example.file)
            )
        }
        [first, second, ..] => return Err(ambiguous(first, second, "training images")),
    };
    if train.name.role != Role::Train {
        return Ok((train, None));
    }
    for role in [Role::Test, Role::Validation] {
        let test: Vec<_> = of_role(role)
            .filter(|one| one.name.dataset == train.name.dataset)
            .collect();
        match &test[..] {
            [] => {}
            [one] => return Ok((train, Some((*one).clone()))),
            [first, second, ..] => return Err(ambiguous(first, second, "test images")),
        }
    }
    Ok((train, None))
}

fn ambiguous(first: &Candidate, second: &Candidate, kind: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "{} and {} both look like {kind}; rename one, with `train` or `test` in its name, or move it elsewhere",
        first.path.display(),
        second.path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_dataset_and_role() {
        for (name, dataset, role) in [
            ("kmnist-train-imgs", "kmnist", Role::Train),
            ("kmnist-test-labels", "kmnist", Role::Test),
            ("x_train", "", Role::Train),
            ("mnist y_test", "mnist", Role::Test),
            ("trainImages", "", Role::Train),
            ("t10k-images", "", Role::Test),
            (
                "pneumoniamnist val_images",
                "pneumoniamnist",
                Role::Validation,
            ),
            ("digits-labels", "digits", Role::Train),
            ("A_Z Handwritten Data", "a z handwritten", Role::Train),
        ] {
            let dataset = dataset.to_owned();
            assert_eq!(SplitName::parse(name), SplitName { dataset, role });
        }
    }
}
