//! The user's own IDX files: any images of 28x28, with labels or without, with test images or without.

use std::{
    collections::BTreeSet,
    mem,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::{Dataset, PIXELS, Reading, SIDE, Split, idx, idx::File};
use crate::files::{name, visible};

/// How the test images of a set are called where its train images have "train" in their name.
const TEST: [&str; 2] = ["t10k", "test"];

/// The set of a folder, or of one file of train images with what lies beside it.
pub(super) fn dataset(path: &Path, reading: &Reading) -> Result<Dataset> {
    let images = if path.is_dir() {
        train_images(path)?
    } else {
        path.to_owned()
    };
    let test = TEST
        .iter()
        .filter_map(|name| renamed(&images, "train", name))
        .find_map(|path| either(&path));
    let (mut train, sha256) = split(&images)?;
    let mut test = match test {
        Some(test) => {
            agree(&images, &test)?;
            split(&test)?.0
        }
        None => hold_out(&mut train),
    };
    let labels: BTreeSet<u8> = train.labels.iter().copied().collect();
    for split in [&mut train, &mut test] {
        for label in &mut split.labels {
            let place = labels.iter().position(|known| known == label);
            *label = place.with_context(|| {
                format!(
                    "{}: test images have the label {label}, train images do not",
                    path.display()
                )
            })? as u8;
        }
        split
            .pixels
            .chunks_exact_mut(PIXELS)
            .for_each(|image| turn(image, reading));
    }
    let numerals = labels.iter().copied().eq(0..labels.len() as u8);
    let names = labels
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    let class_names = if numerals { String::new() } else { names };
    Ok(Dataset {
        name: "idx".into(),
        sha256,
        train,
        test,
        class_names,
    })
}

/// Images with their labels, if there are any, and the SHA-256 of the former.
fn split(images: &Path) -> Result<(Split, [u8; 32])> {
    let file = File::open(images.to_owned(), true)?;
    let sha256 = file.sha256;
    let split = if let Some(labels) = either(&labels_of(images)) {
        idx::split(file, File::open(labels, false)?)?
    } else {
        warn_of_labels(images);
        idx::unlabelled(file)
    };
    Ok((split, sha256))
}

/// Whether both splits have labels, or neither.
fn agree(train: &Path, test: &Path) -> Result<()> {
    let [train, test] = [train, test].map(labels_of);
    let missing = match (either(&train), either(&test)) {
        (None, Some(_)) => train,
        (Some(_), None) => test,
        _ => return Ok(()),
    };
    let name = name(&missing);
    let name = name.trim_end_matches(".gz");
    bail!(
        "{}: no {name} or {name}.gz; the folder must hold labels of both train and test images, or of neither",
        missing.parent().unwrap_or(&missing).display()
    )
}

/// Turns an image as it was asked for.
fn turn(image: &mut [u8], reading: &Reading) {
    if reading.invert {
        for grey in image.iter_mut() {
            *grey = 255 - *grey;
        }
    }
    if reading.transpose {
        for y in 0..SIDE {
            for x in 0..y {
                image.swap(y * SIDE + x, x * SIDE + y);
            }
        }
    }
}

/// The one file of train images in a folder.
fn train_images(folder: &Path) -> Result<PathBuf> {
    let mut found = visible(folder, |path| {
        path.is_file() && name(path).contains("train-images")
    })?;
    // The same file plain and packed counts once.
    found.dedup_by_key(|path| path.to_string_lossy().trim_end_matches(".gz").to_owned());
    match &found[..] {
        [one] => Ok(one.clone()),
        [] => bail!(
            "{}: no train-images-idx3-ubyte or train-images-idx3-ubyte.gz; pass the file of images itself by \
             --data if it has another name",
            folder.display()
        ),
        [first, ..] => bail!(
            "{} holds {} sets; pass one of them by --data, such as --data {}",
            folder.display(),
            found.len(),
            first.display()
        ),
    }
}

/// Whether there are IDX images in a folder.
pub(super) fn are_in(folder: &Path) -> bool {
    visible(folder, |path| name(path).contains("idx3")).is_ok_and(|found| !found.is_empty())
}

/// Where the labels of these images would be.
fn labels_of(images: &Path) -> PathBuf {
    let path = renamed(images, "images", "labels").unwrap_or_else(|| images.to_owned());
    let path = renamed(&path, "idx3", "idx1").unwrap_or(path);
    if path == images {
        images.with_extension("labels")
    } else {
        path
    }
}

/// Warns of files that look like labels beside images that have none.
fn warn_of_labels(images: &Path) {
    let looks_so = |path: &Path| {
        path.is_file()
            && ["labels", "idx1"]
                .iter()
                .any(|part| name(path).contains(part))
    };
    let folder = images
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let found = visible(folder.unwrap_or(Path::new(".")), looks_so).unwrap_or_default();
    if let [first, ..] = &found[..] {
        anstream::eprintln!(
            "warning: {} has no labels, for which it would take {}; if {} holds them, give it that name",
            images.display(),
            name(&labels_of(images)),
            first.display()
        );
    }
}

/// The path with another file name, if the name has what is to be replaced.
fn renamed(path: &Path, from: &str, to: &str) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    name.contains(from)
        .then(|| path.with_file_name(name.replace(from, to)))
}

/// The file of that name, or the one that is packed where it is plain, or the other way round.
fn either(path: &Path) -> Option<PathBuf> {
    let other = match path.extension() {
        Some(end) if end == "gz" => path.with_extension(""),
        _ => PathBuf::from(format!("{}.gz", path.display())),
    };
    [path.to_owned(), other]
        .into_iter()
        .find(|path| path.is_file())
}

/// Takes one image of ten of each class out for the test set; where there are too few, all are in both.
pub(super) fn hold_out(train: &mut Split) -> Split {
    let all = mem::take(train);
    let mut test = Split::default();
    let mut counts = [0_u32; 256];
    for (index, &label) in all.labels.iter().enumerate() {
        let count = &mut counts[usize::from(label)];
        *count += 1;
        let part = if count.is_multiple_of(10) {
            &mut test
        } else {
            &mut *train
        };
        part.pixels.extend(all.image(index));
        part.labels.push(label);
    }
    if test.is_empty() { all } else { test }
}
