//! Datasets in NumPy files: `.npz` archives, and `.npy` files of images and labels.
//!
//! Arrays are images or labels by their shape; their names tell the split.

mod array;
mod header;
mod zip;

use std::path::Path;

use anyhow::{Result, bail, ensure};

use self::array::Array;
pub use self::header::encode as array_header;
use super::{
    Dataset, ReadOptions,
    format::{Format, Needed},
    labeled::{self, Part},
    split_name::{Candidate, choose},
};
use crate::{
    files::{name, parent, visible},
    text::count,
};

/// Reads the dataset of a folder, or of one file and the files beside it.
///
/// # Errors
/// If a file is missing or invalid, or labels and images do not match; the message names the files.
pub(super) fn dataset(path: &Path, reading: &ReadOptions) -> Result<Dataset> {
    let named = (!path.is_dir()).then_some(path);
    let arrays = arrays(path, named)?;
    let folder = named.map_or(path, parent);
    let images: Vec<_> = arrays
        .iter()
        .filter(|array| array.has_images())
        .map(|array| array.candidate.clone())
        .collect();
    if let Some(file) = named.filter(|file| images.iter().all(|one| name(&one.file) != name(file)))
    {
        bail!(
            "{} contains no images, which are uint8 [N, height, width]; it has {}; pass the file of the images",
            file.display(),
            descriptions(&arrays, file)
        );
    }
    let (train, test) = choose(folder, named, &images)?;
    let train = Chosen::new(&arrays, &train, reading)?;
    let test = test
        .map(|test| Chosen::new(&arrays, &test, reading))
        .transpose()?;
    if let Some(test) = &test {
        train.check_labels_of(test)?;
    }
    if train.labels.is_none() && !reading.unlabeled {
        train.check_no_labels(&arrays)?;
    }
    report_unused(&arrays, named, [Some(&train), test.as_ref()]);
    let test = test.map(|test| test.read()).transpose()?;
    labeled::dataset("numpy", train.read()?, test, reading)
}

/// Returns true if a folder contains NumPy files, or the path is such a file.
pub(super) fn is_numpy(path: &Path) -> bool {
    is_file(path) || visible(path, is_file).is_ok_and(|found| !found.is_empty())
}

fn is_file(path: &Path) -> bool {
    path.is_file() && matches!(Format::of_file(path), Ok(Format::Npy | Format::Npz))
}

/// Returns the arrays of all NumPy files of a folder, or of the file `named` and those beside it.
fn arrays(path: &Path, named: Option<&Path>) -> Result<Vec<Array>> {
    if let Some(file) = named {
        let format = Format::of_file(file)?;
        ensure!(
            matches!(format, Format::Npy | Format::Npz),
            format.unexpected(file, Needed::Numpy)
        );
    }
    let folder = named.map_or(path, parent);
    let mut files = visible(folder, is_file)?;
    if let Some(file) = named.filter(|file| files.iter().all(|one| name(one) != name(file))) {
        files.push(file.to_owned());
    }
    ensure!(
        !files.is_empty(),
        "{} contains no NumPy files (.npz or .npy); pass the folder or file of the images with --data",
        folder.display()
    );
    let lists = files.iter().map(|file| Array::list(file));
    Ok(lists.collect::<Result<Vec<_>>>()?.concat())
}

fn descriptions(arrays: &[Array], file: &Path) -> String {
    let of_file = arrays
        .iter()
        .filter(|array| name(&array.candidate.file) == name(file));
    let parts: Vec<_> = of_file.map(|array| array.header.description()).collect();
    parts.join(", ")
}

/// Arrays of the training or test images.
struct Chosen<'a> {
    images: &'a Array,
    labels: Option<&'a Array>,
}

impl<'a> Chosen<'a> {
    /// Finds the labels of images: the array of labels with the same dataset and split in its name.
    fn new(arrays: &'a [Array], images: &Candidate, reading: &ReadOptions) -> Result<Self> {
        let mut labels: Vec<_> = arrays
            .iter()
            .filter(|array| array.has_labels() && array.candidate.name == images.name)
            .filter(|_| !reading.unlabeled)
            .collect();
        if labels.iter().any(|array| array.header.integer().is_some()) {
            labels.retain(|array| array.header.integer().is_some());
        }
        if let [first, second, ..] = &labels[..] {
            bail!(
                "{} and {} both look like the labels of {}; keep one",
                first.path().display(),
                second.path().display(),
                images.path.display()
            );
        }
        let is_chosen = |array: &&Array| array.path() == images.path;
        let Some(images) = arrays.iter().find(is_chosen) else {
            bail!("{}: no such array", images.path.display());
        };
        Ok(Self {
            images,
            labels: labels.first().copied(),
        })
    }

    fn arrays(&self) -> impl Iterator<Item = &'a Array> {
        [Some(self.images), self.labels].into_iter().flatten()
    }

    /// Checks that training images, `self`, and test images both have labels or neither has.
    fn check_labels_of(&self, test: &Self) -> Result<()> {
        let missing = match (self.labels, test.labels) {
            (None, Some(_)) => self,
            (Some(_), None) => test,
            _ => return Ok(()),
        };
        bail!(
            "{} has no labels; there must be labels of both training and test images, or of neither; {HINT}",
            missing.images.path().display()
        )
    }

    /// Checks that no other array looks like the labels of these images.
    fn check_no_labels(&self, arrays: &[Array]) -> Result<()> {
        let other = arrays
            .iter()
            .find(|array| array.has_labels() && array.count() == self.images.count());
        let Some(other) = other else {
            return Ok(());
        };
        bail!(
            "{} has no labels, but {} has {}, one for each image; {HINT}; or pass --unlabeled to a new run to train \
             without classes",
            self.images.path().display(),
            other.path().display(),
            other.header.description()
        )
    }

    fn read(&self) -> Result<Part> {
        let images = self.images.images()?;
        let read = |labels: &Array| {
            images.check_labels(labels.path(), labels.count())?;
            labels.labels()
        };
        let labels = self.labels.map(read).transpose()?;
        Ok(Part { images, labels })
    }
}

/// Remedy for labels that are not found.
const HINT: &str =
    "the labels have the name of the images with `labels` for `images`, or `y` for `x`";

/// Warns of arrays that are not part of the dataset.
fn report_unused(arrays: &[Array], named: Option<&Path>, chosen: [Option<&Chosen>; 2]) {
    let used: Vec<_> = chosen
        .into_iter()
        .flatten()
        .flat_map(Chosen::arrays)
        .map(Array::path)
        .collect();
    let is_read =
        |array: &&Array| named.is_none_or(|file| name(&array.candidate.file) == name(file));
    let unused: Vec<_> = arrays
        .iter()
        .filter(is_read)
        .filter(|array| !used.contains(&array.path()))
        .collect();
    if let [first, ..] = &unused[..] {
        let used: Vec<_> = used.iter().map(|path| name(path)).collect();
        errln!(
            "warning: not read: {}, such as {}; the dataset consists of {}",
            count(unused.len(), "array"),
            first.path().display(),
            used.join(", ")
        );
    }
}
