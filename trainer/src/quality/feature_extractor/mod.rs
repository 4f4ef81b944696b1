//! The judge: a small classifier of digits, whose features tell generated digits from real ones.
//!
//! It is trained here ([`training`]) and comes with the program, so that figures of different models, seeds
//! and computers can be compared (models/judge.md).

pub mod card;
mod net;
pub mod training;

use anyhow::{Context, Result};
use burn::{
    module::Module,
    prelude::*,
    store::ModuleRecord,
    tensor::{Bytes, TensorData},
};
use sha2::{Digest, Sha256};
use thumbgan_core::{PIXELS, SIDE};

use self::net::LeNet;
use crate::{data::Split, gan::mlp::floats};

/// Classes that it tells apart: the digits.
pub const CLASSES: usize = 10;
/// Features of an image: activations of the last hidden layer, from 0 upwards.
pub const FEATURES: usize = 128;
/// Images that it looks at together.
const BATCH: usize = 250;
static WEIGHTS: &[u8] = include_bytes!("../../../../models/judge.bpk");

/// A trained classifier, without gradients.
#[derive(Clone, Debug)]
pub struct Judge {
    net: LeNet,
    device: Device,
    sha256: [u8; 32],
}

/// What the judge saw in some images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// 128 features an image, image by image.
    pub features: Vec<f32>,
    /// The likeliest class of each image, 0 to 9.
    pub classes: Vec<u8>,
}

impl Judge {
    /// The judge that comes with the program.
    ///
    /// # Errors
    /// When the program was built with a file that is not a judge.
    pub fn load(device: &Device) -> Result<Self> {
        Self::from_bytes(WEIGHTS, device).context(
            "the program was built without a judge; make models/judge.bpk with `trainer judge`",
        )
    }

    /// A judge from the contents of its file.
    ///
    /// # Errors
    /// When they are not a judge.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self> {
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))?;
        let net = LeNet::new(0, device).try_load_record(record)?;
        Ok(Self {
            net,
            device: device.clone(),
            sha256: Sha256::digest(bytes).into(),
        })
    }

    /// SHA-256 of the file that holds its weights.
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Looks at images of 784 greys 0 to 255, row by row, one after the other.
    ///
    /// # Panics
    /// When `images` ends within an image.
    pub fn look(&self, images: &[f32]) -> Seen {
        assert!(
            images.len().is_multiple_of(PIXELS),
            "{} greys are no whole images",
            images.len()
        );
        let mut seen = Seen::default();
        for batch in images.chunks(BATCH * PIXELS) {
            let greys = batch.iter().map(|grey| grey / 255.0).collect();
            let (features, logits) = self.net.forward(pictures(greys, &self.device));
            let classes = floats(logits)
                .chunks_exact(CLASSES)
                .map(likeliest)
                .collect();
            seen.append(Seen {
                features: floats(features),
                classes,
            });
        }
        seen
    }

    /// As [`Self::look`], at real images.
    pub fn look_at(&self, images: &Split) -> Seen {
        self.look(&images.greys())
    }
}

impl Seen {
    /// The share of images, 0 to 1, whose class is the one in `labels`.
    pub fn accuracy(&self, labels: &[u8]) -> f64 {
        let right = self
            .classes
            .iter()
            .zip(labels)
            .filter(|(class, label)| class == label)
            .count();
        right as f64 / self.classes.len() as f64
    }

    /// Adds what was seen in further images.
    pub fn append(&mut self, mut further: Self) {
        self.features.append(&mut further.features);
        self.classes.append(&mut further.classes);
    }
}

/// Greys 0 to 1 as a tensor [N, 1, 28, 28].
fn pictures(greys: Vec<f32>, device: &Device) -> Tensor<4> {
    let count = greys.len() / PIXELS;
    Tensor::from_data(TensorData::new(greys, [count, 1, SIDE, SIDE]), device)
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
        data::{self, Choice, Request},
        quality::DIGITS,
    };

    fn accuracy(images: &Split) -> f64 {
        Judge::load(&Device::flex())
            .unwrap()
            .look_at(images)
            .accuracy(&images.labels)
    }

    #[test]
    fn the_built_in_judge_reads_digits_that_it_never_learned_from() {
        let found = accuracy(&DIGITS.test);
        assert!(found >= 0.97, "{found} of the procedural digits");
    }

    #[test]
    fn the_built_in_judge_reads_993_of_1000_test_images_of_mnist() {
        let Some(folder) = std::env::var_os("THUMBGAN_DATA").map(PathBuf::from) else {
            println!("skipped: THUMBGAN_DATA names no folder with MNIST");
            return;
        };
        let found = accuracy(
            &data::load(&Request::plain(Choice::Mnist, Some(folder)))
                .unwrap()
                .test,
        );
        assert!(found >= 0.993, "{found}");
    }

    #[test]
    fn an_image_has_the_same_features_alone_and_in_a_crowd() {
        let judge = Judge::load(&Device::flex()).unwrap();
        let seen = judge.look_at(&DIGITS.test);
        assert_eq!(seen.features.len(), DIGITS.test.len() * FEATURES);
        let last = judge.look(&DIGITS.test.greys()[299 * PIXELS..]);
        assert_eq!(last.classes, seen.classes[299..]);
        for (alone, crowd) in last.features.iter().zip(&seen.features[299 * FEATURES..]) {
            assert!((alone - crowd).abs() < 1e-3, "{alone} and {crowd}");
        }
    }
}
