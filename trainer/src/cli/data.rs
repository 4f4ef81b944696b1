//! `trainer data`: a dataset as the trainer reads it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use super::json;
use crate::{
    data::{self, Dataset, Request},
    files::hex,
};

/// Arguments of `trainer data`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Dataset to read.
    #[command(flatten)]
    pub request: Request,
    /// PNG file of the contact sheet, one row of images per class
    #[arg(long, value_name = "FILE", default_value = "data.png")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Class in the JSON output.
#[derive(Serialize)]
struct Class {
    name: String,
    /// Number of training images.
    images: usize,
}

/// Reads the dataset, counts the images of each class and writes the contact sheet.
///
/// # Errors
/// If the dataset cannot be read or the contact sheet cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let dataset = data::load(&options.request)?;
    data::contact_sheet(&dataset).save(&options.out)?;
    let counts = dataset.counts().into_iter();
    let classes: Vec<_> = counts
        .map(|(name, images)| Class { name, images })
        .collect();
    if options.json {
        json::print(&json!({
            "dataset": dataset.name,
            "sha256": hex(&dataset.sha256),
            "train": dataset.train.len(),
            "test": dataset.test.len(),
            "classes": classes,
            "bright": dataset.is_bright(),
            "sheet": options.out,
        }))?;
    } else {
        print(&dataset, &classes, &options.out);
    }
    if dataset.is_bright() {
        errln!(
            "warning: most of the images are bright, but the networks expect light on dark. Check {}: if these are \
             dark drawings on a light background, pass --invert",
            options.out.display()
        );
    }
    Ok(())
}

fn print(dataset: &Dataset, classes: &[Class], sheet: &Path) {
    let (train, test) = (dataset.train.len(), dataset.test.len());
    outln!(
        "{}: {train} training images, {test} test images",
        dataset.name
    );
    for Class { name, images } in classes {
        outln!("{images:7}  {name}");
    }
    if classes.is_empty() {
        outln!("no labels: the model will be unconditional");
    }
    outln!(
        "{}: samples of each class; the foreground should be bright on a dark background, and upright",
        sheet.display()
    );
}
