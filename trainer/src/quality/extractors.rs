//! Choice of the feature extractor for a dataset.

use std::{fmt, path::Path};

use anyhow::Result;
use burn::prelude::Device;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    cache,
    feature_extractor::{
        DIGIT_CLASSES, FeatureExtractor, Task,
        training::{self, steps},
    },
};
use crate::{
    data::{Dataset, Split},
    files::hex,
    progress,
    text::count,
};

/// Version of the training; files of other versions in the cache are ignored.
const VERSION: u8 = 1;
/// Seed of the training.
const SEED: u64 = 1;
/// Accuracy of the built-in feature extractor on the test set from which on the images count as digits.
const RECOGNIZED: f64 = 0.9;
/// Datasets that consist of digits.
const OF_DIGITS: [&str; 2] = ["mnist", "procedural"];
/// Printed while another process holds the lock of the cache.
const WAITING: &str = "waiting for another process that trains a feature extractor";
/// Folder in the user's cache.
const FOLDER: &str = "feature-extractor";

/// Origin of a feature extractor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Built into the program: trained to classify the digits of MNIST.
    BuiltIn,
    /// Trained to classify the training images of the dataset.
    Classes,
    /// Trained to recognize rotations of the training images of the dataset, which has no labels.
    Rotations,
}

/// Description of the feature extractor of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractorInfo {
    /// Origin.
    pub origin: Origin,
    /// SHA-256 of the weights' file, in hexadecimal.
    pub sha256: String,
    /// Accuracy on the test set, 0 to 1: of the classes, or of the rotations.
    pub test_accuracy: f64,
}

impl FeatureExtractor {
    /// Returns the feature extractor for a dataset. Digits have the built-in one: MNIST, the procedural digits, and
    /// datasets of ten classes that it recognizes with an accuracy of at least 90 % on the test set. For other datasets
    /// one is trained on the training images, always with the same seed, and kept in the user's cache: on their
    /// classes, or on rotations if there are fewer than two classes.
    ///
    /// # Errors
    /// If burn cannot encode or decode the weights.
    pub fn for_dataset(dataset: &Dataset, device: &Device) -> Result<Self> {
        let built_in = Self::load(device)?;
        let is_of_digits = || {
            OF_DIGITS.contains(&&*dataset.name) || built_in.accuracy(&dataset.test) >= RECOGNIZED
        };
        if usize::from(dataset.classes()) == DIGIT_CLASSES && is_of_digits() {
            return Ok(built_in);
        }
        let bytes = trained(dataset, cache::folder(FOLDER).as_deref())?;
        Self::from_bytes(&bytes, task(dataset), device)
    }

    /// Describes the feature extractor with its accuracy on the test set.
    pub fn info(&self, test_accuracy: f64) -> ExtractorInfo {
        ExtractorInfo {
            origin: match self.task() {
                _ if self.is_built_in() => Origin::BuiltIn,
                Task::Classes(_) => Origin::Classes,
                Task::Rotations => Origin::Rotations,
            },
            sha256: hex(self.sha256()),
            test_accuracy,
        }
    }
}

/// Returns the classification that the feature extractor of a dataset learns.
fn task(dataset: &Dataset) -> Task {
    match dataset.classes() {
        0 => Task::Rotations,
        classes => Task::Classes(classes.into()),
    }
}

/// Returns the weights from the cache, or trains them and writes them to the cache.
fn trained(dataset: &Dataset, folder: Option<&Path>) -> Result<Vec<u8>> {
    let (train, task) = (&dataset.train, task(dataset));
    let path = folder.map(|folder| folder.join(format!("{}.bin", key(train, task))));
    let cached = || path.as_deref().and_then(cache::read);
    if let Some(bytes) = cached() {
        return Ok(bytes);
    }
    // The runs of a sweep start at the same time: one of them trains the extractor.
    let _lock = folder.and_then(|folder| cache::lock(folder, WAITING));
    if let Some(bytes) = cached() {
        return Ok(bytes);
    }
    errln!(
        "training a feature extractor on {} of {}, with which the quality is measured; the result is cached",
        count(train.len(), "image"),
        dataset.name
    );
    let bar = progress::start("training it for", steps(train.len()) as u64, "step")?;
    // Other backends round differently.
    let bytes = training::train(train, task, SEED, &Device::flex(), &bar)?;
    bar.finish_and_clear();
    if let Some(path) = path {
        cache::write(&path, &bytes);
    }
    Ok(bytes)
}

