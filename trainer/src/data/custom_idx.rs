//! Custom IDX files: images with or without labels and test images.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use super::{
    Dataset, ReadOptions,
    folder::{Folder, Rules},
    format::{Format, Needed},
    idx::{self, File},
    labeled::{self, Part},
    locate::{any_case, elsewhere, file_at},
    split_name::{SplitName, is_checksum, is_copy, without_number},
};
use crate::{
    files::{cannot, name, parent, utf8, visible},
    text::{count, shell_word},
};

/// Files that are read: all IDX files. Packed and partial copies have longer names.
const RULES: Rules = Rules {
    needed: Needed::Idx,
    with_gzip: true,
    is_named_so: |name| {
        (name.contains("images") || name.contains("labels"))
            && name.contains("idx")
            && !is_checksum(name)
    },
};

/// Words for `train` in the file names of test images.
const TEST: [&str; 2] = ["t10k", "test"];

/// Reads the dataset of a folder, or of one file of training images and the files beside it.
///
/// # Errors
/// If a file is missing or invalid, or labels and images do not match; the message names the files.
pub(super) fn dataset(path: &Path, reading: &ReadOptions) -> Result<Dataset> {
    let named = (!path.is_dir()).then(|| unpacked_folder(path.to_owned()));
    fs::metadata(path).map_err(|error| cannot("open", path, &error))?;
    let folder = Folder::list(path, named.as_deref(), &RULES)?;
    let images = match &named {
        Some(images) => images.clone(),
        None => unpacked_folder(train_images(path, &folder)?),
    };
    // The names of the other files follow from this one.
    if let Some(name) = images.file_name() {
        utf8(Path::new(name))?;
    }
    let is_emnist = |path: &Path| name(path).to_lowercase().contains("emnist");
    if !reading.transpose && (is_emnist(path) || is_emnist(&images)) {
        errln!(
            "warning: {} is named like EMNIST, whose images have rows and columns swapped; pass --transpose to swap them",
            images.display()
        );
    }
    let test = TEST
        .iter()
        .filter_map(|name| renamed(&images, "train", name))
        .find_map(|path| either(&path));
    let train = Files::open(&images, reading)?;
    let test = test.map(|test| Files::open(&test, reading)).transpose()?;
    if let Some(test) = &test {
        train.check_labels_of(test)?;
    }
    if train.content.labels.is_none() && !reading.unlabeled {
        check_no_labels_beside(&images, train.content.images.count())?;
    }
    let used = [Some(&train), test.as_ref()].into_iter().flatten();
    let used: Vec<_> = used
        .flat_map(|part| &part.files)
        .map(|path| &**path)
        .collect();
    if named.is_none() {
        report_unused(&folder.files, &used);
    }
    folder.report(&used);
    labeled::dataset("idx", train.content, test.map(|test| test.content), reading)
}

/// Training or test images with their files.
struct Files {
    /// Paths of the images and, if there are any, of the labels: a file, or the folder into which it was unpacked.
    files: Vec<PathBuf>,
    content: Part,
}

impl Files {
    fn open(path: &Path, reading: &ReadOptions) -> Result<Self> {
        let images = open(path)?.images()?;
        let labels = labels_of(path)
            .iter()
            .find_map(|path| either(path))
            .filter(|_| !reading.unlabeled);
        let read = |path: &PathBuf| {
            let file = open(path)?;
            images.check_labels(&file.path, file.count())?;
            file.labels()
        };
        let found = labels.as_ref().map(read).transpose()?;
        Ok(Self {
            files: [path.to_owned()].into_iter().chain(labels).collect(),
            content: Part {
                images,
                labels: found,
            },
        })
    }

