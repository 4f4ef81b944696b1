//! Datasets in NumPy files: `.npz` archives, and `.npy` files of images and labels.
//!
//! Arrays are images or labels by their shape; their names tell the split.

mod array;
mod header;
mod zip;

use std::path::Path;

use anyhow::{Result, anyhow, bail, ensure};

use self::array::Array;
pub use self::header::encode as array_header;
use super::{
    Dataset, ReadOptions,
    folder::{Folder, Rules},
    format::{Format, Needed},
    labeled::{self, Part},
    split_name::{Candidate, choose, has_extension},
};
use crate::{
    files::{name, parent},
    text::count,
};

/// Files that are read: all NumPy files. Packed and partial copies have longer names, such as `x.npz.gz`.
const RULES: Rules = Rules {
    needed: Needed::Numpy,
    with_gzip: false,
    is_named_so: |name| has_extension(name, &["npy", "npz"]),
};

/// Reads the dataset of a folder, or of one file and the files beside it.
///
/// # Errors
/// If a file is missing or invalid, or labels and images do not match; the message names the files.
pub(super) fn dataset(path: &Path, reading: &ReadOptions) -> Result<Dataset> {
    let named = (!path.is_dir()).then_some(path);
    if let Some(file) = named {
        let format = Format::of_file(file)?;
        ensure!(
            Needed::Numpy.is_met_by(format),
            format.unexpected(file, Needed::Numpy)
        );
    }
    let folder = Folder::list(path, named, &RULES)?;
    ensure!(
        !folder.files.is_empty(),
        "{} contains no NumPy files (.npz or .npy); {}",
        path.display(),
        folder.remedy("pass the folder or file of the images with --data")
    );
    let lists = folder.files.iter().map(|file| Array::list(file));
    let arrays = lists.collect::<Result<Vec<_>>>()?.concat();
    let images: Vec<_> = arrays
        .iter()
        .filter(|array| array.has_images())
        .map(|array| array.candidate.clone())
        .collect();
    let is_other = |one: &Candidate| named.is_some_and(|file| name(&one.file) != name(file));
    if images.iter().all(is_other) {
        return Err(no_images(path, named, &arrays));
    }
    let (train, test) = choose(named.map_or(path, parent), named, &images)?;
    let train = Chosen::new(&arrays, &train, reading)?;
    let test = test
        .map(|test| Chosen::new(&arrays, &test, reading))
        .transpose()?;
    if let Some(test) = &test {
        train.check_labels_of(test)?;
    }
    if train.labels.is_none() && !reading.unlabeled {
        train.check_no_labels(&arrays)?;
        folder.check_no_labels(train.images.path(), &train.images.candidate.name)?;
    }
    folder.report(&[]);
    report_unused(&arrays, named, [Some(&train), test.as_ref()]);
    let test = test.map(|test| test.read()).transpose()?;
    labeled::dataset("numpy", train.read()?, test, reading)
}

/// Returns the error for a folder or file without images; the message names the arrays that it has instead.
fn no_images(path: &Path, named: Option<&Path>, arrays: &[Array]) -> anyhow::Error {
    let is_read = |file: &Path| named.is_none_or(|named| name(file) == name(named));
    let found = || arrays.iter().filter(|array| is_read(&array.candidate.file));
    let parts: Vec<_> = found().map(|array| array.header.description()).collect();
    let small = found().find_map(|array| Some((array, array.small_side()?)));
    let remedy = match small {
        Some((array, side)) => format!(
            "images in rows have more than 64 pixels: if {} contains images of {side}x{side} pixels, save \
             `array.reshape(-1, {side}, {side})`",
            array.path().display()
        ),
        None => "pass the file of the images".to_owned(),
    };
    anyhow!(
        "{} contains no images, which are uint8 [N, height, width]; it has {}; {remedy}",
        path.display(),
        parts.join(", ")
    )
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

    /// Checks that the first dimension of the images is their number, not the last one, as in MATLAB.
    fn check_order(&self) -> Result<()> {
        let Some(labels) = self.labels else {
            return Ok(());
        };
        let count = labels.count();
        ensure!(
            self.images.count() == count || self.images.header.shape.last() != Some(&count),
            "{} has {}, but {} has {count} labels: the number of images is the last dimension, and must be the first; \
             save `numpy.moveaxis(array, -1, 0)`",
            self.images.path().display(),
            self.images.header.description(),
            labels.path().display()
        );
        Ok(())
    }

    fn read(&self) -> Result<Part> {
        self.check_order()?;
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
