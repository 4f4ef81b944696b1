//! Post-training quantization of float layers to int8 (`docs/arithmetic.md`, section 5).

use serde::{Deserialize, Serialize};
use thumbgan_core::{
    arithmetic::{LOGIT_ONE, SHIFTS},
    model::{Activation, DenseShape, LayerData, LayerShape, UpsampleConvShape},
};

/// Layer of a trained generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FloatLayer {
    /// Fully connected layer.
    Dense(FloatDense),
    /// Nearest-neighbor upsampling by 2, then a 3x3 convolution.
    UpsampleConv(FloatUpsampleConv),
}

/// Dense layer of a trained generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloatDense {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// Weights [outputs, inputs].
    pub weights: Vec<f32>,
    /// One bias per channel; output `o` belongs to channel `o % biases.len()`.
    pub biases: Vec<f32>,
}

/// Upsampling convolution of a trained generator, with zero padding 1, on feature maps [height, width,
/// channels].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloatUpsampleConv {
    /// Width and height of the input feature map.
    pub side: usize,
    /// Number of input channels.
    pub inputs: usize,
    /// Number of output channels.
    pub outputs: usize,
    /// Weights [outputs, 3, 3, inputs].
    pub weights: Vec<f32>,
    /// One bias per output channel.
    pub biases: Vec<f32>,
}

impl FloatLayer {
    /// Returns the number of output values.
    pub const fn outputs(&self) -> usize {
        match self {
            Self::Dense(layer) => layer.outputs,
            Self::UpsampleConv(layer) => 4 * layer.side * layer.side * layer.outputs,
        }
    }

    /// Returns weights and biases.
    pub const fn numbers(&self) -> (&Vec<f32>, &Vec<f32>) {
        match self {
            Self::Dense(FloatDense {
                weights, biases, ..
            })
            | Self::UpsampleConv(FloatUpsampleConv {
                weights, biases, ..
            }) => (weights, biases),
        }
    }

    /// Returns the number of products in one accumulator.
    const fn fan_in(&self) -> usize {
        match self {
            Self::Dense(layer) => layer.inputs,
            Self::UpsampleConv(layer) => 9 * layer.inputs,
        }
    }

    /// Returns the weights of each accumulator with the index of its channel.
    fn rows(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let (weights, biases) = self.numbers();
        (0..biases.len())
            .cycle()
            .zip(weights.chunks_exact(self.fan_in()))
    }

    fn shape(&self, shift: u8, activation: Activation) -> LayerShape {
        let size =
            |count| u16::try_from(count).expect("layers of at most 65,535 values or channels");
        match self {
            Self::Dense(layer) => LayerShape::Dense(DenseShape {
                inputs: size(layer.inputs),
                outputs: size(layer.outputs),
                channels: size(layer.biases.len()),
                shift,
                activation,
            }),
            Self::UpsampleConv(layer) => LayerShape::UpsampleConv(UpsampleConvShape {
                side: u8::try_from(layer.side).expect("a side of at most 255"),
                inputs: size(layer.inputs),
                outputs: size(layer.outputs),
                shift,
                activation,
            }),
        }
    }
}

/// Maximum magnitude of biases in the scale of the accumulator.
const BIAS_LIMIT: f64 = 16_777_216.0;
/// Maximum ratio of the layer's largest scale to a channel's scale; with a smaller scale the multiplier would
/// be too imprecise. The coarser weights affect the channel's outputs less than the largest scale affects the
/// others.
const SPREAD: f64 = 256.0;

/// Quantizes layers. `latent_scale` is the scale of the latent; `peaks` are the largest calibrated activations of
/// the hidden layers, in real units.
///
/// # Panics
/// If there is not one peak per hidden layer, or a size does not fit the format's integers.
pub fn quantize(
    layers: &[FloatLayer],
    latent_scale: f32,
    peaks: &[f32],
) -> Vec<(LayerShape, LayerData)> {
    assert_eq!(peaks.len() + 1, layers.len(), "one peak per hidden layer");
    let hidden = peaks
        .iter()
        .map(|&peak| (Activation::Relu, f64::from(peak) / 127.0));
    let logits = (Activation::Sigmoid, 1.0 / f64::from(LOGIT_ONE));
    let ends = hidden.chain([logits]);
    let mut scale = f64::from(latent_scale);
    let quantized = layers
        .iter()
        .zip(ends)
        .map(|(layer, (activation, calibrated))| {
            let weights = weight_scales(layer, scale);
            let steepest = weights.iter().copied().fold(0.0, f64::max) * scale;
            // The multiplier must be less than one half: layers whose weights are nearly zero get coarser
            // activations, which costs nothing.
            let output = if activation == Activation::Relu {
                calibrated.max(2.1 * steepest)
            } else {
                calibrated
            };
            let quantized = quantize_layer(layer, &weights, scale, output, activation);
            scale = output;
            quantized
        });
    quantized.collect()
}

/// Returns the scale of each channel's weights: the largest becomes 127, unless the bias needs a coarser
/// scale or the scale is too small compared with the layer's largest.
fn weight_scales(layer: &FloatLayer, input: f64) -> Vec<f64> {
    let (_, biases) = layer.numbers();
    let mut largest = vec![0.0_f32; biases.len()];
    for (channel, row) in layer.rows() {
        largest[channel] = row.iter().fold(largest[channel], |largest, weight| {
            largest.max(weight.abs())
        });
    }
    let scales = largest.into_iter().zip(biases).map(|(largest, bias)| {
        let for_bias = f64::from(bias.abs()) / (input * BIAS_LIMIT);
        (f64::from(largest) / 127.0).max(for_bias)
    });
    let scales: Vec<_> = scales.collect();
    let least = scales.iter().copied().fold(0.0, f64::max) / SPREAD;
    scales
        .iter()
        .map(|scale| scale.max(least).max(f64::from(f32::MIN_POSITIVE)))
        .collect()
}

fn quantize_layer(
    layer: &FloatLayer,
    scales: &[f64],
    input: f64,
    output: f64,
    activation: Activation,
) -> (LayerShape, LayerData) {
    let ratios: Vec<f64> = scales.iter().map(|scale| scale * input / output).collect();
    let shift = shift_for(ratios.iter().copied().fold(0.0, f64::max));
    let multipliers = ratios
        .iter()
        .map(|ratio| (ratio * power(shift)).round() as u16);
    let weights = layer.rows().flat_map(|(channel, row)| {
        let scale = scales[channel];
        row.iter()
            .map(move |&weight| (f64::from(weight) / scale).round().clamp(-127.0, 127.0) as i8)
    });
    let (_, biases) = layer.numbers();
    let biases = biases.iter().zip(scales);
    let biases = biases.map(|(&bias, scale)| (f64::from(bias) / (scale * input)).round() as i32);
    let data = LayerData {
        weights: weights.collect(),
        biases: biases.collect(),
        multipliers: multipliers.collect(),
    };
    (layer.shape(shift, activation), data)
}

/// Returns the largest shift with which the largest ratio is a 16-bit multiplier.
fn shift_for(largest: f64) -> u8 {
    let fits = |shift: &u8| (largest * power(*shift)).round() <= f64::from(u16::MAX);
    SHIFTS.rev().find(fits).unwrap_or(*SHIFTS.start())
}

/// Returns 2^shift.
fn power(shift: u8) -> f64 {
    (1_u64 << shift) as f64
}

#[cfg(test)]
mod tests;
