//! Feature extractor: a small classifier whose features the evaluation compares.
//!
//! The classifier of digits is built into the program, so that results for different models, seeds and computers are
//! comparable (models/feature-extractor.md). For other datasets [`training`] trains one on their images.

pub mod net;
pub mod rotation;
pub mod training;

use crate::data::{PIXELS, SIDE};
use anyhow::{Context, Result};
use burn::{
    module::Module,
    prelude::*,
    store::ModuleRecord,
    tensor::{Bytes, TensorData},
};
use sha2::{Digest, Sha256};

use self::{
    net::LeNet,
    rotation::{ROTATIONS, rotated},
};
use crate::{data::Split, gan::mlp::floats};

/// Number of digits, the classes of the built-in feature extractor.
pub const DIGIT_CLASSES: usize = 10;
/// Number of features per image, the activations of the last hidden layer (0 or more).
pub const FEATURES: usize = 128;
/// Images per forward pass.
const BATCH: usize = 250;
static WEIGHTS: &[u8] = include_bytes!("../../../../models/feature-extractor.bpk");

/// Classification that a feature extractor has learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Classes of a labeled dataset; the value is their number.
    Classes(usize),
    /// Rotations by multiples of 90 degrees, which need no labels.
    Rotations,
}

/// Trained classifier without gradients.
#[derive(Clone, Debug)]
pub struct FeatureExtractor {
    net: LeNet,
    task: Task,
    device: Device,
    sha256: [u8; 32],
}

/// Features and predicted classes of images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Features [N, 128].
    pub features: Vec<f32>,
    /// Most likely class of each image; empty if the feature extractor does not know the classes.
    pub classes: Vec<u8>,
}

impl Task {
    /// Returns the number of outputs of the classifier.
    pub const fn outputs(self) -> usize {
        match self {
            Self::Classes(classes) => classes,
            Self::Rotations => ROTATIONS,
        }
    }
}

impl FeatureExtractor {
    /// Loads the built-in feature extractor.
    ///
    /// # Errors
    /// If the program was built with an invalid file.
    pub fn load(device: &Device) -> Result<Self> {
        Self::from_bytes(WEIGHTS, Task::Classes(DIGIT_CLASSES), device).context(
            "the program was built with an invalid models/feature-extractor.bpk; create it with `trainer feature-extractor`",
        )
    }

    /// Loads a feature extractor from the contents of its file.
    ///
    /// # Errors
    /// If they are invalid.
    pub fn from_bytes(bytes: &[u8], task: Task, device: &Device) -> Result<Self> {
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))?;
        let net = LeNet::new(0, task.outputs(), device).try_load_record(record)?;
        Ok(Self {
            net,
            task,
            device: device.clone(),
            sha256: Sha256::digest(bytes).into(),
        })
    }

    /// Returns the SHA-256 of the file with the weights.
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Returns true for the built-in feature extractor.
    pub fn is_built_in(&self) -> bool {
        self.sha256[..] == *Sha256::digest(WEIGHTS)
    }

    /// Returns the classification that the feature extractor has learned.
    pub const fn task(&self) -> Task {
        self.task
    }

    /// Returns the number of classes that the feature extractor predicts; 0 if it does not know the classes.
    pub const fn classes(&self) -> usize {
        match self.task {
            Task::Classes(classes) => classes,
            Task::Rotations => 0,
        }
    }

    /// Computes the features of images of 784 pixels, 0 to 255.
    ///
    /// # Panics
    /// If the length of `images` is not a multiple of 784.
    pub fn extract(&self, images: &[f32]) -> Features {
        let (features, outputs) = self.forward(images);
        let classes = match self.task {
            Task::Classes(_) => outputs,
            Task::Rotations => Vec::new(),
        };
        Features { features, classes }
    }

    /// Computes the features of the images of a dataset split.
    pub fn extract_split(&self, images: &Split) -> Features {
        self.extract(&images.grays())
    }

    /// Returns the share of images, 0 to 1, that are classified correctly: by their labels, or by their rotation, for
    /// which each image is rotated four times.
    pub fn accuracy(&self, images: &Split) -> f64 {
        let grays = images.grays();
        match self.task {
            Task::Classes(_) => self.extract(&grays).accuracy(&images.labels),
            Task::Rotations => {
                let right = (0..ROTATIONS as u8).map(|turns| {
                    let images = grays.chunks_exact(PIXELS);
                    let turned: Vec<f32> = images.flat_map(|image| rotated(image, turns)).collect();
                    let found = self.forward(&turned).1;
                    found.into_iter().filter(|&found| found == turns).count()
                });
                right.sum::<usize>() as f64 / (ROTATIONS * images.len()) as f64
            }
        }
    }

    /// Returns features [N, 128] and the most likely output for each image.
    fn forward(&self, images: &[f32]) -> (Vec<f32>, Vec<u8>) {
        assert!(
            images.len().is_multiple_of(PIXELS),
            "{} pixels are not a multiple of {PIXELS}",
            images.len()
        );
        let (mut features, mut outputs) = (Vec::new(), Vec::new());
        for batch in images.chunks(BATCH * PIXELS) {
            let grays = batch.iter().map(|gray| gray / 255.0).collect();
            let (activations, logits) = self.net.forward(pictures(grays, &self.device));
            features.extend(floats(activations));
            let logits = floats(logits);
            outputs.extend(logits.chunks_exact(self.task.outputs()).map(likeliest));
        }
        (features, outputs)
    }
}

