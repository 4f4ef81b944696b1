//! `trainer data`: a dataset as the trainer reads it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use super::json;
use crate::{
    data::{self, Dataset, Request},
    files::{Draft, create_parent, hex, utf8},
    png::{self, Purpose},
    text::count,
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
    /// Replace FILE even if it is not a contact sheet
    #[arg(long)]
    force: bool,
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
    /// Number of test images.
    test_images: usize,
}

/// Reads the dataset, counts the images of each class and writes the contact sheet.
///
/// # Errors
/// If the dataset cannot be read, or the contact sheet cannot be written, would replace another file, or would be read
/// as one of the images.
pub fn run(options: &Options) -> Result<()> {
    options
        .request
        .located()
        .check_outside(&options.out, "the contact sheet")?;
    png::check_output(&options.out, Purpose::ContactSheet, options.force)?;
    if options.json {
        utf8(&options.out)?;
    }
    create_parent(&options.out)?;
    let draft = Draft::new(&options.out)?;
    let dataset = data::load(&options.request)?;
    png::check_output(&options.out, Purpose::ContactSheet, options.force)?;
    draft.complete(&data::contact_sheet(&dataset).png(Purpose::ContactSheet)?)?;
    let test_images = dataset.test.class_counts();
    let classes: Vec<_> = dataset
        .counts()
        .into_iter()
        .zip(test_images)
        .map(|((name, images), test_images)| Class {
            name,
            images,
            test_images,
        })
        .collect();
    if options.json {
        json::print(&json!({
            "dataset": dataset.name,
            "sha256": hex(&dataset.sha256),
            "train": dataset.train.len(),
            "test": dataset.test.len(),
            "classes": classes,
            "sizes": dataset.sizes.to_string(),
            "mean_gray_level": dataset.mean_gray_level(),
            "bright": dataset.is_bright(),
            "sheet": options.out,
        }))?;
    } else {
        print(&dataset, &classes, &options.out);
    }
    Ok(())
}

fn print(dataset: &Dataset, classes: &[Class], sheet: &Path) {
    let (train, test) = (dataset.train.len(), dataset.test.len());
    outln!(
        "{}: {}, {}, of {} pixels",
        dataset.name,
        count(train, "training image"),
        count(test, "test image"),
        dataset.sizes
    );
    if classes.is_empty() {
        outln!("fewer than two classes: the model will be unconditional");
    } else {
        outln!("training    test  class");
    }
    for Class {
        name,
        images,
        test_images,
    } in classes
    {
        outln!("{images:8} {test_images:7}  {name}");
    }
    let polarity = if dataset.is_bright() {
        "dark drawings on a light background"
    } else {
        "light drawings on a dark background"
    };
    outln!(
        "mean gray level {:.0} of 255, as of {polarity}",
        dataset.mean_gray_level()
    );
    outln!(
        "{}: samples of each class; the foreground should be bright on a dark background, and upright",
        sheet.display()
    );
}
