//! How far the int8 generator's pixels are from the float generator's.

use anyhow::Result;
use burn::prelude::Device;
use serde::{Deserialize, Serialize};
use thumbgan_core::Model;

use crate::data::PIXELS;

use crate::{export::float_reference::FloatGenerator, export::int8::Int8Generator};

/// Digits that are compared.
const SAMPLES: u64 = 1_000;

/// Difference of float and int8 pixels for the same latents, in grays of 0 to 255.
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
        let exact = float.draw((0..SAMPLES).map(|seed| float.sample_request(seed)), device);
        let int8 = Int8Generator::new(model).pixels(0..SAMPLES)?;
        let (mut sum, mut largest) = (0.0, 0.0_f64);
        for (&pixel, &exact) in int8.iter().zip(&exact) {
            let difference = (f64::from(pixel) - f64::from(exact)).abs();
            sum += difference;
            largest = largest.max(difference);
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
