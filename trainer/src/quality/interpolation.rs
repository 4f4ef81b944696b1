//! Smoothness of latent interpolation, as in the device's latent walk.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use thumbgan_core::GrayImage;

use crate::export::int8::Int8Generator;

/// Steps of an interpolation.
pub const INTERPOLATION_STEPS: usize = 16;
/// Number of measured interpolations, the classes in equal shares: from seed 0 to 1, from 2 to 3 and so on.
const WALKS: u64 = 100;

/// Smoothness of interpolations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct InterpolationSmoothness {
    /// Mean absolute change of a pixel per step, in gray levels of 0 to 255.
    pub change: f64,
    /// Largest ratio of a step's change to the mean step of its interpolation; 1 would be perfectly even.
    pub jump: f64,
}

impl InterpolationSmoothness {
    /// Measures a hundred interpolations.
    ///
    /// # Errors
    /// Never for a parsed model; passed on for the message.
    pub fn measure(int8: &mut Int8Generator<'_>) -> Result<Self> {
        let walk = |walk| {
            int8.interpolate(
                int8.class(walk),
                [2 * walk, 2 * walk + 1],
                INTERPOLATION_STEPS,
            )
        };
        let walks = (0..WALKS).map(walk).collect::<Result<Vec<_>>>()?;
        Ok(Self::of(&walks))
    }

    /// Measures interpolations, each a sequence of images.
    fn of(walks: &[Vec<GrayImage>]) -> Self {
        let (mut total, mut jump) = (0.0, 1.0_f64);
        for walk in walks {
            let changes: Vec<f64> = walk
                .windows(2)
                .map(|pair| change(&pair[0], &pair[1]))
                .collect();
            let mean = changes.iter().sum::<f64>() / changes.len() as f64;
            total += mean;
            // An interpolation between equal images has no steps to compare.
            if mean > 0.0 {
                jump = changes
                    .into_iter()
                    .fold(jump, |jump, change| jump.max(change / mean));
            }
        }
        Self {
            change: total / walks.len() as f64,
            jump,
        }
    }
}

/// Returns the mean absolute difference of two images' pixels in gray levels.
fn change(a: &GrayImage, b: &GrayImage) -> f64 {
    let pixels = a.pixels().iter().zip(b.pixels());
    let sum: u32 = pixels.map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
    f64::from(sum) / GrayImage::PIXELS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fade(grays: impl IntoIterator<Item = u8>) -> Vec<GrayImage> {
        grays
            .into_iter()
            .map(|gray| GrayImage::new([gray; GrayImage::PIXELS]))
            .collect()
    }

    #[test]
    fn even_steps_are_smooth_and_a_sudden_one_is_a_jump() {
        let even = fade((0..=160).step_by(10));
        assert_eq!(
            InterpolationSmoothness::of(std::slice::from_ref(&even)),
            InterpolationSmoothness {
                change: 10.0,
                jump: 1.0
            }
        );
        let sudden = fade([[0; 9], [160; 9]].concat().into_iter().take(17));
        assert_eq!(
            InterpolationSmoothness::of(std::slice::from_ref(&sudden)),
            InterpolationSmoothness {
                change: 10.0,
                jump: 16.0
            }
        );
        let still = fade([7; 17]);
        assert_eq!(
            InterpolationSmoothness::of(&[still, even, sudden]),
            InterpolationSmoothness {
                change: 20.0 / 3.0,
                jump: 16.0
            }
        );
    }

    #[test]
    fn an_interpolation_starts_and_ends_at_the_images_of_its_seeds() {
        let bytes =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/seed.tgan")).unwrap();
        let mut int8 = Int8Generator::new(&thumbgan_core::Model::parse(&bytes).unwrap());
        let images = int8.interpolate(None, [4, 9], INTERPOLATION_STEPS).unwrap();
        assert_eq!(images.len(), 17);
        let [from, to] = [4, 9].map(|seed| int8.pixels(seed..seed + 1).unwrap());
        assert_eq!(
            (images[0].as_ref(), images[16].as_ref()),
            (&from[..], &to[..])
        );
        let ends = [&images[0], &images[16]];
        assert!(images[1..16].iter().all(|image| !ends.contains(&image)));
        let smoothness = InterpolationSmoothness::measure(&mut int8).unwrap();
        assert!(
            smoothness.change > 0.5 && smoothness.jump > 1.0 && smoothness.jump < 16.0,
            "{smoothness:?}"
        );
    }
}
