//! Request for a dataset: command-line arguments and their record in the run folder.

use std::path::PathBuf;

use clap::ArgAction;
use serde::{Deserialize, Serialize};

/// Dataset, its location, and options for reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Request {
    /// Folder with an IDX dataset (plain or gzip), a file of IDX images, or a folder of images
    ///
    /// Labels of IDX images are found beside them under the same name, with `labels` for `images` and `idx1`
    /// for `idx3`.
    #[arg(long, value_name = "DIR", env = "THUMBGAN_DATA")]
    pub data: Option<PathBuf>,
    /// Dataset to train on; `auto` is MNIST, or the built-in procedural digits if MNIST is not available
    #[arg(long, value_enum, default_value = "auto")]
    pub dataset: DatasetKind,
    /// Options for custom datasets.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: ReadOptions,
}

/// Options for reading custom datasets.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct ReadOptions {
    /// Class names in the order of the labels, separated by commas [default: folder names or labels]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', action = ArgAction::Set)]
    pub class_names: Vec<String>,
    /// Scale images of a folder to 28x28; otherwise other sizes are an error
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub resize: bool,
    /// Invert gray levels, for dark drawings on a light background; the networks expect light on dark
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub invert: bool,
    /// Swap rows and columns, for EMNIST's files
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub transpose: bool,
}

/// Dataset to load.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatasetKind {
    /// MNIST, or procedural digits if it is not available
    #[default]
    Auto,
    /// MNIST; an error if it is not available
    Mnist,
    /// Custom 28x28 images in IDX files
    Idx,
    /// Custom PNG or JPEG images, one folder per class
    Images,
    /// Built-in procedural digits
    Procedural,
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
}
