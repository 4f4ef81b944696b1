//! Export: from a trained generator to the bytes of a model file.
//!
//! In: a generator of [`crate::gan`]. Out: a float reference, quantized layers, a model file, and the
//! difference between both.

pub mod fidelity;
pub mod float_reference;
pub mod int8;
pub mod limits;
pub mod quantize;

use anyhow::{Context, Result, ensure};
use burn::prelude::Device;
use thumbgan_core::model::{
    LatentSpec, LayerData, LayerShape, MAX_LAYERS, Metadata, Model, Provenance, encode,
};

use crate::{
    data::PIXELS,
    export::{float_reference::FloatGenerator, quantize::quantize},
    text::check_printable,
};

/// Number of images for calibration.
const CALIBRATION: u64 = 4_096;
/// First seed of the calibration images, far from seeds that users type.
pub const CALIBRATION_SEED: u64 = 1 << 32;

/// Quantized generator, a model file except for name and provenance.
#[derive(Debug)]
pub struct QuantizedGenerator {
    latent: LatentSpec,
    class_count: u8,
    layers: Vec<(LayerShape, LayerData)>,
}

impl QuantizedGenerator {
    /// Quantizes a float generator, calibrated on its own images.
    ///
    /// # Errors
    /// If the network has diverged (a weight is not finite) or does not fit the format.
    pub fn of(float: &FloatGenerator, device: &Device) -> Result<Self> {
        float.check()?;
        ensure!(
            float
                .layers
                .last()
                .is_some_and(|layer| layer.outputs() == PIXELS),
            "the generator does not end in 784 pixels"
        );
        ensure!(
            float.layers.len() <= MAX_LAYERS,
            "{} layers, a model file has at most {MAX_LAYERS}",
            float.layers.len()
        );
        Ok(Self {
            latent: LatentSpec {
                len: u16::try_from(float.latent)?,
                distribution: float.distribution,
            },
            class_count: float.classes,
            layers: quantize(
                &float.layers,
                float.distribution.scale(),
                &peaks(float, device),
            ),
        })
    }

    /// Encodes the model file. `class_names` has one name per line or is empty; it is ignored for an
    /// unconditional model.
    ///
    /// # Errors
    /// If a text contains control characters, or the file does not pass the reader's validation.
    pub fn file(
        &self,
        name: &str,
        class_names: &str,
        provenance: Provenance<'_>,
    ) -> Result<Vec<u8>> {
        check_printable("model name", name)?;
        class_names
            .lines()
            .try_for_each(|name| check_printable("class name", name))?;
        check_printable("dataset name", provenance.dataset)?;
        check_printable("tool", provenance.tool)?;
        let metadata = Metadata {
            name,
            class_count: self.class_count,
            class_names: if self.class_count == 0 {
                ""
            } else {
                class_names
            },
            latent: self.latent,
            provenance,
        };
        let file = encode(&metadata, &self.layers);
        Model::parse(&file).context("the exported model is invalid")?;
        Ok(file)
    }
}

/// Returns the activation of each hidden layer that becomes 127: the largest one over the calibration images.
fn peaks(float: &FloatGenerator, device: &Device) -> Vec<f32> {
    let mut peaks = vec![0.0_f32; float.layers.len() - 1];
    let digits =
        (CALIBRATION_SEED..CALIBRATION_SEED + CALIBRATION).map(|seed| float.sample_request(seed));
    float.trace(digits, device, |layer, activations| {
        peaks[layer] = activations.iter().copied().fold(peaks[layer], f32::max);
    });
    peaks
}
