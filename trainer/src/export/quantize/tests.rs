//! Comparison of quantized layers, run by `thumbgan_core`, with the float layers.

use proptest::prelude::*;
use thumbgan_core::{
    Generator, Model,
    latent::{Distribution, SplitMix64},
    model::{LatentSpec, Metadata, Provenance, encode},
};

use super::*;

const UNIT: f32 = 1.0 / 127.0;

fn dense(inputs: usize, weights: Vec<f32>, biases: Vec<f32>) -> FloatLayer {
    FloatLayer::Dense(FloatDense {
        inputs,
        outputs: weights.len() / inputs,
        weights,
        biases,
    })
}

/// Returns random numbers from -`range` to `range`.
fn random(count: usize, range: f32, random: &mut SplitMix64) -> Vec<f32> {
    (0..count)
        .map(|_| range * ((random.next_u64() >> 40) as f32 / (1 << 23) as f32 - 1.0))
        .collect()
}

fn random_dense(
    inputs: usize,
    outputs: usize,
    channels: usize,
    source: &mut SplitMix64,
) -> FloatLayer {
    let range = 3.0 / (inputs as f32).sqrt();
    dense(
        inputs,
        random(inputs * outputs, range, source),
        random(channels, 0.5, source),
    )
}

fn random_up_conv(
    side: usize,
    inputs: usize,
    outputs: usize,
    source: &mut SplitMix64,
) -> FloatLayer {
    let range = 3.0 / (9.0 * inputs as f32).sqrt();
    let (weights, biases) = (
        random(9 * inputs * outputs, range, source),
        random(outputs, 0.5, source),
    );
    FloatLayer::UpsampleConv(FloatUpsampleConv {
        side,
        inputs,
        outputs,
        weights,
        biases,
    })
}

/// Returns the accumulators of a layer in floating point.
fn sums(layer: &FloatLayer, input: &[f64]) -> Vec<f64> {
    let dot = |row: &[f32], input: &[f64]| -> f64 {
        row.iter().zip(input).map(|(&w, x)| f64::from(w) * x).sum()
    };
    match layer {
        FloatLayer::Dense(FloatDense {
            inputs,
            weights,
            biases,
            ..
        }) => {
            let rows = weights.chunks(*inputs).zip(biases.iter().cycle());
            rows.map(|(row, &bias)| f64::from(bias) + dot(row, input))
                .collect()
        }
        FloatLayer::UpsampleConv(FloatUpsampleConv {
            side,
            inputs,
            outputs,
            weights,
            biases,
        }) => {
            let (side, inputs, large) = (*side, *inputs, 2 * side);
            let mut sums = Vec::new();
            for (y, x, o) in (0..large * large * outputs)
                .map(|i| (i / outputs / large, i / outputs % large, i % outputs))
            {
                let mut sum = f64::from(biases[o]);
                for (ky, kx) in (0..9).map(|k| (k / 3, k % 3)) {
                    let (up, left) = (y + ky, x + kx);
                    if (1..=large).contains(&up) && (1..=large).contains(&left) {
                        let place = (up - 1) / 2 * side + (left - 1) / 2;
                        let row = &weights[((o * 3 + ky) * 3 + kx) * inputs..][..inputs];
                        sum += dot(row, &input[place * inputs..]);
                    }
                }
                sums.push(sum);
            }
            sums
        }
    }
}

/// Returns a model file of these layers.
fn file(length: usize, layers: &[FloatLayer], peaks: &[f32]) -> Vec<u8> {
    let metadata = Metadata {
        name: "test",
        class_count: 0,
        class_names: "",
        latent: LatentSpec {
            len: length as u16,
            distribution: Distribution::Uniform,
        },
        provenance: Provenance {
            dataset: "none",
            dataset_sha256: [0; 32],
            iterations: 0,
            seed: 0,
            fid: None,
            tool: "test",
        },
    };
    encode(&metadata, &quantize(layers, UNIT, peaks))
}

