//! Folders of PNG or JPEG images, one per class.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{
    Dataset, MAX_CLASSES, MAX_IMAGES, ReadOptions, Sizes, Split, arrays, decode, fit,
    labeled::hold_out,
    layout::{self, Classes},
    names::class_names,
};
use crate::text::count;

/// Reads the images of a folder; the folders in it are classes in natural order, or training and test images with
/// class folders of their own.
///
/// # Errors
/// If the folder or an image cannot be read; the message names it.
pub(super) fn dataset(root: &Path, reading: &ReadOptions) -> Result<Dataset> {
    let layout = layout::read(root)?;
    let names: Vec<String> = layout
        .train
        .iter()
        .filter_map(|(name, _)| name.clone())
        .collect();
    ensure!(
        names.len() <= MAX_CLASSES,
        "{} has {} class folders; the maximum is {MAX_CLASSES} classes: merge some, or move them elsewhere",
        root.display(),
        names.len()
    );
    let mut found = Found::default();
    let mut train = split(&layout.train, &names, reading, &mut found)?;
    let test = match &layout.test {
        Some(test) => split(test, &names, reading, &mut found)?,
        None => hold_out(&mut train),
    };
    found.alpha.report(reading);
    Ok(Dataset {
        name: "images".into(),
        sha256: arrays::hash(&train),
        sizes: found.sizes.unwrap_or(Sizes::MNIST),
        train,
        test,
        class_names: class_names(&names),
    })
}

/// Properties of the images before they were scaled.
#[derive(Debug, Default)]
struct Found {
    alpha: Alpha,
    /// Sizes; `None` before the first image.
    sizes: Option<Sizes>,
}

/// Alpha channels of the images.
#[derive(Debug, Default)]
struct Alpha {
    /// Images whose drawing is in the alpha channel alone.
    only: Vec<PathBuf>,
    /// True if a pixel of an image is transparent.
    is_transparent: bool,
}

impl Alpha {
    /// Warns of drawings that do not show on the background, and of a background that does not show.
    fn report(&self, reading: &ReadOptions) {
        let background = reading.background();
        if let [first, ..] = &self.only[..] {
            errln!(
                "warning: the drawing is in the alpha channel alone and does not show on a background of gray level \
                 {background}: {}, such as {}; pass --background {}",
                count(self.only.len(), "image"),
                first.display(),
                255 - background
            );
        }
        if reading.background.is_some() && !self.is_transparent {
            errln!("warning: --background has no effect: no image has transparent pixels");
        }
    }
}

/// Reads the images of classes; the label of a class is the index of its name.
fn split(
    classes: &Classes,
    names: &[String],
    reading: &ReadOptions,
    found: &mut Found,
) -> Result<Split> {
    let total: usize = classes.iter().map(|(_, images)| images.len()).sum();
    ensure!(
        total <= MAX_IMAGES,
        "{total} images are more than the maximum of {MAX_IMAGES}; use fewer images"
    );
    let mut split = Split::default();
    for (name, images) in classes {
        let label = match name {
            None => 0,
            Some(name) => names
                .iter()
                .position(|known| known == name)
                .context("the class is not one of the training split")?,
        };
        for path in images {
            let decoded = decode::decode(path, reading.background())?;
            found.alpha.is_transparent |= decoded.is_transparent;
            if decoded.is_alpha_only {
                found.alpha.only.push(path.clone());
            }
            let (width, height) = decoded.image.dimensions();
            let size = Sizes::of([width as usize, height as usize]);
            found.sizes = Some(found.sizes.map_or(size, |sizes| sizes.with(size)));
            split.pixels.extend(fit::fit(decoded.image, reading, path)?);
            split.labels.push(label as u8);
        }
    }
    Ok(split)
}
