//! Feature extractor: a small digit classifier whose features the evaluation compares.
//!
//! It is trained by [`training`] and built into the program, so that results for different models, seeds and
//! computers are comparable (models/feature-extractor.md).

pub mod net;
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

use self::net::LeNet;
use crate::{data::Split, gan::mlp::floats};

/// Number of classes, the digits.
pub const CLASSES: usize = 10;
/// Number of features per image, the activations of the last hidden layer (0 or more).
pub const FEATURES: usize = 128;
/// Images per forward pass.
const BATCH: usize = 250;
static WEIGHTS: &[u8] = include_bytes!("../../../../models/feature-extractor.bpk");

/// Trained classifier without gradients.
#[derive(Clone, Debug)]
pub struct FeatureExtractor {
    net: LeNet,
    device: Device,
    sha256: [u8; 32],
}

/// Features and predicted classes of images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Features [N, 128].
    pub features: Vec<f32>,
    /// Most likely class of each image, 0 to 9.
    pub classes: Vec<u8>,
}

impl FeatureExtractor {
    /// Loads the built-in feature extractor.
    ///
    /// # Errors
    /// If the program was built with an invalid file.
    pub fn load(device: &Device) -> Result<Self> {
        Self::from_bytes(WEIGHTS, device).context(
            "the program was built with an invalid models/feature-extractor.bpk; create it with `trainer feature-extractor`",
        )
    }

    /// Loads a feature extractor from the contents of its file.
    ///
    /// # Errors
    /// If they are invalid.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))?;
        let net = LeNet::new(0, device).try_load_record(record)?;
        Ok(Self {
            net,
            device: device.clone(),
            sha256: Sha256::digest(bytes).into(),
        })
    }

    /// Returns the SHA-256 of the file with the weights.
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Computes the features of images of 784 pixels, 0 to 255.
    ///
    /// # Panics
    /// If the length of `images` is not a multiple of 784.
    pub fn extract(&self, images: &[f32]) -> Features {
        assert!(
            images.len().is_multiple_of(PIXELS),
            "{} pixels are not a multiple of {PIXELS}",
            images.len()
        );
        let mut extracted = Features::default();
        for batch in images.chunks(BATCH * PIXELS) {
            let grays = batch.iter().map(|gray| gray / 255.0).collect();
            let (features, logits) = self.net.forward(pictures(grays, &self.device));
            let classes = floats(logits)
                .chunks_exact(CLASSES)
                .map(likeliest)
                .collect();
            extracted.append(Features {
                features: floats(features),
                classes,
            });
        }
        extracted
    }

    /// Computes the features of the images of a dataset split.
    pub fn extract_split(&self, images: &Split) -> Features {
        self.extract(&images.grays())
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

    /// Appends the features of further images.
    pub fn append(&mut self, mut further: Self) {
        self.features.append(&mut further.features);
        self.classes.append(&mut further.classes);
    }
}

/// Converts pixels 0 to 1 to a tensor [N, 1, 28, 28].
fn pictures(grays: Vec<f32>, device: &Device) -> Tensor<4> {
    let count = grays.len() / PIXELS;
    Tensor::from_data(TensorData::new(grays, [count, 1, SIDE, SIDE]), device)
}

fn likeliest(logits: &[f32]) -> u8 {
    let best = (0..CLASSES).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    best.expect("ten classes") as u8
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
            .extract_split(images)
            .accuracy(&images.labels)
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
