//! Small models to test with.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses some of it")]

pub mod reference;

use thumbgan_core::{
    PIXELS,
    latent::{Distribution, SplitMix64},
    model::{
        Activation, DenseShape, Description, Latent, LayerData, LayerShape, Provenance, UpConvShape, encode,
    },
};

/// A layer with its numbers.
pub type Layer = (LayerShape, LayerData);

/// A model of dense layers between `widths` (the last is 784), with pseudo-random weights.
pub fn model(widths: &[u16], classes: u8, distribution: Distribution, seed: u64) -> Vec<u8> {
    let length = widths[0] - u16::from(classes);
    file(length, classes, distribution, &dense_layers(widths, seed))
}

/// The layers of [`model`].
pub fn dense_layers(widths: &[u16], seed: u64) -> Vec<Layer> {
    let last = widths.len() - 2;
    let shapes = widths.windows(2).enumerate().map(|(index, pair)| {
        let activation = if index == last { Activation::Sigmoid } else { Activation::Relu };
        dense(pair[0], pair[1], pair[1], activation)
    });
    fill(shapes, seed)
}

/// A convolutional model: latents to 7x7x4, 14x14x3 and pixels, with pseudo-random weights.
pub fn convolutional(length: u16, classes: u8, seed: u64) -> Vec<u8> {
    let shapes = [
        dense(length + u16::from(classes), 7 * 7 * 4, 4, Activation::Relu),
        up_conv(7, 4, 3, Activation::Relu),
        up_conv(14, 3, 1, Activation::Sigmoid),
    ];
    file(length, classes, Distribution::Uniform, &fill(shapes, seed))
}

/// Shape of a dense layer.
pub fn dense(inputs: u16, outputs: u16, channels: u16, activation: Activation) -> LayerShape {
    LayerShape::Dense(DenseShape { inputs, outputs, channels, shift: 26, activation })
}

/// Shape of an upsampling convolution.
pub fn up_conv(side: u8, inputs: u16, outputs: u16, activation: Activation) -> LayerShape {
    LayerShape::UpConv(UpConvShape { side, inputs, outputs, shift: 26, activation })
}

/// Layers of these shapes with pseudo-random numbers: weights of all values, and multipliers that bring sums to
/// the scale of activations and logits.
pub fn fill(shapes: impl IntoIterator<Item = LayerShape>, seed: u64) -> Vec<Layer> {
    let mut random = SplitMix64::new(seed);
    let mut byte = || (random.next_u64() % 255) as i32 - 127;
    let layers = shapes.into_iter().map(|shape| {
        let fan_in = match shape {
            LayerShape::Dense(shape) => f64::from(shape.inputs),
            LayerShape::UpConv(shape) => 9.0 * f64::from(shape.inputs),
        };
        // Products of two uniform bytes are about 5,400 large, and a half of activations are 0.
        let scale = 64.0 / 4_000.0 / fan_in.sqrt() * f64::from(1 << 26);
        let data = LayerData {
            weights: (0..shape.weights()).map(|_| byte() as i8).collect(),
            biases: (0..shape.channels()).map(|_| byte() * 100).collect(),
            multipliers: (0..shape.channels())
                .map(|_| (scale * (1.0 + f64::from(byte()) / 256.0)).min(65_535.0) as u16)
                .collect(),
        };
        (shape, data)
    });
    layers.collect()
}

/// A model file of these layers.
pub fn file(length: u16, classes: u8, distribution: Distribution, layers: &[Layer]) -> Vec<u8> {
    let (shapes, data): (Vec<_>, Vec<_>) = layers.iter().cloned().unzip();
    encode(&describe(length, classes, distribution, &shapes), &data)
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
        class_names: "",
        latent: Latent { length, distribution },
        provenance: Provenance {
            dataset: "none",
            dataset_sha256: [7; 32],
            iterations: 5,
            seed: 3,
            fid: Some(1_590),
            tool: "test",
        },
        layers: heapless::Vec::from_slice(layers).unwrap(),
    }
}

/// A single dense layer from `inputs` values to pixels, all weights and biases the same.
pub fn flat(inputs: u16, shift: u8, activation: Activation, weight: i8, bias: i32) -> Vec<u8> {
    let outputs = PIXELS as u16;
    let shape = LayerShape::Dense(DenseShape { inputs, outputs, channels: outputs, shift, activation });
    let data = LayerData {
        weights: vec![weight; usize::from(inputs) * PIXELS],
        biases: vec![bias; PIXELS],
        multipliers: vec![40_000; PIXELS],
    };
    file(inputs, 0, Distribution::Uniform, &[(shape, data)])
}