    /// Checks that training images, `self`, and test images both have labels or neither has.
    fn check_labels_of(&self, test: &Self) -> Result<()> {
        let missing = match (&self.content.labels, &test.content.labels) {
            (None, Some(_)) => &self.files[0],
            (Some(_), None) => &test.files[0],
            _ => return Ok(()),
        };
        let labels = labels_of(missing).into_iter().next().unwrap_or_default();
        let name = name(&labels);
        let name = name.trim_end_matches(".gz");
        bail!(
            "{}: no {name} or {name}.gz; the folder must contain labels of both training and test images, or of neither",
            parent(&labels).display()
        )
    }
}

/// Opens a file, or the only one in the folder into which it was unpacked.
fn open(path: &Path) -> Result<File> {
    File::open(file_at(path).unwrap_or_else(|| path.to_owned()))
}

/// Returns the path of the only training images in a folder.
fn train_images(folder: &Path, listed: &Folder) -> Result<PathBuf> {
    let is_named_so =
        |path: &Path| name(path).to_lowercase().contains("train-images") && file_at(path).is_some();
    let mut found = visible(folder, is_named_so)?;
    let is_one = |path: &PathBuf| file_at(path).is_some_and(|file| idx::is_file(&file));
    if found.iter().any(is_one) {
        found.retain(is_one);
    }
    // A file and its gzip-compressed copy count once.
    found.dedup_by_key(|path| {
        path.to_string_lossy()
            .trim_end_matches(".gz")
            .trim_end_matches(".GZ")
            .to_owned()
    });
    match &found[..] {
        [one] => Ok(one.clone()),
        [] => bail!(
            "{}: no train-images-idx3-ubyte or train-images-idx3-ubyte.gz; {}",
            folder.display(),
            elsewhere(folder).unwrap_or_else(|| {
                let otherwise = "pass the file of images itself with --data if it has another name";
                if listed.files.is_empty() {
                    listed.remedy(otherwise)
                } else {
                    otherwise.to_owned()
                }
            })
        ),
        [first, ..] => {
            let example = found.iter().find(|path| !is_copy(path)).unwrap_or(first);
            bail!(
                "{} contains {} datasets; pass one of them with --data, such as --data {}",
                folder.display(),
                found.len(),
                shell_word(example)
            )
        }
    }
}

/// Returns the folder of its name into which a program has unpacked the file, or the path itself. The other files are
/// beside that folder.
fn unpacked_folder(images: PathBuf) -> PathBuf {
    let folder = parent(&images);
    if name(folder).to_lowercase().contains("idx3") && file_at(folder).as_ref() == Some(&images) {
        folder.to_owned()
    } else {
        images
    }
}

/// Returns the expected paths of the labels of an image file, first the usual one, then that of QMNIST.
fn labels_of(images: &Path) -> Vec<PathBuf> {
    let path = renamed(images, "images", "labels").unwrap_or_else(|| images.to_owned());
    let renumbered = ["idx3", "idx2", "idx4"]
        .iter()
        .find_map(|rank| renamed(&path, rank, "idx1"));
    let path = renumbered.unwrap_or(path);
    if path == images {
        return vec![images.with_extension("labels")];
    }
    let rows = renamed(&path, "idx1-ubyte", "idx2-int");
    [path].into_iter().chain(rows).collect()
}

