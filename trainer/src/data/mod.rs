//! Training data: MNIST, the user's own IDX files, or built-in procedural digits.

mod download;
mod idx;
mod mnist;
mod procedural;
mod strokes;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, Result};
use thumbgan_core::{PIXELS, SIDE};

/// Labelled images of 28x28 u8 greys, row-major, 784 bytes each, 255 = ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// All images one after the other: `784 * len()` bytes.
    pub pixels: Vec<u8>,
    /// The class of each image, below 64: `len()` bytes.
    pub labels: Vec<u8>,
}

impl Split {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images; never so in a loaded dataset.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The 784 pixels of image `i`.
    ///
    /// # Panics
    /// If `i` is not below `len()`.
    pub fn image(&self, i: usize) -> &[u8] {
        &self.pixels[i * PIXELS..(i + 1) * PIXELS]
    }

    /// All pixels as numbers, 0 to 255.
    pub fn greys(&self) -> Vec<f32> {
        self.pixels.iter().map(|&grey| grey.into()).collect()
    }
}

/// Images to learn from and images to judge by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// `mnist`, `idx` or `procedural`.
    pub name: String,
    /// SHA-256 of the uncompressed IDX file of the train images; for procedural digits, of the file that
    /// they would make.
    pub sha256: [u8; 32],
    /// Images to learn from.
    pub train: Split,
    /// Images to judge by.
    pub test: Split,
}

impl Dataset {
    /// How many classes there are: one more than the highest label.
    pub fn classes(&self) -> u8 {
        self.train.labels.iter().max().map_or(0, |&label| label + 1)
    }
}

/// Which dataset the user asks for.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// MNIST, or procedural digits when it cannot be had
    #[default]
    Auto,
    /// MNIST or an error
    Mnist,
    /// Your own 28x28 images in IDX files
    Idx,
    /// Built-in digits drawn by program
    Procedural,
}

/// Loads the chosen dataset. MNIST is looked for in the folder `data` if given, and nowhere else then;
/// otherwise in the user's cache, which is filled from public mirrors.
///
/// # Errors
/// If `data` holds a missing, broken or unexpected file, if `Idx` comes without `data`, or if `Mnist` can
/// be found nowhere.
pub fn load(choice: Choice, data: Option<&Path>) -> Result<Dataset> {
    load_from(choice, data, &mnist::Source::public())
}

fn load_from(choice: Choice, data: Option<&Path>, source: &mnist::Source) -> Result<Dataset> {
    match (choice, data) {
        (Choice::Procedural, _) => {
            eprintln!("dataset: built-in procedural digits, not MNIST");
            Ok(procedural::dataset())
        }
        (Choice::Idx, data) => idx::dataset(
            data.context("--dataset idx needs your images: pass --data DIR or set THUMBGAN_DATA")?,
        ),
        (Choice::Auto | Choice::Mnist, Some(data)) => source.folder(data),
        (Choice::Mnist, None) => source.cached().context(format!("MNIST cannot be had: {}", remedy())),
        (Choice::Auto, None) => source.cached().or_else(|error| {
            eprintln!("{error:#}\n{}", notice());
            Ok(procedural::dataset())
        }),
    }
}

fn remedy() -> String {
    let [a, b, c, d] = idx::NAMES;
    format!(
        "go online once, or put these four files (plain or .gz)\n    {a}\n    {b}\n    {c}\n    {d}\n\
         into a folder and pass it by --data DIR or THUMBGAN_DATA=DIR"
    )
}

/// The notice that nobody can miss, in a box.
fn notice() -> String {
    let text = format!(
        "THIS IS NOT MNIST\n\nMNIST is not in the cache and no mirror served it.\nTraining goes on with \
         procedural digits, drawn by program:\nthe results cannot be compared with those on MNIST.\n\n\
         For MNIST, {}",
        remedy()
    );
    let rule = "*".repeat(76);
    let lines: Vec<String> = text.lines().map(|line| format!("*  {line:<71} *")).collect();
    format!("{rule}\n{}\n{rule}", lines.join("\n"))
}
