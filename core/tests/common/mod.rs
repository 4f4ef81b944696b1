//! Small models to test with.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses some of it")]

use thumbgan_core::{
    PIXELS,
    latent::{Distribution, SplitMix64},
    model::{Activation, DenseData, DenseShape, Description, Latent, LayerShape, Provenance, encode},
};

/// A model of dense layers between `widths` (the last is 784), with pseudo-random weights.
pub fn model(widths: &[u16], classes: u8, distribution: Distribution, seed: u64) -> Vec<u8> {
    let mut random = SplitMix64::new(seed);
    let last = widths.len() - 2;
    let layers: Vec<_> = widths
        .windows(2)
        .enumerate()
        .map(|(index, pair)| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let activation = if index == last { Activation::Sigmoid } else { Activation::Relu };
            let mut byte = || (random.next_u64() % 255) as i32 - 127;
            let data = DenseData {
                weights: (0..usize::from(inputs) * usize::from(outputs)).map(|_| byte() as i8).collect(),
                biases: (0..outputs).map(|_| byte() * 100).collect(),
                multipliers: (0..outputs).map(|_| (40_000 + byte() * 100) as u16).collect(),
            };
            (LayerShape::Dense(DenseShape { inputs, outputs, shift: 26, activation }), data)
        })
        .collect();
    let (shapes, data): (Vec<_>, Vec<_>) = layers.into_iter().unzip();
    encode(&describe(widths[0] - u16::from(classes), classes, distribution, &shapes), &data)
}

/// The description of a test model.
pub fn describe(
    length: u16,
    classes: u8,
    distribution: Distribution,
    layers: &[LayerShape],
) -> Description<'static> {
    Description {
        name: "test",
        classes,
        latent: Latent { length, distribution },
        provenance: Provenance {
            dataset: "none",
            dataset_sha256: [7; 32],
            iterations: 5,
            seed: 3,
            tool: "test",
        },
        layers: heapless::Vec::from_slice(layers).unwrap(),
    }
}

/// A single dense layer from `inputs` values to pixels, all weights and biases the same.
pub fn flat(inputs: u16, shift: u8, activation: Activation, weight: i8, bias: i32) -> Vec<u8> {
    let outputs = PIXELS as u16;
    let shape = LayerShape::Dense(DenseShape { inputs, outputs, shift, activation });
    let data = DenseData {
        weights: vec![weight; usize::from(inputs) * PIXELS],
        biases: vec![bias; PIXELS],
        multipliers: vec![40_000; PIXELS],
    };
    encode(&describe(inputs, 0, Distribution::Uniform, &[shape]), &[data])
}
