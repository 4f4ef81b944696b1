//! How smoothly digits change on the way from one latent to another, as the device's walk shows it.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use thumbgan_core::{Digit, PIXELS, latent::slerp};

use crate::export::int8::Int8;

/// Steps of a walk.
const STEPS: usize = 16;
/// Walks that are measured, the classes in equal shares: from seeds 0 to 1, 2 to 3 and so on.
const WALKS: u64 = 100;

/// Smoothness of walks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    /// Mean absolute change of a pixel in one step, in greys of 0 to 255.
    pub change: f64,
    /// The largest step of a walk as a multiple of the mean step of that walk, for the worst of all walks;
    /// 1 would be perfectly even.
    pub jump: f64,
}

/// The digits on the walk from the latent of one seed to that of another in 16 steps: 17 with both ends.
///
/// # Errors
/// When the model has no such class.
pub fn frames(int8: &mut Int8<'_>, class: Option<u8>, [from, to]: [u64; 2]) -> Result<Vec<Digit>> {
    let latent = int8.model().latent();
    let [mut a, mut b, mut between] = [(); 3].map(|()| vec![0; usize::from(latent.length)]);
    latent.distribution.draw(from, &mut a);
    latent.distribution.draw(to, &mut b);
    let digits = (0..=STEPS).map(|step| {
        slerp(&a, &b, step as f32 / STEPS as f32, &mut between);
        int8.of_latent(class, &between).cloned()
    });
    digits.collect()
}

impl Walk {
    /// Of a hundred walks.
    ///
    /// # Errors
    /// Never for a model that parsed; passed on for the message.
    pub fn measure(int8: &mut Int8<'_>) -> Result<Self> {
        let walk = |walk| frames(int8, int8.class(walk), [2 * walk, 2 * walk + 1]);
        let walks = (0..WALKS).map(walk).collect::<Result<Vec<_>>>()?;
        Ok(Self::of(&walks))
    }

    /// Of walks, each a row of digits.
    fn of(walks: &[Vec<Digit>]) -> Self {
        let (mut total, mut jump) = (0.0, 1.0_f64);
        for walk in walks {
            let changes: Vec<f64> = walk
                .windows(2)
                .map(|pair| change(&pair[0], &pair[1]))
                .collect();
            let mean = changes.iter().sum::<f64>() / changes.len() as f64;
            total += mean;
            // A walk between digits that are the same has no steps to compare.
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

/// Mean absolute difference of two digits' pixels, in greys.
fn change(a: &Digit, b: &Digit) -> f64 {
    let pixels = a.pixels().iter().zip(b.pixels());
    let sum: u32 = pixels.map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
    f64::from(sum) / PIXELS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fade(greys: impl IntoIterator<Item = u8>) -> Vec<Digit> {
        greys
            .into_iter()
            .map(|grey| Digit::new([grey; PIXELS]))
            .collect()
    }

    #[test]
    fn even_steps_are_smooth_and_a_sudden_one_is_a_jump() {
        let even = fade((0..=160).step_by(10));
        assert_eq!(
            Walk::of(std::slice::from_ref(&even)),
            Walk {
                change: 10.0,
                jump: 1.0
            }
        );
        let sudden = fade([[0; 9], [160; 9]].concat().into_iter().take(17));
        assert_eq!(
            Walk::of(std::slice::from_ref(&sudden)),
            Walk {
                change: 10.0,
                jump: 16.0
            }
        );
        let still = fade([7; 17]);
        assert_eq!(
            Walk::of(&[still, even, sudden]),
            Walk {
                change: 20.0 / 3.0,
                jump: 16.0
            }
        );
    }

    #[test]
    fn a_walk_begins_and_ends_at_its_seeds_digits() {
        let bytes =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/seed.tgan")).unwrap();
        let mut int8 = Int8::new(&thumbgan_core::Model::parse(&bytes).unwrap()).unwrap();
        let (from, to) = (int8.get(4).unwrap().clone(), int8.get(9).unwrap().clone());
        let digits = frames(&mut int8, None, [4, 9]).unwrap();
        assert_eq!(digits.len(), 17);
        assert_eq!((&digits[0], &digits[16]), (&from, &to));
        assert!(
            digits[1..16]
                .iter()
                .all(|digit| *digit != from && *digit != to)
        );
        let walk = Walk::measure(&mut int8).unwrap();
        assert!(
            walk.change > 0.5 && walk.jump > 1.0 && walk.jump < 16.0,
            "{walk:?}"
        );
    }
}
