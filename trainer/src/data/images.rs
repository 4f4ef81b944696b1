//! Folders of PNG or JPEG images, one per class.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::{DynamicImage, ImageReader, ImageResult, imageops::FilterType};

use super::{Dataset, MAX_CLASSES, PIXELS, ReadOptions, SIDE, Split, idx, own::hold_out};
use crate::files::{name, visible};

/// File name extensions of images.
const KINDS: [&str; 3] = ["png", "jpg", "jpeg"];
/// Gray level behind transparent pixels.
const PAPER: u32 = 255;

/// Reads the folders in `root` as classes, sorted by name; without folders, the images in `root` as an
/// unlabeled dataset.
pub(super) fn dataset(root: &Path, reading: &ReadOptions) -> Result<Dataset> {
    let mut classes = visible(root, Path::is_dir)?;
    let names: Vec<String> = classes.iter().map(|class| name(class)).collect();
    if classes.is_empty() {
        classes.push(root.to_owned());
    } else {
        warn_of_loose(&visible(root, is_image)?);
    }
    ensure!(
        classes.len() <= MAX_CLASSES,
        "{} has {} folders; the maximum is {MAX_CLASSES} classes",
        root.display(),
        classes.len()
    );
    let mut train = Split::default();
    for (label, class) in (0..).zip(&classes) {
        let files = visible(class, is_image)?;
        ensure!(
            !files.is_empty(),
            "{} contains no images; a class needs PNG or JPEG files ({})",
            class.display(),
            KINDS.join(", ")
        );
        for file in files {
            train.pixels.extend(read(&file, reading)?);
            train.labels.push(label);
        }
    }
    let test = hold_out(&mut train);
    let numerals = names
        .iter()
        .enumerate()
        .all(|(label, name)| *name == label.to_string());
    Ok(Dataset {
        name: "images".into(),
        sha256: idx::hash(&train),
        train,
        test,
        class_names: if numerals {
            String::new()
        } else {
            names.join("\n")
        },
    })
}

/// Returns true if a folder or one of its folders contains images.
pub(super) fn are_in(root: &Path) -> bool {
    let holds = |folder: &Path| visible(folder, is_image).is_ok_and(|images| !images.is_empty());
    holds(root)
        || visible(root, Path::is_dir).is_ok_and(|classes| classes.iter().any(|class| holds(class)))
}

/// Warns about images beside the class folders.
fn warn_of_loose(images: &[PathBuf]) {
    if let [first, ..] = images {
        errln!(
            "warning: {} images beside the class folders are not read, such as {}; move each into the \
             folder of its class",
            images.len(),
            first.display()
        );
    }
}

fn is_image(path: &Path) -> bool {
    let end = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    path.is_file() && KINDS.contains(&end.as_str())
}

/// Reads an image file as 784 pixels.
fn read(path: &Path, reading: &ReadOptions) -> Result<Vec<u8>> {
    // The format is recognized by the content, not by the file name.
    let decoded = || -> ImageResult<_> { ImageReader::open(path)?.with_guessed_format()?.decode() };
    let image =
        decoded().with_context(|| format!("{} cannot be read as an image", path.display()))?;
    let (width, height) = (image.width(), image.height());
    let side = SIDE as u32;
    ensure!(
        reading.resize || (width, height) == (side, side),
        "{} has {width}x{height} pixels; pass --resize to scale all images to fit {side}x{side}",
        path.display()
    );
    let gray = on_paper(&image);
    let ink = |gray: u8| if reading.invert { 255 - gray } else { gray };
    let mut image = DynamicImage::from(gray);
    image
        .as_mut_luma8()
        .context("the buffer has the size of the image")?
        .iter_mut()
        .for_each(|gray| *gray = ink(*gray));
    if (width, height) != (side, side) {
        image = image.resize(side, side, FilterType::Triangle);
    }
    // Images that are not square get background margins.
    let mut pixels = vec![0; PIXELS];
    let (left, top) = ((side - image.width()) / 2, (side - image.height()) / 2);
    for (x, y, gray) in image.into_luma8().enumerate_pixels() {
        pixels[((top + y) * side + left + x) as usize] = gray.0[0];
    }
    Ok(pixels)
}

/// Converts an image to grayscale on a white background.
fn on_paper(image: &DynamicImage) -> image::GrayImage {
    let mut gray = image.to_luma_alpha8();
    for pixel in gray.pixels_mut() {
        let [light, cover] = pixel.0.map(u32::from);
        pixel.0 = [((light * cover + PAPER * (255 - cover)) / 255) as u8, 255];
    }
    DynamicImage::from(gray).into_luma8()
}
