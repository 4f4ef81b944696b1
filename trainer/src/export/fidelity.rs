//! How far the int8 generator's pixels are from the float generator's.

use anyhow::Result;
use burn::prelude::Device;
use serde::{Deserialize, Serialize};
use thumbgan_core::{Model, PIXELS};

use crate::{export::float_reference::FloatGenerator, export::int8::Int8};

/// Digits that are compared.
const SAMPLES: u64 = 1_000;

/// Difference of float and int8 pixels for the same latents, in greys of 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// Mean absolute difference of a pixel.
    pub mean: f64,
    /// The largest difference of any pixel.
    pub largest: f64,
    /// Digits compared.
    pub samples: u64,
}

impl Fidelity {
    /// Compares the float generator with the model file made from it.
    ///
    /// # Errors
    /// When the model needs more scratch than the trainer has.
    pub fn measure(float: &FloatGenerator, model: &Model<'_>, device: &Device) -> Result<Self> {
        let exact = float.draw((0..SAMPLES).map(|seed| float.wanted(seed)), device);
        let mut int8 = Int8::new(model)?;
        let (mut sum, mut largest) = (0.0, 0.0_f64);
        for (seed, exact) in (0..SAMPLES).zip(exact.chunks_exact(PIXELS)) {
            let digit = int8.get(seed)?;
            for (&pixel, &exact) in digit.pixels().iter().zip(exact) {
                let difference = (f64::from(pixel) - f64::from(exact)).abs();
                sum += difference;
                largest = largest.max(difference);
            }
        }
        Ok(Self {
            mean: sum / (SAMPLES as f64 * PIXELS as f64),
            largest,
            samples: SAMPLES,
        })
    }
}

impl std::fmt::Display for Fidelity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            mean,
            largest,
            samples,
        } = self;
        write!(
            f,
            "float against int8: mean absolute difference {mean:.3} of 255, largest {largest:.0} ({samples} digits)"
        )
    }
}
