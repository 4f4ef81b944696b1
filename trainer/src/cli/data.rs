//! `trainer data`: what a data set looks like to the trainer, before anything is trained on it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use super::json;
use crate::{
    data::{self, Dataset, Request},
    files::hex,
};

/// Which data, and where the picture goes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What to read.
    #[command(flatten)]
    request: Request,
    /// PNG file for the contact sheet: a row of images for each class
    #[arg(long, value_name = "FILE", default_value = "data.png")]
    out: PathBuf,
    /// JSON for scripts instead of lines
    #[arg(long)]
    json: bool,
}

/// A class, as scripts are told of it.
#[derive(Serialize)]
struct Class {
    name: String,
    /// Images to learn from.
    images: usize,
}

/// Reads the data, counts the images of each class and writes the contact sheet.
///
/// # Errors
/// When the data cannot be read or the picture cannot be written.
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
        anstream::eprintln!(
            "warning: most of the images is bright; the networks draw light on dark. Look at {}: if these are \
             dark drawings on light paper, pass --invert",
            options.out.display()
        );
    }
    Ok(())
}

fn print(dataset: &Dataset, classes: &[Class], sheet: &Path) {
    let (train, test) = (dataset.train.len(), dataset.test.len());
    outln!(
        "{}: {train} images to learn from, {test} to judge by",
        dataset.name
    );
    for Class { name, images } in classes {
        outln!("{images:7}  {name}");
    }
    if classes.is_empty() {
        outln!("no labels: the model will have no classes to choose from");
    }
    outln!(
        "{}: some of each class; ink should be bright, on dark paper, upright",
        sheet.display()
    );
}
