//! What the user asks for as data, and how it is to be read.

use std::path::PathBuf;

use clap::ArgAction;
use serde::{Deserialize, Serialize};

/// Which data set, and where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Request {
    /// Folder with an IDX data set, gz or plain; also one file of IDX images, or a folder of images
    ///
    /// Labels of IDX images lie beside them under the same name, with `labels` for `images` and `idx1` for `idx3`.
    #[arg(long, value_name = "DIR", env = "THUMBGAN_DATA")]
    pub data: Option<PathBuf>,
    /// What to train on; `auto` is MNIST, or built-in procedural digits where it cannot be had
    #[arg(long, value_enum, default_value = "auto")]
    pub dataset: Choice,
    /// How to read it.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
}

/// How data of one's own are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Reading {
    /// Names of the classes in the order of their labels, with commas between [default: folders' names, labels]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', action = ArgAction::Set)]
    pub class_names: Vec<String>,
    /// Scale images of a folder to fit 28x28; without it other sizes are an error
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub resize: bool,
    /// Swap dark and light, for dark drawings on light paper; the networks draw light on dark
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub invert: bool,
    /// Swap rows and columns, as EMNIST's files need it
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub transpose: bool,
}

/// Which data set the user asks for.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// MNIST, or procedural digits when it cannot be had
    #[default]
    Auto,
    /// MNIST or an error
    Mnist,
    /// Your own 28x28 images in IDX files
    Idx,
    /// Your own PNG or JPEG images, a folder for each class
    Images,
    /// Built-in digits drawn by program
    Procedural,
}

impl Request {
    /// For a data set that is read as it is.
    pub fn plain(dataset: Choice, data: Option<PathBuf>) -> Self {
        Self {
            data,
            dataset,
            reading: Reading::default(),
        }
    }
}
