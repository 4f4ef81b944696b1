//! `trainer data`: a dataset as the trainer reads it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use serde::Serialize;
use serde_json::json;

use super::json;
use crate::{
    data::{self, Dataset, DatasetKind, Request},
    files::{Draft, hex, parent, utf8, visible},
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
}

/// Reads the dataset, counts the images of each class and writes the contact sheet.
///
/// # Errors
/// If the dataset cannot be read, or the contact sheet cannot be written, would replace another file, or would be read
/// as one of the images.
pub fn run(options: &Options) -> Result<()> {
    check_is_outside(&options.out, &options.request.located())?;
    png::check_output(&options.out, Purpose::ContactSheet, options.force)?;
    if options.json {
        utf8(&options.out)?;
    }
    let draft = Draft::new(&options.out)?;
    let dataset = data::load(&options.request)?;
    draft.complete(&data::contact_sheet(&dataset).png(Purpose::ContactSheet)?)?;
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
            "warning: most pixels are bright, but the networks expect light drawings on a dark background; if {} shows \
             dark drawings on a light background, pass --invert",
            options.out.display()
        );
    }
    Ok(())
}

/// Checks that an output is not in a folder that is read as images, where it would become one of them.
fn check_is_outside(out: &Path, request: &Request) -> Result<()> {
    let (DatasetKind::Images, Some(data)) = (request.dataset, &request.data) else {
        return Ok(());
    };
    // A link is followed, as in writing. A folder that does not exist is the error of the write.
    let folder = match fs::canonicalize(out) {
        Ok(file) => parent(&file).to_owned(),
        Err(_) => fs::canonicalize(parent(out)).unwrap_or_default(),
    };
    ensure!(
        !is_within(&folder, data, &mut BTreeSet::new()),
        "the contact sheet {} would be in {}, the folder that is read as images, and would be read as one of them; pass \
         --out with a file elsewhere",
        out.display(),
        data.display()
    );
    Ok(())
}

/// Returns true if `folder`, a resolved path, is `root` or below it, also through links.
fn is_within(folder: &Path, root: &Path, seen: &mut BTreeSet<PathBuf>) -> bool {
    let Ok(root) = fs::canonicalize(root) else {
        return false;
    };
    if folder.starts_with(&root) {
        return true;
    }
    let is_new = seen.insert(root.clone());
    // What cannot be listed is not read either.
    let folders = visible(&root, Path::is_dir).unwrap_or_default();
    is_new && folders.iter().any(|root| is_within(folder, root, seen))
}

fn print(dataset: &Dataset, classes: &[Class], sheet: &Path) {
    let (train, test) = (dataset.train.len(), dataset.test.len());
    outln!(
        "{}: {}, {}",
        dataset.name,
        count(train, "training image"),
        count(test, "test image")
    );
    for Class { name, images } in classes {
        outln!("{images:7}  {name}");
    }
    if classes.is_empty() {
        outln!("fewer than two classes: the model will be unconditional");
    }
    outln!(
        "{}: samples of each class; the foreground should be bright on a dark background, and upright",
        sheet.display()
    );
}
