//! From a trained generator to the bytes of a model file.

pub mod fidelity;
pub mod float_reference;
pub mod int8;
pub mod quantize;

use anyhow::{Context, Result, ensure};
use burn::prelude::Device;
use thumbgan_core::{
    PIXELS,
    model::{Description, Latent, LayerData, LayerShape, MAX_LAYERS, Model, Provenance, encode},
};

use crate::{export::float_reference::FloatGenerator, export::quantize::quantise};

/// Digits that calibration looks at.
const CALIBRATION: u64 = 4_096;
/// Calibration's seeds start here, far from those that people type.
pub const CALIBRATION_SEED: u64 = 1 << 32;

/// A generator in int8, which lacks only a name and a provenance to be a file.
#[derive(Debug)]
pub struct Quantised {
    latent: Latent,
    classes: u8,
    layers: heapless::Vec<LayerShape, MAX_LAYERS>,
    data: Vec<LayerData>,
}

impl Quantised {
    /// Of a float generator, calibrated over digits of its own.
    ///
    /// # Errors
    /// When the network has diverged (a weight is not a number), or does not fit the format.
    pub fn of(float: &FloatGenerator, device: &Device) -> Result<Self> {
        float.check()?;
        ensure!(
            float
                .layers
                .last()
                .is_some_and(|layer| layer.outputs() == PIXELS),
            "a generator ends in 784 pixels"
        );
        let quantised = quantise(
            &float.layers,
            float.distribution.unit(),
            &peaks(float, device),
        );
        let (shapes, data): (Vec<_>, Vec<_>) = quantised.into_iter().unzip();
        Ok(Self {
            latent: Latent {
                length: u16::try_from(float.latent)?,
                distribution: float.distribution,
            },
            classes: float.classes,
            layers: heapless::Vec::from_slice(&shapes)
                .ok()
                .context("a model has at most eight layers")?,
            data,
        })
    }

    /// The model file; `class_names` are one a line, or none, and left out where the model tells no classes apart.
    ///
    /// # Errors
    /// When the file does not pass the reader's own check.
    pub fn file(
        &self,
        name: &str,
        class_names: &str,
        provenance: Provenance<'_>,
    ) -> Result<Vec<u8>> {
        let Self {
            latent,
            classes,
            layers,
            data,
        } = self;
        let description = Description {
            name,
            classes: *classes,
            class_names: if *classes == 0 { "" } else { class_names },
            latent: *latent,
            provenance,
            layers: layers.clone(),
        };
        let file = encode(&description, data);
        Model::parse(&file).context("the exported model does not pass its own check")?;
        Ok(file)
    }
}

/// The activation of each hidden layer that becomes 127: the largest over the calibration digits.
fn peaks(float: &FloatGenerator, device: &Device) -> Vec<f32> {
    let mut peaks = vec![0.0_f32; float.layers.len() - 1];
    let digits = (CALIBRATION_SEED..CALIBRATION_SEED + CALIBRATION).map(|seed| float.wanted(seed));
    float.trace(digits, device, |layer, activations| {
        peaks[layer] = activations.iter().copied().fold(peaks[layer], f32::max);
    });
    peaks
}
