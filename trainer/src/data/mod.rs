//! Training data: MNIST, Fashion-MNIST, custom IDX files, NumPy files, CSV tables or image folders, or built-in procedural digits.
//!
//! In: a [`Request`]. Out: a [`Dataset`] of 28x28 grayscale images with labels.

mod arrays;
mod contrast;
mod copies;
mod coverage;
mod csv;
mod custom_idx;
mod decode;
mod download;
mod fit;
mod folder;
mod format;
mod idx;
mod images;
mod kind;
mod labeled;
mod layout;
mod locate;
mod mnist;
mod names;
mod numpy;
mod outside;
mod procedural;
mod request;
mod sheet;
mod sizes;
mod split_name;
mod strokes;
#[cfg(test)]
mod tests;
mod unused;

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use thumbgan_core::GrayImage;

use self::download::EnvironmentError;
use crate::files::check_kind;

pub use self::{
    format::{Format, Needed},
    numpy::array_header,
    request::{DatasetKind, ReadOptions, Request},
    sheet::contact_sheet,
    sizes::Sizes,
};

/// Width and height of an image in pixels.
pub const SIDE: usize = GrayImage::SIDE;
/// Pixels of an image.
pub const PIXELS: usize = GrayImage::PIXELS;
/// Maximum number of classes.
pub const MAX_CLASSES: usize = 64;
/// Maximum number of training or test images.
pub const MAX_IMAGES: usize = idx::MAX_BYTES as usize / PIXELS;

/// Labeled images: 28x28 uint8 pixels each, row-major, 0 background, 255 foreground.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Pixels of all images, `784 * len()` bytes.
    pub pixels: Vec<u8>,
    /// Class of each image, below 64, `len()` bytes.
    pub labels: Vec<u8>,
}

impl Split {
    /// Returns the number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Returns true if there are no images; never for a loaded dataset.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Returns the 784 pixels of image `i`.
    ///
    /// # Panics
    /// If `i >= len()`.
    pub fn image(&self, i: usize) -> &[u8] {
        &self.pixels[i * PIXELS..(i + 1) * PIXELS]
    }

    /// Returns the number of images of each class.
    pub fn class_counts(&self) -> [usize; MAX_CLASSES] {
        let mut counts = [0; MAX_CLASSES];
        for &label in &self.labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    /// Returns all pixels as floating-point numbers 0 to 255.
    pub fn grays(&self) -> Vec<f32> {
        self.pixels.iter().map(|&gray| gray.into()).collect()
    }
}

/// Dataset with training and test images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Name: `mnist`, `fashion-mnist`, `idx`, `numpy`, `csv`, `images` or `procedural`.
    pub name: String,
    /// SHA-256 of the uncompressed IDX file of the training images; for other datasets, of the IDX file with the same
    /// images.
    pub sha256: [u8; 32],
    /// Sizes of all images before they were scaled.
    pub sizes: Sizes,
    /// Training images.
    pub train: Split,
    /// Test images.
    pub test: Split,
    /// Names of the classes, one per line; empty if the classes are numbered.
    pub class_names: String,
}

impl Dataset {
    /// Returns the number of classes; 0 for an unlabeled dataset or a single class.
    pub fn classes(&self) -> u8 {
        self.train
            .labels
            .iter()
            .max()
            .filter(|&&label| label > 0)
            .map_or(0, |&label| label + 1)
    }

    /// Returns the name of a class, or its number.
    pub fn class_name(&self, class: u8) -> String {
        self.class_names
            .lines()
            .nth(class.into())
            .map_or_else(|| class.to_string(), ToOwned::to_owned)
    }

    /// Returns the name of each class with its number of training images.
    pub fn counts(&self) -> Vec<(String, usize)> {
        (0..self.classes())
            .map(|class| self.class_name(class))
            .zip(self.train.class_counts())
            .collect()
    }
}

/// Loads a dataset. MNIST and Fashion-MNIST are read from the folder `data` if it is given, otherwise from the user's cache,
/// into which missing files are downloaded.
///
/// # Errors
/// If `data` contains a missing, damaged or unexpected file, a custom dataset is requested without `data`, or
/// the dataset is not available anywhere.
pub fn load(request: &Request) -> Result<Dataset> {
    let dataset = reload(request)?;
    let warnings = [dataset.coverage_warning(), dataset.copies_warning()];
    for warning in warnings.into_iter().flatten() {
        errln!("warning: {warning}");
    }
    dataset.warn_of_gray_levels();
    Ok(dataset)
}

