//! Datasets of grayscale images with integer labels, or without labels.

use std::{collections::BTreeSet, mem};

use anyhow::{Context, Result, ensure};

use super::{
    Dataset, MAX_CLASSES, ReadOptions, SIDE, Sizes, Split,
    arrays::{Images, Labels},
    fit,
    names::class_names,
};

/// Training or test images with their labels, if there are any.
pub(super) struct Part {
    pub images: Images,
    pub labels: Option<Labels>,
}

impl Part {
    fn label_values(&self) -> &[i64] {
        self.labels
            .as_ref()
            .map_or(&[], |labels| &labels.values[..])
    }

    /// Returns 28x28 images with labels as indices of the sorted `labels` of the training images.
    fn split(self, labels: &BTreeSet<i64>, reading: &ReadOptions) -> Result<Split> {
        let Images {
            path, size, pixels, ..
        } = self.images;
        let classes: Vec<u8> = match self.labels {
            None => vec![0; pixels.len() / (size[0] * size[1])],
            Some(found) => {
                let class = |label: &i64| {
                    let index = labels.iter().position(|known| known == label);
                    index.map(|index| index as u8).with_context(|| {
                        format!(
                            "{}: the label {label} occurs in the test images only; each must occur in the training images",
                            found.path.display()
                        )
                    })
                };
                found.values.iter().map(class).collect::<Result<_>>()?
            }
        };
        let mut split = Split {
            pixels,
            labels: classes,
        };
        if size != [SIDE; 2] || reading.invert || reading.transpose {
            let images = mem::take(&mut split.pixels);
            for image in images.chunks_exact(size[0] * size[1]) {
                let image = fit::gray_image(image, size)?;
                split.pixels.extend(fit::fit(image, reading, &path)?);
            }
        }
        Ok(split)
    }
}

/// Combines training and test images into a dataset whose classes are the sorted labels. Without test images, some
/// training images become test images.
///
/// # Errors
/// If there are too many labels, a label occurs in the test images only, or the images have another size than 28x28 and
/// scaling is not requested.
pub(super) fn dataset(
    name: &str,
    train: Part,
    test: Option<Part>,
    reading: &ReadOptions,
) -> Result<Dataset> {
    let labels: BTreeSet<i64> = train.label_values().iter().copied().collect();
    ensure!(
        labels.len() <= MAX_CLASSES,
        "the images in {} have {} different labels; the maximum is {MAX_CLASSES} classes: keep the images of fewer classes, or pass \
         --unlabeled to a new run to train without classes",
        train.images.path.display(),
        labels.len()
    );
    let sha256 = train.images.sha256;
    let parts = [Some(&train), test.as_ref()].into_iter().flatten();
    let sizes = parts.map(|part| Sizes::of(part.images.size));
    let sizes = sizes.reduce(Sizes::with).unwrap_or(Sizes::MNIST);
    let mut train = train.split(&labels, reading)?;
    let test = match test {
        Some(test) => test.split(&labels, reading)?,
        None => hold_out(&mut train),
    };
    let names: Vec<_> = labels.iter().map(ToString::to_string).collect();
    Ok(Dataset {
        name: name.into(),
        sha256,
        sizes,
        train,
        test,
        class_names: class_names(&names),
    })
}

/// Moves every tenth image of each class to a test split. If no class has ten images, both splits contain all images.
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
    if test.is_empty() {
        errln!("no class has ten images: the test images are the training images");
        return all;
    }
    test
}
