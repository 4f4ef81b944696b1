//! Training of the feature extractor.

use crate::data::{PIXELS, SIDE};
use anyhow::Result;
use burn::{
    module::Module,
    optim::{GradientsParams, ModuleOptimizer},
    prelude::*,
    tensor::{TensorData, activation::log_softmax},
};
use indicatif::ProgressBar;
use rand::RngExt;

use super::{CLASSES, net::LeNet, pictures};
use crate::{
    data::Split,
    gan::{adam::Adam, batches::shuffled},
    random::{Purpose, stream},
};

/// Number of epochs.
pub const EPOCHS: usize = 6;
/// Batch size.
pub const BATCH: usize = 100;
/// Peak learning rate of Adam; the rate rises to it and decays to 0 linearly.
pub const RATE: f64 = 3e-3;
/// Share of training in which the learning rate rises.
const RISE: f64 = 0.15;
/// Maximum random shift of the images along each axis, in pixels.
pub const SHIFT: i32 = 2;

/// Returns the number of steps of training on `images`.
pub fn steps(images: &Split) -> usize {
    EPOCHS * (images.len() / BATCH)
}

/// Trains a feature extractor and returns its file, a function of images, seed and kind of processor.
///
/// # Errors
/// If burn cannot encode the weights.
///
/// # Panics
/// If there are fewer images than a batch needs, or a label is above 9.
pub fn train(
    images: &Split,
    seed: u64,
    device: &Device,
    progress: &ProgressBar,
) -> Result<Vec<u8>> {
    assert!(
        images.len() >= BATCH,
        "{} images are fewer than a batch of {BATCH}",
        images.len()
    );
    let device = &device.clone().autodiff();
    let mut net = LeNet::new(seed, device);
    let mut adam: ModuleOptimizer = Adam {
        betas: (0.9, 0.99),
        epsilon: 1e-8,
    }
    .into();
    let (per_epoch, steps) = (images.len() / BATCH, steps(images));
    let mut order = Vec::new();
    for step in 0..steps {
        let place = step % per_epoch;
        if place == 0 {
            order = shuffled(images.len(), seed, (step / per_epoch) as u64);
        }
        let chosen = &order[place * BATCH..][..BATCH];
        let (grays, labels) = batch(images, chosen, seed, step);
        let (_, logits) = net.forward(pictures(grays, device));
        let labels = Tensor::<2>::from_data(TensorData::new(labels, [BATCH, CLASSES]), device);
        let loss = -(log_softmax(logits, 1) * labels).sum() / BATCH as f64;
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = adam.step(rate(step as f64 / steps as f64), net, gradients);
        progress.inc(1);
    }
    Ok(net.valid().into_record().into_bytes()?.to_vec())
}

/// Returns the learning rate of Adam after the share `done` of training, 0 to 1.
fn rate(done: f64) -> f64 {
    RATE * (done / RISE).min((1.0 - done) / (1.0 - RISE))
}

/// Returns the pixels, 0 to 1, of randomly shifted images, and their one-hot classes.
fn batch(images: &Split, chosen: &[u32], seed: u64, step: usize) -> (Vec<f32>, Vec<f32>) {
    let mut random = stream(seed, Purpose::Shift, step as u64);
    let mut grays = vec![0.0; chosen.len() * PIXELS];
    let mut labels = vec![0.0; chosen.len() * CLASSES];
    for (place, &index) in chosen.iter().enumerate() {
        let index = index as usize;
        let [right, down] = [0; 2].map(|_: i32| random.random_range(-SHIFT..=SHIFT));
        shift(
            images.image(index),
            right,
            down,
            &mut grays[place * PIXELS..][..PIXELS],
        );
        labels[place * CLASSES + usize::from(images.labels[index])] = 1.0;
    }
    (grays, labels)
}

/// Shifts an image. Pixels that enter it are background.
fn shift(image: &[u8], right: i32, down: i32, out: &mut [f32]) {
    let side = SIDE as i32;
    for (place, gray) in (0..).zip(out) {
        let (x, y) = (place % side - right, place / side - down);
        let inside = (0..side).contains(&x) && (0..side).contains(&y);
        *gray = if inside {
            f32::from(image[(y * side + x) as usize]) / 255.0
        } else {
            0.0
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{quality::DIGITS, quality::feature_extractor::FeatureExtractor};

    #[test]
    fn training_is_deterministic_and_improves_the_accuracy() {
        let train =
            |seed| train(&DIGITS.train, seed, &Device::flex(), &ProgressBar::hidden()).unwrap();
        let bytes = train(1);
        assert!(bytes == train(1));
        assert!(bytes != train(2));
        let extractor = FeatureExtractor::from_bytes(&bytes, &Device::flex()).unwrap();
        let accuracy = extractor
            .extract_split(&DIGITS.test)
            .accuracy(&DIGITS.test.labels);
        assert!(
            accuracy > 0.5,
            "{accuracy} after {} steps",
            steps(&DIGITS.train)
        );
    }

    #[test]
    fn the_learning_rate_rises_and_decays_to_0() {
        let found =
            [0.0, RISE / 2.0, RISE, f64::midpoint(RISE, 1.0), 1.0].map(|done| rate(done) / RATE);
        for (found, expected) in found.into_iter().zip([0.0, 0.5, 1.0, 0.5, 0.0]) {
            assert!(
                (found - expected).abs() < 1e-12,
                "{found}, expected {expected}"
            );
        }
    }

    #[test]
    fn shifted_images_are_filled_with_background() {
        let mut image = [0; PIXELS];
        image[5 * SIDE + 9] = 255;
        image[SIDE - 1] = 102;
        let mut moved = [f32::NAN; PIXELS];
        shift(&image, 2, -1, &mut moved);
        let ink: Vec<_> = moved
            .iter()
            .enumerate()
            .filter(|&(_, &gray)| gray != 0.0)
            .collect();
        assert_eq!(ink, [(4 * SIDE + 11, &1.0)]);
        shift(&image, -1, 0, &mut moved);
        assert_eq!((moved[SIDE - 2], moved[5 * SIDE + 8]), (0.4, 1.0));
    }
}