/// Loads the dataset of a run again, without the warnings that were printed at its start.
///
/// # Errors
/// As [`load`].
pub fn reload(request: &Request) -> Result<Dataset> {
    let located = request.located();
    load_from(&located, &mnist::Source::public()).map_err(|error| {
        if located.data == request.data {
            error
        } else {
            anyhow!("{error:#} (the location is that of {})", request::VARIABLE)
        }
    })
}

fn load_from(request: &Request, source: &mnist::Source) -> Result<Dataset> {
    let Request {
        data,
        dataset,
        reading,
    } = request;
    let location = || {
        data.as_deref().with_context(|| {
            format!(
                "--dataset {} needs the location of the images: pass --data PATH or set THUMBGAN_DATA",
                dataset.name()
            )
        })
    };
    if let Some(data) = data {
        check_kind(data)?;
    }
    let dataset = match (dataset, data) {
        (DatasetKind::Procedural, _) => {
            errln!("dataset: built-in procedural digits, not MNIST");
            procedural::dataset()
        }
        (DatasetKind::Idx, _) => custom_idx::dataset(location()?, reading)?,
        (DatasetKind::Numpy, _) => numpy::dataset(location()?, reading)?,
        (DatasetKind::Csv, _) => csv::dataset(location()?, reading)?,
        (DatasetKind::Images, _) => images::dataset(location()?, reading)?,
        (DatasetKind::FashionMnist, Some(data)) => mnist::Source::fashion().folder(data)?,
        (DatasetKind::FashionMnist, None) => {
            mnist::Source::fashion().cached().map_err(|error| {
                if error.is::<EnvironmentError>() {
                    error.context("cannot get Fashion-MNIST")
                } else {
                    anyhow!(
                        "cannot get Fashion-MNIST: {error:#};\ninstall the package dataset-fashion-mnist of Debian or \
                         Ubuntu, {}",
                        remedy()
                    )
                }
            })?
        }
        (DatasetKind::Auto | DatasetKind::Mnist, Some(data)) => {
            check_is_mnist(data)?;
            source.folder(data)?
        }
        (DatasetKind::Auto | DatasetKind::Mnist, None) => match source.cached() {
            Ok(dataset) => dataset,
            Err(error) if error.is::<EnvironmentError>() => {
                return Err(error.context("cannot get MNIST"));
            }
            Err(error) if *dataset == DatasetKind::Mnist => {
                return Err(anyhow!("cannot get MNIST: {error:#};\n{} or THUMBGAN_DATA=DIR", remedy()));
            }
            Err(error) => {
                errln!("{error:#}\n{}", notice());
                procedural::dataset()
            }
        },
    };
    dataset.named(&reading.class_names)
}

/// Checks that a location that is read as MNIST does not contain other data.
///
/// # Errors
/// If it does; the message says what it is and how to read it.
fn check_is_mnist(data: &Path) -> Result<()> {
    let hint = |kind| {
        anyhow!(
            "{} is not MNIST; pass --dataset {kind} for a custom dataset",
            data.display()
        )
    };
    if data.is_file() {
        return Err(match Format::of_file(data)? {
            Format::Idx | Format::Gzip => anyhow!(
                "{} is a file, but MNIST is read from a folder with four files: pass the folder, or --dataset idx for \
                 a custom dataset",
                data.display()
            ),
            other => other.unexpected(data, Needed::Mnist),
        });
    }
    if locate::NAMES
        .iter()
        .any(|name| locate::find(data, name).is_some())
    {
        return Ok(());
    }
    match kind::kind(data) {
        Some("images") if locate::elsewhere(data).is_some() => Ok(()),
        Some(kind) => Err(hint(kind)),
        None => Ok(()),
    }
}

fn remedy() -> String {
    let [a, b, c, d] = locate::NAMES;
    format!(
        "go online once, or put these four files (plain or .gz)\n    {a}\n    {b}\n    {c}\n    {d}\n\
         into a folder and pass it by --data DIR"
    )
}

/// Returns the notice about procedural digits, in a box.
fn notice() -> String {
    let text = format!(
        "THIS IS NOT MNIST\n\nMNIST is not in the cache and no mirror served it.\nProcedural digits, \
         drawn by program, take its place:\nthe results cannot be compared with those on MNIST.\n\n\
         For MNIST, {} or THUMBGAN_DATA=DIR",
        remedy()
    );
    let rule = "*".repeat(76);
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("*  {line:<71} *"))
        .collect();
    format!("{rule}\n{}\n{rule}", lines.join("\n"))
}
