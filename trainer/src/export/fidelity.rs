//! Difference between the int8 and the float generator's pixels.

use anyhow::Result;
use burn::prelude::Device;
use serde::{Deserialize, Serialize};
use thumbgan_core::Model;

use crate::data::PIXELS;

use crate::{export::float_reference::FloatGenerator, export::int8::Int8Generator};

/// Number of compared images.
const SAMPLES: u64 = 1_000;

/// Difference between float and int8 pixels for the same latents, in gray levels of 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// Mean absolute difference per pixel.
    pub mean: f64,
    /// Largest absolute difference.
    pub largest: f64,
    /// Number of compared images.
    pub samples: u64,
}

impl Fidelity {
    /// Compares the float generator with the model file that was made from it.
    ///
    /// # Errors
    /// Never for a parsed model; passed on for the message.
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
            "float against int8: mean absolute difference {mean:.3} of 255, largest {largest:.0} ({samples} images)"
        )
    }
}
