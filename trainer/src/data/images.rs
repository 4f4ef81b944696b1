//! A folder of PNG or JPEG images for each class.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::{DynamicImage, ImageReader, ImageResult, imageops::FilterType};

use super::{Dataset, MAX_CLASSES, PIXELS, Reading, SIDE, Split, idx, own::hold_out};
use crate::files::{name, visible};

/// File names that end so are images.
const KINDS: [&str; 3] = ["png", "jpg", "jpeg"];
/// The paper's grey where an image is transparent.
const PAPER: u32 = 255;

/// The folders in `root` as classes, in the order of their names; without folders, its images without classes.
pub(super) fn dataset(root: &Path, reading: &Reading) -> Result<Dataset> {
    let mut classes = visible(root, Path::is_dir)?;
    let names: Vec<String> = classes.iter().map(|class| name(class)).collect();
    if classes.is_empty() {
        classes.push(root.to_owned());
    } else {
        warn_of_loose(&visible(root, is_image)?);
    }
    ensure!(
        classes.len() <= MAX_CLASSES,
        "{} has {} folders; at most {MAX_CLASSES} classes will do",
        root.display(),
        classes.len()
    );
    let mut train = Split::default();
    for (label, class) in (0..).zip(&classes) {
        let files = visible(class, is_image)?;
        ensure!(
            !files.is_empty(),
            "{} holds no images; a class needs PNG or JPEG files ({})",
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

/// Whether there are images in a folder, or in folders in it.
pub(super) fn are_in(root: &Path) -> bool {
    let holds = |folder: &Path| visible(folder, is_image).is_ok_and(|images| !images.is_empty());
    holds(root)
        || visible(root, Path::is_dir).is_ok_and(|classes| classes.iter().any(|class| holds(class)))
}

/// Warns of images that lie beside the folders of classes.
fn warn_of_loose(images: &[PathBuf]) {
    if let [first, ..] = images {
        anstream::eprintln!(
            "warning: {} images beside the folders of classes are not read, such as {}; move each into the \
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

/// The 784 greys of an image file.
fn read(path: &Path, reading: &Reading) -> Result<Vec<u8>> {
    // What a file holds counts, not what its name says.
    let decoded = || -> ImageResult<_> { ImageReader::open(path)?.with_guessed_format()?.decode() };
    let image =
        decoded().with_context(|| format!("{} is no image that can be read", path.display()))?;
    let (width, height) = (image.width(), image.height());
    let side = SIDE as u32;
    ensure!(
        reading.resize || (width, height) == (side, side),
        "{} has {width}x{height} pixels; pass --resize to scale all images to fit {side}x{side}",
        path.display()
    );
    let grey = on_paper(&image);
    let ink = |grey: u8| if reading.invert { 255 - grey } else { grey };
    let mut image = DynamicImage::from(grey);
    image
        .as_mut_luma8()
        .context("greys stay greys")?
        .iter_mut()
        .for_each(|grey| *grey = ink(*grey));
    if (width, height) != (side, side) {
        image = image.resize(side, side, FilterType::Triangle);
    }
    // What is not square gets dark margins.
    let mut pixels = vec![0; PIXELS];
    let (left, top) = ((side - image.width()) / 2, (side - image.height()) / 2);
    for (x, y, grey) in image.into_luma8().enumerate_pixels() {
        pixels[((top + y) * side + left + x) as usize] = grey.0[0];
    }
    Ok(pixels)
}

/// The greys of an image on white paper.
fn on_paper(image: &DynamicImage) -> image::GrayImage {
    let mut grey = image.to_luma_alpha8();
    for pixel in grey.pixels_mut() {
        let [light, cover] = pixel.0.map(u32::from);
        pixel.0 = [((light * cover + PAPER * (255 - cover)) / 255) as u8, 255];
    }
    DynamicImage::from(grey).into_luma8()
}