/// Returns the differences between `core`'s pixels and those of the float layers for one latent.
fn differences(layers: &[FloatLayer], latent: &[i8]) -> Vec<f64> {
    let mut values: Vec<f64> = latent
        .iter()
        .map(|&value| f64::from(value) * f64::from(UNIT))
        .collect();
    let mut peaks = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        values = sums(layer, &values);
        if index + 1 < layers.len() {
            values = values.into_iter().map(|value| value.max(0.0)).collect();
            peaks.push(values.iter().copied().fold(0.0, f64::max) as f32);
        }
    }
    let file = file(latent.len(), layers, &peaks);
    let model = Model::parse(&file).unwrap();
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch).unwrap();
    let pixels = generator
        .generate_from_latent(None, latent)
        .unwrap()
        .pixels();
    let exact = values.iter().map(|logit| 255.0 / (1.0 + (-logit).exp()));
    pixels
        .iter()
        .zip(exact)
        .map(|(&pixel, exact)| (f64::from(pixel) - exact).abs())
        .collect()
}

fn largest(differences: &[f64]) -> f64 {
    differences.iter().copied().fold(0.0, f64::max)
}

/// Gray levels per logit step at the steepest point of the sigmoid.
const STEP: f64 = 255.0 / 4.0 / 16.0;

proptest! {
    /// The tolerance is half a step for the logit, the sum of the weights' rounding errors, and the pixel's
    /// rounding error.
    #[test]
    fn a_quantized_layer_approximates_its_float_layer(seed: u64, latent in proptest::collection::vec(-127_i8..=127, 196)) {
        let mut source = SplitMix64::new(seed);
        for layer in [
            random_dense(196, 784, 784, &mut source),
            random_dense(196, 784, 16, &mut source),
            random_up_conv(14, 1, 1, &mut source),
            random_up_conv(7, 4, 4, &mut source),
        ] {
            let found = largest(&differences(&[layer], &latent));
            prop_assert!(found < 1.25 * STEP, "{found}");
        }
    }

    #[test]
    fn a_quantized_convolutional_generator_approximates_its_float_layers(
        seed: u64, latent in proptest::collection::vec(-127_i8..=127, 20),
    ) {
        let mut source = SplitMix64::new(seed);
        let layers = [
            random_dense(20, 49 * 8, 8, &mut source),
            random_up_conv(7, 8, 6, &mut source),
            random_up_conv(14, 6, 1, &mut source),
        ];
        let differences = differences(&layers, &latent);
        let mean = differences.iter().sum::<f64>() / 784.0;
        prop_assert!(mean < 0.75 * STEP && largest(&differences) < 4.0 * STEP, "{mean} {}", largest(&differences));
    }
}

#[test]
fn the_largest_activation_is_quantized_to_127() {
    let first = dense(2, vec![0.5, -0.25], vec![1.0]);
    let quantized = quantize(&[first, dense(1, vec![1.0], vec![0.0])], UNIT, &[1.75]);
    let (shape, data) = &quantized[0];
    assert_eq!(data.weights, [127, -64]);
    let LayerShape::Dense(shape) = shape else {
        panic!("{shape}")
    };
    let sum = data.biases[0] + 127 * 127 + 127 * 64;
    assert_eq!(
        thumbgan_core::arithmetic::requantize(sum, data.multipliers[0], shape.shift),
        127
    );
}

/// A channel with zero or tiny weights keeps its bias beside a channel with large weights.
#[test]
fn dead_channels_keep_their_bias() {
    for tiny in [0.0, 1e-20, 1e-6, 1e-3] {
        let weights = |o: usize| {
            if o % 4 == 3 {
                [200.0, -200.0]
            } else {
                [tiny, -tiny]
            }
        };
        let layer = dense(
            2,
            (0..784).flat_map(weights).collect(),
            vec![1.0, -2.0, 0.0, 0.5],
        );
        let found = largest(&differences(&[layer], &[100, 99]));
        assert!(found < 1.25 * STEP, "{found} with weights of {tiny}");
    }
}

#[test]
fn layers_with_extreme_weights_stay_in_range() {
    let hidden = [
        dense(2, vec![0.0, 0.0, 1e-9, 1e6], vec![-3.0, 0.0]),
        dense(
            2,
            [vec![0.0; 2 * 97], vec![-1e6, 1e-9]].concat(),
            vec![-1e9, 1e9],
        ),
    ];
    for first in hidden {
        let width = first.outputs();
        let last = dense(width, vec![0.0; 784 * width], vec![1e5; 784]);
        let file = file(2, &[first, last], &[0.0]);
        let model = Model::parse(&file).unwrap();
        let mut scratch = vec![0; model.scratch_len()];
        let mut generator = Generator::new(model, &mut scratch).unwrap();
        assert_eq!(generator.generate(None, 1).unwrap().pixels(), &[255; 784]);
    }
}