/// Returns the name of the cache file.
fn key(train: &Split, task: Task) -> String {
    let mut hasher = Sha256::new_with_prefix([VERSION]);
    hasher.update(Sha256::digest(&train.pixels));
    if let Task::Classes(_) = task {
        hasher.update(Sha256::digest(&train.labels));
    }
    hex(&hasher.finalize()[..16])
}

impl fmt::Display for ExtractorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sha256 = &self.sha256[..self.sha256.len().min(8)];
        let percent = 100.0 * self.test_accuracy;
        match self.origin {
            Origin::BuiltIn => write!(
                f,
                "built in (SHA-256 {sha256}), {percent:.1} % accuracy on the test set"
            ),
            Origin::Classes => write!(
                f,
                "trained on this dataset (SHA-256 {sha256}), {percent:.1} % accuracy on the test set"
            ),
            Origin::Rotations => write!(
                f,
                "trained on rotations of this dataset's images, which have no classes (SHA-256 {sha256}), {percent:.1} % \
                 accuracy on the rotated test set"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, thread, time::Duration};

    use super::*;
    use crate::{data::PIXELS, quality};

    /// Returns the first procedural digits, as a dataset of another name.
    fn few(train: usize) -> Dataset {
        let mut dataset = quality::DIGITS.clone();
        "custom".clone_into(&mut dataset.name);
        dataset.train.pixels.truncate(train * PIXELS);
        dataset.train.labels.truncate(train);
        dataset
    }

    #[test]
    fn digits_of_any_dataset_have_the_built_in_extractor() {
        let extractor = FeatureExtractor::for_dataset(&few(600), &Device::flex()).unwrap();
        let info = extractor.info(0.97);
        assert_eq!(info.origin, Origin::BuiltIn);
        assert_eq!(
            info.to_string(),
            "built in (SHA-256 8e521f46), 97.0 % accuracy on the test set"
        );
    }

    #[test]
    fn a_trained_extractor_comes_from_the_cache_and_is_trained_anew_when_that_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("extractors");
        let dataset = few(20);
        let bytes = trained(&dataset, Some(&place)).unwrap();
        let file = place.join(format!("{}.bin", key(&dataset.train, task(&dataset))));
        // Other content in the cache shows where the next one is read from.
        cache::write(&file, b"other");
        assert_eq!(trained(&dataset, Some(&place)).unwrap(), b"other");
        let mut damaged = fs::read(&file).unwrap();
        damaged[33] ^= 1;
        fs::write(&file, damaged).unwrap();
        assert!(trained(&dataset, Some(&place)).unwrap() == bytes);
        assert!(cache::read(&file).unwrap() == bytes, "and is mended");
    }

    #[test]
    fn processes_that_need_the_same_extractor_wait_for_one_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let dataset = few(20);
        let lock = cache::lock(folder.path(), "").unwrap();
        thread::scope(|scope| {
            let other = scope.spawn(|| trained(&dataset, Some(folder.path())).unwrap());
            thread::sleep(Duration::from_millis(100));
            let file = format!("{}.bin", key(&dataset.train, task(&dataset)));
            cache::write(
                &folder.path().join(file),
                b"trained by the holder of the lock",
            );
            drop(lock);
            assert_eq!(other.join().unwrap(), b"trained by the holder of the lock");
        });
    }

    #[test]
    fn images_labels_and_task_have_files_of_their_own() {
        let train = few(20).train;
        let (labeled, turned) = (key(&train, Task::Classes(10)), key(&train, Task::Rotations));
        assert_ne!(labeled, turned);
        let mut others = train.clone();
        others.labels[3] ^= 1;
        assert_ne!(key(&others, Task::Classes(10)), labeled);
        assert_eq!(key(&others, Task::Rotations), turned);
        others.pixels[3] ^= 1;
        assert_ne!(key(&others, Task::Rotations), turned);
    }
}
