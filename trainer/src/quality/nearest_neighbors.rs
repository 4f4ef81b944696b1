//! Whether a generator draws digits of its own or the ones that it learned from.
//!
//! Every image has a nearest training image. Those of real images that nobody learned from lie some way off;
//! those of a generator that learned its images by heart lie far nearer.

use std::fmt;

use serde::{Deserialize, Serialize};
use thumbgan_core::PIXELS;

use super::distances::fold;
use crate::data::Split;

/// Images that are looked at, spread evenly over those given.
const IMAGES: usize = 1_000;
/// Nearer than this part of what real images show counts as copied.
const COPIED: f64 = 0.5;

/// Distances of images to their nearest training images: Euclidean, of 784 greys from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbours {
    /// Half of the images are nearer.
    pub median: f64,
    /// One in a hundred is nearer.
    pub first_percentile: f64,
}

/// What distances say of a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its images are as far from the training images as real ones.
    Own,
    /// One in a hundred or more is nearer than real images are.
    SomeCopies,
    /// Most are.
    Memorised,
}

/// Training images, as [`Training::nearest`] wants them.
pub struct Training {
    greys: Vec<f32>,
}

impl Training {
    /// All images of `train`.
    pub fn new(train: &Split) -> Self {
        Self {
            greys: train
                .pixels
                .iter()
                .map(|&grey| f32::from(grey) / 255.0)
                .collect(),
        }
    }

    /// The distances of a thousand of these images, or of somewhat fewer: 784 greys from 0 to 255 each.
    ///
    /// # Panics
    /// When there are no images.
    pub fn nearest(&self, images: &[f32]) -> Neighbours {
        let every = (images.len() / PIXELS).div_ceil(IMAGES);
        let chosen = images.chunks_exact(PIXELS).step_by(every).flatten();
        let chosen: Vec<f32> = chosen.map(|grey| grey / 255.0).collect();
        let mut nearest = fold(
            &chosen,
            &self.greys,
            PIXELS,
            &f32::INFINITY,
            |nearest, _, squared| {
                *nearest = nearest.min(squared);
            },
        );
        nearest.sort_unstable_by(f32::total_cmp);
        let at = |part: usize| f64::from(nearest[nearest.len() / part]).sqrt();
        Neighbours {
            median: at(2),
            first_percentile: at(100),
        }
    }
}

impl Verdict {
    /// On a generator, by its distances and those of real images that it did not learn from.
    pub fn of(generated: &Neighbours, real: &Neighbours) -> Self {
        if generated.median < COPIED * real.median {
            Self::Memorised
        } else if generated.first_percentile < COPIED * real.first_percentile {
            Self::SomeCopies
        } else {
            Self::Own
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "none to be seen: it draws digits of its own",
            Self::SomeCopies => {
                "some digits are copies: much nearer to training images than real digits are"
            }
            Self::Memorised => "it has memorised: most digits are copies of training images",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::DIGITS;

    #[test]
    fn distances_are_those_to_the_nearest_training_image_in_greys_of_0_to_1() {
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
    fn a_memoriser_is_told_from_a_generator_of_its_own_digits() {
        let training = Training::new(&DIGITS.train);
        let (known, unknown) = (DIGITS.train.greys(), DIGITS.test.greys());
        let (reference, fresh) = unknown.split_at(150 * PIXELS);
        let reference = training.nearest(reference);
        let verdict = |images: &[f32]| Verdict::of(&training.nearest(images), &reference);
        assert_eq!(verdict(fresh), Verdict::Own);
        assert_eq!(verdict(&known), Verdict::Memorised);
        let noise = |index: usize| [8.0, -8.0, 3.0][index % 3];
        let noisy: Vec<f32> = known
            .iter()
            .enumerate()
            .map(|(index, grey)| grey + noise(index))
            .collect();
        assert_eq!(verdict(&noisy), Verdict::Memorised);
        // Five copies among 150 digits.
        assert_eq!(
            verdict(&[&noisy[..5 * PIXELS], fresh].concat()),
            Verdict::SomeCopies
        );
    }
}
