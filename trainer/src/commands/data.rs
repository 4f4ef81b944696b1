//! `trainer data`: what a data set looks like to the trainer, before anything is trained on it.

use std::path::PathBuf;

use anyhow::Result;

use crate::data::{self, MAX_CLASSES, Request};

/// Which data, and where the picture goes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What to read.
    #[command(flatten)]
    request: Request,
    /// PNG file for the contact sheet: a row of images for each class
    #[arg(long, value_name = "FILE", default_value = "data.png")]
    out: PathBuf,
}

/// Reads the data, counts the images of each class and writes the contact sheet.
///
/// # Errors
/// When the data cannot be read or the picture cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let dataset = data::load(&options.request)?;
    let (train, test) = (&dataset.train, &dataset.test);
    println!("{}: {} images to learn from, {} to judge by", dataset.name, train.len(), test.len());
    let mut counts = [0_u32; MAX_CLASSES];
    train.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
    for (class, count) in (0..dataset.classes()).zip(counts) {
        println!("{count:7}  {}", dataset.class_name(class));
    }
    if dataset.classes() == 0 {
        println!("no labels: the model will have no classes to choose from");
    }
    if dataset.is_bright() {
        anstream::eprintln!(
            "warning: most of the images is bright; the networks draw light on dark. Look at {}: if these are \
             dark drawings on light paper, pass --invert",
            options.out.display()
        );
    }
    data::contact_sheet(&dataset).save(&options.out)?;
    println!("{}: some of each class; ink should be bright, on dark paper, upright", options.out.display());
    Ok(())
}