impl Features {
    /// Returns the share of images, 0 to 1, whose predicted class equals the label.
    pub fn accuracy(&self, labels: &[u8]) -> f64 {
        let right = self
            .classes
            .iter()
            .zip(labels)
            .filter(|(class, label)| class == label)
            .count();
        right as f64 / self.classes.len() as f64
    }
}

/// Converts pixels 0 to 1 to a tensor [N, 1, 28, 28].
fn pictures(grays: Vec<f32>, device: &Device) -> Tensor<4> {
    let count = grays.len() / PIXELS;
    Tensor::from_data(TensorData::new(grays, [count, 1, SIDE, SIDE]), device)
}

fn likeliest(logits: &[f32]) -> u8 {
    let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    best.expect("a classifier has outputs") as u8
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::{
        data::{self, DatasetKind, Request},
        quality::DIGITS,
    };

    fn accuracy(images: &Split) -> f64 {
        FeatureExtractor::load(&Device::flex())
            .unwrap()
            .accuracy(images)
    }

    #[test]
    fn the_built_in_extractor_classifies_unseen_digits() {
        let found = accuracy(&DIGITS.test);
        assert!(found >= 0.97, "{found} of the procedural digits");
    }

    #[test]
    fn the_built_in_extractor_classifies_993_of_1000_mnist_test_images() {
        let Some(folder) = std::env::var_os("THUMBGAN_DATA").map(PathBuf::from) else {
            println!("skipped: THUMBGAN_DATA names no folder with MNIST");
            return;
        };
        let found = accuracy(
            &data::load(&Request::plain(DatasetKind::Mnist, Some(folder)))
                .unwrap()
                .test,
        );
        assert!(found >= 0.993, "{found}");
    }

    #[test]
    fn features_do_not_depend_on_the_batch() {
        let extractor = FeatureExtractor::load(&Device::flex()).unwrap();
        let features = extractor.extract_split(&DIGITS.test);
        assert_eq!(features.features.len(), DIGITS.test.len() * FEATURES);
        let last = extractor.extract(&DIGITS.test.grays()[299 * PIXELS..]);
        assert_eq!(last.classes, features.classes[299..]);
        for (alone, crowd) in last
            .features
            .iter()
            .zip(&features.features[299 * FEATURES..])
        {
            assert!((alone - crowd).abs() < 1e-3, "{alone} and {crowd}");
        }
    }
}
