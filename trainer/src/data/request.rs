//! Request for a dataset: command-line arguments and their record in the run folder.

use std::{env, path::PathBuf};

use clap::ArgAction;
use serde::{Deserialize, Serialize};

use crate::text;

/// Environment variable with the location of the data.
pub(super) const VARIABLE: &str = "THUMBGAN_DATA";

/// Dataset, its location, and options for reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Request {
    /// Folder of images, folder with IDX, NumPy or CSV files, or the file of the training images [env: THUMBGAN_DATA]
    ///
    /// Labels of IDX and NumPy images are found beside them under the same name, with `labels` for `images` and
    /// `idx1` for `idx3`.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Dataset to read; `auto` is MNIST, or the built-in procedural digits if MNIST is not available
    #[arg(long, value_enum, default_value = "auto")]
    pub dataset: DatasetKind,
    /// Options for custom datasets.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: ReadOptions,
}

/// Options for reading custom datasets.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct ReadOptions {
    /// Class names in the order of the labels, separated by commas [default: folder names or labels]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', action = ArgAction::Set)]
    pub class_names: Vec<String>,
    /// Scale custom images to 28x28; otherwise other sizes are an error
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub resize: bool,
    /// Invert gray levels of custom images, for dark drawings on a light background; the networks expect light on dark
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub invert: bool,
    /// Swap rows and columns of custom images, for EMNIST's files
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub transpose: bool,
    /// Gray level behind transparent pixels of PNG images, 0 (black) to 255 (white) [default: 255]
    #[arg(long, value_name = "GRAY")]
    #[serde(default)]
    pub background: Option<u8>,
    /// Ignore the labels of IDX, NumPy or CSV images, for unconditional models
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[serde(default)]
    pub unlabeled: bool,
}

/// Dataset to load.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetKind {
    /// MNIST, or procedural digits if it is not available
    #[default]
    Auto,
    /// MNIST; an error if it is not available
    Mnist,
    /// Fashion-MNIST, images of clothing; an error if it is not available
    FashionMnist,
    /// Custom images in IDX files
    Idx,
    /// Custom images in NumPy files, .npz or .npy
    Numpy,
    /// Custom images in a table, one row per image
    Csv,
    /// Custom PNG or JPEG images, one folder per class
    Images,
    /// Built-in procedural digits
    Procedural,
}

impl DatasetKind {
    /// Kinds whose images and classes are the user's.
    const CUSTOM: [Self; 4] = [Self::Idx, Self::Numpy, Self::Csv, Self::Images];

    /// Returns true if images and classes are the user's.
    pub fn is_custom(self) -> bool {
        Self::CUSTOM.contains(&self)
    }

    /// Returns the name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Idx => "idx",
            Self::Numpy => "numpy",
            Self::Csv => "csv",
            Self::Images => "images",
            Self::Procedural => "procedural",
        }
    }
}

impl Request {
    /// Returns the request for a dataset with default options.
    pub fn plain(dataset: DatasetKind, data: Option<PathBuf>) -> Self {
        Self {
            data,
            dataset,
            reading: ReadOptions::default(),
        }
    }

    /// Returns the request with the location of the data: the argument, or `THUMBGAN_DATA` unless it is empty.
    /// Procedural digits have none, and Fashion-MNIST has only the argument.
    #[must_use]
    pub fn located(&self) -> Self {
        let environment = || env::var_os(VARIABLE).filter(|value| !value.is_empty());
        let data = match self.dataset {
            DatasetKind::Procedural => None,
            DatasetKind::FashionMnist => self.data.clone(),
            _ => self
                .data
                .clone()
                .or_else(|| environment().map(PathBuf::from)),
        };
        Self {
            data,
            ..self.clone()
        }
    }

    /// Returns the error for an argument that has no effect on this dataset, if there is one.
    pub fn conflict(&self) -> Option<String> {
        use DatasetKind::{Auto, Csv, FashionMnist, Idx, Images, Mnist, Numpy};
        let ReadOptions {
            resize,
            invert,
            transpose,
            background,
            unlabeled,
            ..
        } = self.reading;
        let arguments: [(bool, &str, &[DatasetKind]); 6] = [
            (
                self.data.is_some(),
                "data",
                &[Auto, Mnist, FashionMnist, Idx, Numpy, Csv, Images],
            ),
            (resize, "resize", &DatasetKind::CUSTOM),
            (invert, "invert", &DatasetKind::CUSTOM),
            (transpose, "transpose", &DatasetKind::CUSTOM),
            (background.is_some(), "background", &[Images]),
            (unlabeled, "unlabeled", &[Idx, Numpy, Csv]),
        ];
        arguments
            .iter()
            .find(|(is_set, _, kinds)| *is_set && !kinds.contains(&self.dataset))
            .map(|(_, argument, kinds)| {
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
                let kinds = text::list(&kinds, "or");
                format!(
                    "--{argument} has no effect with --dataset {}; it is for --dataset {kinds}",
                    self.dataset.name()
                )
            })
    }
}

impl ReadOptions {
    /// Returns the gray level behind transparent pixels.
    pub fn background(&self) -> u8 {
        self.background.unwrap_or(u8::MAX)
    }
}
