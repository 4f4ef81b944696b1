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

use super::{Task, net::LeNet, pictures, rotation::rotated};
use crate::{
    data::Split,
    gan::{adam::Adam, batches::shuffled},
    random::{Purpose, stream},
};

/// Number of steps for [`FULL`] images or more.
const STEPS: usize = 3_600;
/// Number of images for which [`STEPS`] are six epochs, that of MNIST.
const FULL: usize = 60_000;
/// Batch size; smaller datasets have a single batch.
pub const BATCH: usize = 100;
/// Peak learning rate of Adam; the rate rises to it and decays to 0 linearly.
pub const RATE: f64 = 3e-3;
/// Share of training in which the learning rate rises.
const RISE: f64 = 0.15;
/// Maximum random shift of the images along each axis, in pixels.
pub const SHIFT: i32 = 2;

/// Returns the number of steps of training on a number of images: it grows with the square root, up to that for 60,000
/// images. Smaller datasets therefore have fewer steps and more epochs.
pub fn steps(images: usize) -> usize {
    let share = images.min(FULL) as f64 / FULL as f64;
    (STEPS as f64 * share.sqrt()).ceil() as usize
}

/// Trains a feature extractor and returns its file, a function of images, task, seed and kind of processor.
///
/// # Errors
/// If burn cannot encode the weights.
///
/// # Panics
/// If there are no images, or a label is not below the number of classes.
pub fn train(
    images: &Split,
    task: Task,
    seed: u64,
    device: &Device,
    progress: &ProgressBar,
) -> Result<Vec<u8>> {
    assert!(!images.is_empty(), "no images to train on");
    let device = &device.clone().autodiff();
    let outputs = task.outputs();
    let mut net = LeNet::new(seed, outputs, device);
    let mut adam: ModuleOptimizer = Adam {
        betas: (0.9, 0.99),
        epsilon: 1e-8,
    }
    .into();
    let size = images.len().min(BATCH);
    let (per_epoch, steps) = (images.len() / size, steps(images.len()));
    let mut order = Vec::new();
    for step in 0..steps {
        let place = step % per_epoch;
        if place == 0 {
            order = shuffled(images.len(), seed, (step / per_epoch) as u64);
        }
        let chosen = &order[place * size..][..size];
        let (grays, labels) = batch(images, task, chosen, seed, step);
        let (_, logits) = net.forward(pictures(grays, device));
        let labels = Tensor::<2>::from_data(TensorData::new(labels, [size, outputs]), device);
        let loss = -(log_softmax(logits, 1) * labels).sum() / size as f64;
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

/// Returns the pixels, 0 to 1, of randomly shifted and, for that task, rotated images, and their one-hot classes.
fn batch(
    images: &Split,
    task: Task,
    chosen: &[u32],
    seed: u64,
    step: usize,
) -> (Vec<f32>, Vec<f32>) {
    let mut random = stream(seed, Purpose::Shift, step as u64);
    let outputs = task.outputs();
    let mut grays = vec![0.0; chosen.len() * PIXELS];
    let mut labels = vec![0.0; chosen.len() * outputs];
    for (place, &index) in chosen.iter().enumerate() {
        let index = index as usize;
        let [right, down] = [0; 2].map(|_: i32| random.random_range(-SHIFT..=SHIFT));
        let image = images.image(index);
        let out = &mut grays[place * PIXELS..][..PIXELS];
        let class = match task {
            Task::Classes(_) => {
                shift(image, right, down, out);
                images.labels[index]
            }
            Task::Rotations => {
                let turns = random.random_range(0..outputs as u8);
                shift(&rotated(image, turns), right, down, out);
                turns
            }
        };
        labels[place * outputs + usize::from(class)] = 1.0;
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

    /// Trains on the first images of the small dataset.
    fn trained(images: usize, task: Task, seed: u64) -> Vec<u8> {
        let mut train_images = DIGITS.train.clone();
        train_images.pixels.truncate(images * PIXELS);
        train_images.labels.truncate(images);
        let (device, bar) = (Device::flex(), ProgressBar::hidden());
        train(&train_images, task, seed, &device, &bar).unwrap()
    }

    fn accuracy(bytes: &[u8], task: Task) -> f64 {
        FeatureExtractor::from_bytes(bytes, task, &Device::flex())
            .unwrap()
            .accuracy(&DIGITS.test)
    }

    #[test]
    fn training_is_deterministic_and_improves_the_accuracy() {
        let task = Task::Classes(10);
        let bytes = trained(60, task, 1);
        assert!(bytes == trained(60, task, 1));
        assert!(bytes != trained(60, task, 2));
        let found = accuracy(&bytes, task);
        assert!(found > 0.5, "{found} after training on 60 images");
    }

    #[test]
    fn rotations_are_learned_without_labels() {
        let found = accuracy(&trained(150, Task::Rotations, 1), Task::Rotations);
        assert!(found > 0.5, "{found}, chance is 0.25");
    }

    #[test]
    fn smaller_datasets_have_fewer_steps_and_more_epochs() {
        assert_eq!(steps(60_000), 6 * 60_000 / BATCH);
        assert_eq!(steps(1_000_000), steps(60_000));
        let found = [1, 100, 600, 6_000].map(steps);
        assert_eq!(found, [15, 147, 360, 1_139]);
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
