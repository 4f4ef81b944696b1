//! Training data: MNIST, the user's own IDX files or folders of images, or built-in procedural digits.

mod download;
mod idx;
mod images;
mod mnist;
mod own;
mod procedural;
mod request;
mod sheet;
mod strokes;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use thumbgan_core::{PIXELS, SIDE};

pub use self::{
    request::{Choice, Reading, Request},
    sheet::contact_sheet,
};

/// Most classes that a data set can have.
pub const MAX_CLASSES: usize = 64;
/// Mean grey above which images are no light drawings on dark: those of MNIST have 33, of Fashion-MNIST 73.
const BRIGHT: u64 = 96;
/// Longest name of a class, in bytes: displays are small.
const LONGEST_NAME: usize = 16;

/// Labelled images of 28x28 u8 greys, row-major, 784 bytes each, 255 = ink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// `mnist`, `idx`, `images` or `procedural`.
    pub name: String,
    /// SHA-256 of the uncompressed IDX file of the train images; for procedural digits and folders of images,
    /// of the file that they would make.
    pub sha256: [u8; 32],
    /// Images to learn from.
    pub train: Split,
    /// Images to judge by.
    pub test: Split,
    /// Names of the classes, a line each; empty where they are numerals.
    pub class_names: String,
}

impl Dataset {
    /// How many classes there are: one more than the highest label; 0 where there is nothing to choose from.
    pub fn classes(&self) -> u8 {
        self.train
            .labels
            .iter()
            .max()
            .filter(|&&label| label > 0)
            .map_or(0, |&label| label + 1)
    }

    /// What a person calls a class.
    pub fn class_name(&self, class: u8) -> String {
        self.class_names
            .lines()
            .nth(class.into())
            .map_or_else(|| class.to_string(), ToOwned::to_owned)
    }

    /// What each class is called, and how many images of it there are to learn from.
    pub fn counts(&self) -> Vec<(String, usize)> {
        let mut counts = [0; MAX_CLASSES];
        self.train
            .labels
            .iter()
            .for_each(|&label| counts[usize::from(label)] += 1);
        (0..self.classes())
            .map(|class| self.class_name(class))
            .zip(counts)
            .collect()
    }

    /// Whether the images look like dark drawings on light paper, which are to be inverted.
    pub fn is_bright(&self) -> bool {
        let pixels = &self.train.pixels;
        let sum: u64 = pixels.iter().map(|&grey| u64::from(grey)).sum();
        sum > pixels.len() as u64 * BRIGHT
    }

    /// The same with other names of classes, unless there are none.
    fn named(self, names: &[String]) -> Result<Self> {
        if names.is_empty() {
            return Ok(self);
        }
        let classes = usize::from(self.classes());
        ensure!(
            names.len() == classes,
            "--class-names gives {} names, but the data set {} has {classes} classes",
            names.len(),
            self.name
        );
        Ok(Self {
            class_names: names.join("\n"),
            ..self
        })
    }

    /// Checks the names of classes.
    fn check_names(&self) -> Result<()> {
        if self.class_names.is_empty() {
            return Ok(());
        }
        for name in self.class_names.split('\n') {
            ensure!(
                !name.trim().is_empty()
                    && name.len() <= LONGEST_NAME
                    && !name.contains(char::is_control),
                "{name:?} is no name of a class: names have 1 to {LONGEST_NAME} bytes; give others by --class-names"
            );
        }
        let (names, classes) = (
            self.class_names.lines().count(),
            usize::from(self.classes().max(1)),
        );
        ensure!(
            names == classes,
            "the data set {} has {classes} classes, but names in {names} lines: a name has a line break; rename its \
             folder, or give other names by --class-names",
            self.name
        );
        Ok(())
    }
}

/// Loads the chosen dataset. MNIST is looked for in the folder `data` if given, and nowhere else then;
/// otherwise in the user's cache, which is filled from public mirrors.
///
/// # Errors
/// If `data` holds a missing, broken or unexpected file, if data of one's own come without `data`, or if
/// `Mnist` can be found nowhere.
pub fn load(request: &Request) -> Result<Dataset> {
    load_from(request, &mnist::Source::public())
}

fn load_from(request: &Request, source: &mnist::Source) -> Result<Dataset> {
    let Request {
        data,
        dataset,
        reading,
    } = request;
    let own = || {
        data.as_deref().context(
            "--dataset idx and images need your images: pass --data DIR or set THUMBGAN_DATA",
        )
    };
    let dataset = match (dataset, data) {
        (Choice::Procedural, _) => {
            errln!("dataset: built-in procedural digits, not MNIST");
            procedural::dataset()
        }
        (Choice::Idx, _) => own::dataset(own()?, reading)?,
        (Choice::Images, _) => images::dataset(own()?, reading)?,
        (Choice::Auto | Choice::Mnist, Some(data)) => {
            source
                .folder(data)
                .map_err(|error| match own_images(data) {
                    Some(hint) => error.context(hint),
                    None => error,
                })?
        }
        (Choice::Mnist, None) => source
            .cached()
            .context(format!("MNIST cannot be had: {}", remedy()))?,
        (Choice::Auto, None) => source.cached().unwrap_or_else(|error| {
            errln!("{error:#}\n{}", notice());
            procedural::dataset()
        }),
    };
    let dataset = dataset.named(&reading.class_names)?;
    dataset.check_names()?;
    Ok(dataset)
}

/// What to do with a place that was taken for MNIST's but holds images of one's own, and none of its files.
fn own_images(data: &Path) -> Option<String> {
    let kind = if idx::NAMES
        .iter()
        .any(|name| idx::find(data, name).is_some())
    {
        return None;
    } else if data.is_file() || own::are_in(data) {
        "idx"
    } else if images::are_in(data) {
        "images"
    } else {
        return None;
    };
    Some(format!(
        "{} is not MNIST; pass --dataset {kind} if these are your own images",
        data.display()
    ))
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
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("*  {line:<71} *"))
        .collect();
    format!("{rule}\n{}\n{rule}", lines.join("\n"))
}
