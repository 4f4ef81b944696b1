//! Nearest training images, to detect memorization.
//!
//! The nearest training images of real images that were not trained on are some distance away; those of a
//! generator that memorized the training images are much closer.

use std::fmt;

use crate::data::PIXELS;
use serde::{Deserialize, Serialize};

use super::distances::fold;
use crate::data::Split;

/// Number of examined images, evenly distributed over the given ones.
const IMAGES: u64 = 1_000;
/// Share of real images' distance below which an image counts as a copy.
const COPIED: f64 = 0.5;

/// Euclidean distances (784 pixels from 0 to 1) to the nearest training images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearestNeighbors {
    /// Median.
    pub median: f64,
    /// First percentile.
    pub first_percentile: f64,
}

/// Degree of memorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Memorization {
    /// Distances to training images like those of real images.
    Own,
    /// At least one image of a hundred is closer than real images are.
    SomeCopies,
    /// More than half of the images are closer than real images are.
    Memorized,
}

/// Training images in the form that [`Training::nearest`] needs.
pub struct Training {
    grays: Vec<f32>,
}

impl Training {
    /// Takes all images of `train`.
    pub fn new(train: &Split) -> Self {
        Self {
            grays: train
                .pixels
                .iter()
                .map(|&gray| f32::from(gray) / 255.0)
                .collect(),
        }
    }

    /// Measures the distances of at most a thousand of these images of 784 pixels, 0 to 255.
    ///
    /// # Panics
    /// If there are no images.
    pub fn nearest(&self, images: &[f32]) -> NearestNeighbors {
        let every = interval((images.len() / PIXELS) as u64) as usize;
        let chosen = images.chunks_exact(PIXELS).step_by(every).flatten();
        let chosen: Vec<f32> = chosen.map(|gray| gray / 255.0).collect();
        let mut nearest = fold(
            &chosen,
            &self.grays,
            PIXELS,
            &f32::INFINITY,
            |nearest, _, squared| {
                *nearest = nearest.min(squared);
            },
        );
        nearest.sort_unstable_by(f32::total_cmp);
        let at = |part: usize| f64::from(nearest[nearest.len() / part]).sqrt();
        NearestNeighbors {
            median: at(2),
            first_percentile: at(100),
        }
    }
}

/// Returns the interval between the examined images of a number of images.
pub fn interval(images: u64) -> u64 {
    images.div_ceil(IMAGES)
}

impl Memorization {
    /// Compares a generator's distances with those of real images that it was not trained on.
    pub fn of(generated: &NearestNeighbors, real: &NearestNeighbors) -> Self {
        if generated.median < COPIED * real.median {
            Self::Memorized
        } else if generated.first_percentile < COPIED * real.first_percentile {
            Self::SomeCopies
        } else {
            Self::Own
        }
    }
}

impl fmt::Display for Memorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "no memorization: distances are like those of real images",
            Self::SomeCopies => {
                "partial memorization: at least 1 % of the images are copies of training images"
            }
            Self::Memorized => "memorization: most images are copies of training images",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::DIGITS;

    #[test]
    fn distances_are_those_to_the_nearest_training_image_with_pixels_from_0_to_1() {
        let mut pixels = vec![0; 3 * PIXELS];
        pixels[PIXELS] = 255;
        pixels[2 * PIXELS..].fill(255);
        let training = Training::new(&Split {
            pixels,
            labels: vec![0; 3],
        });
        let mut image = vec![0.0; PIXELS];
        image[..2].fill(255.0);
        // One pixel from the second image, two from the first, the square root of 782 from the third.
        let found = training.nearest(&image);
        assert!(
            (found.median - 1.0).abs() < 1e-3 && (found.first_percentile - 1.0).abs() < 1e-3,
            "{found:?}"
        );
    }

    #[test]
    fn memorization_is_detected() {
        let training = Training::new(&DIGITS.train);
        let (known, unknown) = (DIGITS.train.grays(), DIGITS.test.grays());
        let (reference, fresh) = unknown.split_at(150 * PIXELS);
        let reference = training.nearest(reference);
        let verdict = |images: &[f32]| Memorization::of(&training.nearest(images), &reference);
        assert_eq!(verdict(fresh), Memorization::Own);
        assert_eq!(verdict(&known), Memorization::Memorized);
        let noise = |index: usize| [8.0, -8.0, 3.0][index % 3];
        let noisy: Vec<f32> = known
            .iter()
            .enumerate()
            .map(|(index, gray)| gray + noise(index))
            .collect();
        assert_eq!(verdict(&noisy), Memorization::Memorized);
        // Five copies among 150 images.
        assert_eq!(
            verdict(&[&noisy[..5 * PIXELS], fresh].concat()),
            Memorization::SomeCopies
        );
    }
}
