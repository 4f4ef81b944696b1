//! Float layers to int8, by the rules of docs/arithmetic.md, section 4.

use thumbgan_core::{
    arithmetic::{LOGIT_UNITS, SHIFTS},
    model::{Activation, DenseData, DenseShape},
};

/// A dense layer as it was trained.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatDense {
    /// Values in.
    pub inputs: usize,
    /// Values out.
    pub outputs: usize,
    /// Weights, output by output.
    pub weights: Vec<f32>,
    /// One bias for each output.
    pub biases: Vec<f32>,
}

/// Biases stay below this magnitude in units of the accumulator.
const BIAS_LIMIT: f64 = 16_777_216.0;

/// Quantises layers that take latents of `unit` a step; `peaks` are the largest activations that calibration
/// saw in each hidden layer, in real units.
///
/// # Panics
/// When there is not one peak for each layer but the last, or a layer is wider than 65,535.
pub fn quantise(layers: &[FloatDense], unit: f32, peaks: &[f32]) -> Vec<(DenseShape, DenseData)> {
    assert_eq!(peaks.len() + 1, layers.len(), "one peak for each hidden layer");
    let hidden = peaks.iter().map(|&peak| (Activation::Relu, f64::from(peak) / 127.0));
    let logits = (Activation::Sigmoid, 1.0 / f64::from(LOGIT_UNITS));
    let ends = hidden.chain([logits]);
    let mut scale = f64::from(unit);
    let quantised = layers.iter().zip(ends).map(|(layer, (activation, wanted))| {
        let weights = weight_scales(layer, scale);
        let steepest = weights.iter().copied().fold(0.0, f64::max) * scale;
        // A multiplier must stay below one half: dead layers get coarser activations, which costs nothing.
        let output = if activation == Activation::Relu { wanted.max(2.1 * steepest) } else { wanted };
        let quantised = quantise_layer(layer, &weights, scale, output, activation);
        scale = output;
        quantised
    });
    quantised.collect()
}

/// The scale of each output's weights: its largest weight is 127, unless its bias needs larger steps.
fn weight_scales(layer: &FloatDense, input: f64) -> Vec<f64> {
    let rows = layer.weights.chunks_exact(layer.inputs).zip(&layer.biases);
    let scales = rows.map(|(row, &bias)| {
        let largest = row.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
        let for_bias = f64::from(bias.abs()) / (input * BIAS_LIMIT);
        (f64::from(largest) / 127.0).max(for_bias).max(f64::from(f32::MIN_POSITIVE))
    });
    scales.collect()
}

fn quantise_layer(
    layer: &FloatDense,
    scales: &[f64],
    input: f64,
    output: f64,
    activation: Activation,
) -> (DenseShape, DenseData) {
    let ratios: Vec<f64> = scales.iter().map(|scale| scale * input / output).collect();
    let shift = shift_for(ratios.iter().copied().fold(0.0, f64::max));
    let multipliers = ratios.iter().map(|ratio| (ratio * power(shift)).round() as u16);
    let rows = layer.weights.chunks_exact(layer.inputs).zip(scales);
    let weights = rows.flat_map(|(row, &scale)| {
        row.iter().map(move |&weight| (f64::from(weight) / scale).round().clamp(-127.0, 127.0) as i8)
    });
    let biases = layer.biases.iter().zip(scales);
    let biases = biases.map(|(&bias, scale)| (f64::from(bias) / (scale * input)).round() as i32);
    let data = DenseData {
        weights: weights.collect(),
        biases: biases.collect(),
        multipliers: multipliers.collect(),
    };
    let size = |count| u16::try_from(count).expect("layers of at most 65,535 values");
    let shape = DenseShape { inputs: size(layer.inputs), outputs: size(layer.outputs), shift, activation };
    (shape, data)
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
mod tests {
    use proptest::prelude::*;
    use thumbgan_core::arithmetic::requantise;

    use super::*;

    fn hidden(weights: Vec<f32>, biases: Vec<f32>) -> FloatDense {
        FloatDense { inputs: weights.len() / biases.len(), outputs: biases.len(), weights, biases }
    }

    fn outputs(shape: DenseShape, data: &DenseData, input: &[i8]) -> Vec<i32> {
        let rows = data.weights.chunks_exact(input.len()).zip(&data.biases).zip(&data.multipliers);
        let sums = rows.map(|((row, bias), &multiplier)| {
            let dot: i32 = row.iter().zip(input).map(|(&w, &x)| i32::from(w) * i32::from(x)).sum();
            requantise(bias + dot, multiplier, shape.shift)
        });
        sums.collect()
    }

    proptest! {
        /// Logits in int8 are within two of their steps of the float ones: half a step of rounding, and what
        /// the weights' own rounding adds up to.
        #[test]
        fn logits_follow_the_float_layer(
            weights in proptest::collection::vec(-0.5_f32..0.5, 40),
            biases in proptest::collection::vec(-2.0_f32..2.0, 4),
            input in proptest::collection::vec(-127_i8..=127, 10),
        ) {
            let layer = hidden(weights, biases);
            let unit = 1.0 / 127.0;
            let quantised = quantise(std::slice::from_ref(&layer), unit, &[]);
            let (shape, data) = &quantised[0];
            for (row, (logit, bias)) in outputs(*shape, data, &input).into_iter().zip(&layer.biases).enumerate() {
                let weights = &layer.weights[row * 10..][..10];
                let exact: f32 = weights.iter().zip(&input).map(|(w, &x)| w * f32::from(x) * unit).sum();
                prop_assert!((logit as f32 / 16.0 - exact - bias).abs() < 2.0 / 16.0);
            }
        }
    }

    #[test]
    fn the_peak_becomes_127() {
        let first = hidden(vec![0.5, -0.25], vec![1.0]);
        let last = hidden(vec![1.0], vec![0.0]);
        let quantised = quantise(&[first, last], 1.0 / 127.0, &[1.75]);
        let (shape, data) = &quantised[0];
        assert_eq!(outputs(*shape, data, &[127, -127]), [127]);
        assert_eq!(data.weights, [127, -64]);
    }

    #[test]
    fn dead_and_lopsided_layers_stay_in_range() {
        let first = hidden(vec![0.0, 0.0, 1e-9, 1e6], vec![-3.0, 0.0]);
        let last = hidden(vec![0.0, 0.0], vec![1e5]);
        for (shape, data) in quantise(&[first, last], 1.0 / 127.0, &[0.0]) {
            assert!(SHIFTS.contains(&shape.shift));
            assert!(data.biases.iter().all(|bias| f64::from(bias.abs()) <= BIAS_LIMIT));
        }
    }
}
