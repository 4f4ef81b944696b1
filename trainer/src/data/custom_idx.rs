//! Custom IDX files: images with or without labels and test images.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use super::{
    Dataset, ReadOptions,
    format::{Format, Needed},
    idx::{self, File},
    labeled::{self, Part},
    layout,
    locate::{elsewhere, file_at},
};
use crate::{
    files::{name, parent, utf8, visible},
    text::count,
};

/// Words for `train` in the file names of test images.
const TEST: [&str; 2] = ["t10k", "test"];

/// Reads the dataset of a folder, or of one file of training images and the files beside it.
///
/// # Errors
/// If a file is missing or invalid, or labels and images do not match; the message names the files.
pub(super) fn dataset(path: &Path, reading: &ReadOptions) -> Result<Dataset> {
    let images = if path.is_dir() {
        train_images(path)?
    } else {
        path.to_owned()
    };
    let images = unpacked_folder(images);
    // The names of the other files follow from this one.
    if let Some(name) = images.file_name() {
        utf8(Path::new(name))?;
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
    if path.is_dir() {
        let used = [Some(&train), test.as_ref()].into_iter().flatten();
        let used: Vec<_> = used.flat_map(|part| &part.files).collect();
        report_unused(parent(&images), &used)?;
    }
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
fn train_images(folder: &Path) -> Result<PathBuf> {
    let is_named_so = |path: &Path| name(path).contains("train-images") && file_at(path).is_some();
    let mut found = visible(folder, is_named_so)?;
    let is_one = |path: &PathBuf| file_at(path).is_some_and(|file| is_file(&file));
    if found.iter().any(is_one) {
        found.retain(is_one);
    }
    // A file and its gzip-compressed copy count once.
    found.dedup_by_key(|path| path.to_string_lossy().trim_end_matches(".gz").to_owned());
    match &found[..] {
        [one] => Ok(one.clone()),
        [] => bail!(
            "{}: no train-images-idx3-ubyte or train-images-idx3-ubyte.gz; {}",
            folder.display(),
            elsewhere(folder).unwrap_or_else(|| if layout::has_images(folder) {
                "for a folder of images pass --dataset images".to_owned()
            } else {
                "pass the file of images itself with --data if it has another name".to_owned()
            })
        ),
        [first, ..] => bail!(
            "{} contains {} datasets; pass one of them with --data, such as --data {}",
            folder.display(),
            found.len(),
            first.display()
        ),
    }
}

/// Returns the folder of its name into which a program has unpacked the file, or the path itself. The other files are
/// beside that folder.
fn unpacked_folder(images: PathBuf) -> PathBuf {
    let folder = parent(&images);
    if name(folder).contains("idx3") && file_at(folder).as_ref() == Some(&images) {
        folder.to_owned()
    } else {
        images
    }
}

/// Returns true if a folder contains IDX images, or the path is such a file.
pub(super) fn is_idx(path: &Path) -> bool {
    is_file(path) || visible(path, is_file).is_ok_and(|found| !found.is_empty())
}

/// Returns true for an IDX file, plain or, by its first bytes, compressed with gzip. Pipes are not opened, which would
/// wait for their writers.
fn is_file(path: &Path) -> bool {
    path.is_file() && matches!(Format::of_file(path), Ok(Format::Idx | Format::Gzip))
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
    let Some(found) = visible(parent(images), looks_so)?.into_iter().next() else {
        return Ok(());
    };
    let expected = labels_of(images).into_iter().next().unwrap_or_default();
    let remedy = if found.is_dir() {
        "a folder; leave only the file of the labels in it".to_owned()
    } else {
        match content_of(&found)? {
            Ok(labels) => format!(
                "{labels}; if it contains the labels, rename it to {}",
                name(&expected)
            ),
            Err(format @ (Format::Csv | Format::Npy | Format::Npz)) => format!(
                "{}; convert it to an IDX file: docs/data.md has a command",
                format.name()
            ),
            Err(format) => format!("{}; {}", format.name(), format.remedy(Needed::Idx)),
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
fn report_unused(folder: &Path, used: &[&PathBuf]) -> Result<()> {
    let is_idx = |path: &Path| match fs::metadata(path) {
        Ok(found) if found.is_dir() => name(path).contains("idx"),
        Ok(_) => is_file(path),
        Err(_) => true,
    };
    let unused = visible(folder, |path| {
        !used.iter().any(|used| *used == path) && is_idx(path)
    })?;
    if let [first, ..] = &unused[..] {
        let used: Vec<_> = used.iter().map(|path| name(path)).collect();
        errln!(
            "warning: not read: {}, such as {}; the dataset consists of {}",
            count(unused.len(), "file"),
            first.display(),
            used.join(", ")
        );
    }
    Ok(())
}

/// Replaces the last `from` in the file name with `to`; `None` if it does not occur.
fn renamed(path: &Path, from: &str, to: &str) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let (start, end) = name.rsplit_once(from)?;
    Some(path.with_file_name(format!("{start}{to}{end}")))
}

/// Returns the path itself, or its counterpart with or without `.gz`, if it can be opened by [`open`].
fn either(path: &Path) -> Option<PathBuf> {
    let other = match path.extension() {
        Some(end) if end == "gz" => path.with_extension(""),
        _ => {
            let mut longer = OsString::from(path);
            longer.push(".gz");
            longer.into()
        }
    };
    [path.to_owned(), other]
        .into_iter()
        .find(|path| file_at(path).is_some())
}