/// Checks that no file beside `count` images without labels looks like their labels, by its name or content.
///
/// # Errors
/// If there is one; the message names it, its format, and how to use it or do without.
fn check_no_labels_beside(images: &Path, count: usize) -> Result<()> {
    let is_named_so = |path: &Path| {
        ["label", "idx1", "idx2"]
            .iter()
            .any(|part| name(path).to_lowercase().contains(part))
    };
    let looks_so =
        |path: &Path| path != images && (is_named_so(path) || idx::has_labels(path, count));
    // Opening a pipe would wait for its writer.
    let looks_so = |path: &Path| (path.is_file() || path.is_dir()) && looks_so(path);
    let found = visible(parent(images), looks_so)?;
    let role = SplitName::of_file(images).role;
    let is_of_split = |path: &&PathBuf| SplitName::of_file(path).role == role;
    let fits = |path: &&PathBuf| is_of_split(path) && idx::has_labels(path, count);
    // A name says more than the content, unless the content is that of other labels.
    let rank = |path: &&PathBuf| match (is_named_so(path), fits(path)) {
        (true, true) => 0,
        (true, false) if is_of_split(path) && !idx::is_file(path) => 1,
        (false, true) => 2,
        _ => 3,
    };
    let found = found.iter().min_by_key(rank);
    let Some(found) = found else {
        return Ok(());
    };
    let expected = labels_of(images).into_iter().next().unwrap_or_default();
    let remedy = if found.is_dir() {
        "a folder; leave only the file of the labels in it".to_owned()
    } else {
        match content_of(found)? {
            Ok(labels) if !fits(&found) => {
                format!("{labels}, the labels of other images; add those of these {count} images")
            }
            Ok(labels) => format!(
                "{labels}; if it contains the labels, {}",
                renaming(images, &expected)
            ),
            Err(format @ (Format::Csv | Format::Npy | Format::Npz)) => format!(
                "{}; convert it to an IDX file: docs/data.md has a command",
                format.name()
            ),
            Err(format) => {
                let (name, remedy) = format.explain(found, Needed::Idx);
                format!("{name}; {remedy}")
            }
        }
    };
    bail!(
        "{} has no labels, which would be in {}; {} is {remedy}; or move it elsewhere; or pass --unlabeled to a new run to \
         train without classes",
        images.display(),
        name(&expected),
        found.display()
    )
}

/// Returns the remedy for labels whose name is not the expected one: the first download of the images, or a new name.
fn renaming(images: &Path, expected: &Path) -> String {
    match without_number(images) {
        Some(first) if first.exists() => {
            format!("pass --data {}, the first download", shell_word(first))
        }
        Some(first) => format!("rename the images to {}", name(&first)),
        None => format!("rename it to {}", name(expected)),
    }
}

/// Returns a description of an IDX file of labels, or the other format of the file.
fn content_of(path: &Path) -> Result<Result<String, Format>> {
    match Format::of_file(path)? {
        Format::Idx | Format::Gzip => {
            let file = File::open(path.to_owned())?;
            let description = file.description();
            file.labels()?;
            Ok(Ok(format!("an IDX file of {description}")))
        }
        other => Ok(Err(other)),
    }
}

/// Warns of IDX files in a folder that are not part of the dataset.
fn report_unused(files: &[PathBuf], used: &[&Path]) {
    let is_used = |path: &&PathBuf| used.contains(&path.as_path());
    let unused: Vec<_> = files.iter().filter(|path| !is_used(path)).collect();
    if let [first, ..] = &unused[..] {
        let used: Vec<_> = used.iter().map(|path| name(path)).collect();
        errln!(
            "warning: not read: {}, such as {}; the dataset consists of {}",
            count(unused.len(), "file"),
            first.display(),
            used.join(", ")
        );
    }
}

/// Replaces the last `from` in the file name, in upper or lower case, with `to` in its case; `None` if it does not occur.
fn renamed(path: &Path, from: &str, to: &str) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let start = name.to_ascii_lowercase().rfind(from)?;
    let (before, rest) = name.split_at(start);
    let (replaced, after) = rest.split_at(from.len());
    let to = if replaced.contains(|letter: char| letter.is_ascii_lowercase()) {
        to.to_owned()
    } else {
        to.to_ascii_uppercase()
    };
    Some(path.with_file_name(format!("{before}{to}{after}")))
}

/// Returns the path itself, or its counterpart with or without `.gz`, if it can be opened by [`open`]; the case of the name
/// may differ.
fn either(path: &Path) -> Option<PathBuf> {
    let other = match path.extension() {
        Some(end) if end.eq_ignore_ascii_case("gz") => path.with_extension(""),
        _ => {
            let mut longer = OsString::from(path);
            longer.push(".gz");
            longer.into()
        }
    };
    [path.to_owned(), other]
        .into_iter()
        .map(any_case)
        .find(|path| file_at(path).is_some())
}
