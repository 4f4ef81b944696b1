//! Float layers to int8, by the rules of docs/arithmetic.md, section 5.

use serde::{Deserialize, Serialize};
use thumbgan_core::{
    arithmetic::{LOGIT_UNITS, SHIFTS},
    model::{Activation, DenseShape, LayerData, LayerShape, UpConvShape},
};

/// A layer as it was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FloatLayer {
    /// Every output sums all inputs.
    Dense(FloatDense),
    /// A picture is made twice as large by repeating each place, then convolved 3x3.
    UpConv(FloatUpConv),
}

/// A dense layer as it was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloatDense {
    /// Values in.
    pub inputs: usize,
    /// Values out.
    pub outputs: usize,
    /// Weights, output by output.
    pub weights: Vec<f32>,
    /// One bias for each channel; output `o` is of channel `o % biases.len()`.
    pub biases: Vec<f32>,
}

/// An upsampling convolution as it was trained: zero padding 1, pictures in (row, column, channel).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloatUpConv {
    /// Width and height of the picture that comes in.
    pub side: usize,
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Weights in (output, row, column, input).
    pub weights: Vec<f32>,
    /// One bias for each output.
    pub biases: Vec<f32>,
}

impl FloatLayer {
    /// Values out.
    pub const fn outputs(&self) -> usize {
        match self {
            Self::Dense(layer) => layer.outputs,
            Self::UpConv(layer) => 4 * layer.side * layer.side * layer.outputs,
        }
    }

    /// Weights, then biases, as they are stored.
    pub const fn numbers(&self) -> (&Vec<f32>, &Vec<f32>) {
        match self {
            Self::Dense(FloatDense {
                weights, biases, ..
            })
            | Self::UpConv(FloatUpConv {
                weights, biases, ..
            }) => (weights, biases),
        }
    }

    /// Weights of one sum.
    const fn fan_in(&self) -> usize {
        match self {
            Self::Dense(layer) => layer.inputs,
            Self::UpConv(layer) => 9 * layer.inputs,
        }
    }

    /// The sums' weights, each with the number of its channel.
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
            Self::UpConv(layer) => LayerShape::UpConv(UpConvShape {
                side: u8::try_from(layer.side).expect("a side of at most 255"),
                inputs: size(layer.inputs),
                outputs: size(layer.outputs),
                shift,
                activation,
            }),
        }
    }
}

/// Biases stay below this magnitude in units of the accumulator.
const BIAS_LIMIT: f64 = 16_777_216.0;
/// No channel's scale is further below the layer's largest: its multiplier would be too small to be exact. The
/// coarser weights do less harm to its outputs than the largest scale's do to theirs.
const SPREAD: f64 = 256.0;

/// Quantises layers that take latents of `unit` a step; `peaks` are the largest activations that calibration
/// saw in each hidden layer, in real units.
///
/// # Panics
/// When there is not one peak for each layer but the last, or a size does not fit the format's integers.
pub fn quantise(layers: &[FloatLayer], unit: f32, peaks: &[f32]) -> Vec<(LayerShape, LayerData)> {
    assert_eq!(
        peaks.len() + 1,
        layers.len(),
        "one peak for each hidden layer"
    );
    let hidden = peaks
        .iter()
        .map(|&peak| (Activation::Relu, f64::from(peak) / 127.0));
    let logits = (Activation::Sigmoid, 1.0 / f64::from(LOGIT_UNITS));
    let ends = hidden.chain([logits]);
    let mut scale = f64::from(unit);
    let quantised = layers
        .iter()
        .zip(ends)
        .map(|(layer, (activation, wanted))| {
            let weights = weight_scales(layer, scale);
            let steepest = weights.iter().copied().fold(0.0, f64::max) * scale;
            // A multiplier must stay below one half: dead layers get coarser activations, which costs nothing.
            let output = if activation == Activation::Relu {
                wanted.max(2.1 * steepest)
            } else {
                wanted
            };
            let quantised = quantise_layer(layer, &weights, scale, output, activation);
            scale = output;
            quantised
        });
    quantised.collect()
}

/// The scale of each channel's weights: the largest of them is 127, unless the bias needs larger steps or the
/// scale is too small beside the layer's others.
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

fn quantise_layer(
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

/// The largest shift at which the largest ratio still makes a 16-bit multiplier.
fn shift_for(largest: f64) -> u8 {
    let fits = |shift: &u8| (largest * power(*shift)).round() <= f64::from(u16::MAX);
    SHIFTS.rev().find(fits).unwrap_or(*SHIFTS.start())
}

/// 2^shift.
fn power(shift: u8) -> f64 {
    (1_u64 << shift) as f64
}

#[cfg(test)]
mod tests;
