//! Small models for the tests.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses some of it")]

use thumbgan_core::{
    Generator, GrayImage, Model,
    latent::{Distribution, SplitMix64},
    model::{
        Activation, DenseShape, LatentSpec, LayerData, LayerShape, Metadata, Provenance,
        UpsampleConvShape, encode,
    },
};
use thumbgan_core_conformance::reference::Layer;

/// Returns a model file of dense layers between `widths` (the last is 784), with pseudorandom weights. The pixels have 16
/// channels: files with fewer parameters are encoded faster under miri.
pub fn model(widths: &[u16], classes: u8, distribution: Distribution, seed: u64) -> Vec<u8> {
    let latent_len = widths[0] - u16::from(classes);
    file(
        latent_len,
        classes,
        distribution,
        &dense_layers(widths, seed),
    )
}

/// Returns the layers of [`model`].
pub fn dense_layers(widths: &[u16], seed: u64) -> Vec<Layer> {
    let last = widths.len() - 2;
    let shapes = widths.windows(2).enumerate().map(|(index, pair)| {
        let (channels, activation) = if index == last {
            (16, Activation::Sigmoid)
        } else {
            (pair[1], Activation::Relu)
        };
        dense(pair[0], pair[1], channels, activation)
    });
    fill(shapes, seed)
}

/// Returns a convolutional model file: latents to 7x7x4, 14x14x3 and pixels, with pseudorandom weights.
pub fn convolutional(latent_len: u16, classes: u8, seed: u64) -> Vec<u8> {
    let shapes = [
        dense(
            latent_len + u16::from(classes),
            7 * 7 * 4,
            4,
            Activation::Relu,
        ),
        upsample_conv(7, 4, 3, Activation::Relu),
        upsample_conv(14, 3, 1, Activation::Sigmoid),
    ];
    file(
        latent_len,
        classes,
        Distribution::Uniform,
        &fill(shapes, seed),
    )
}

/// Returns the shape of a dense layer.
pub fn dense(inputs: u16, outputs: u16, channels: u16, activation: Activation) -> LayerShape {
    LayerShape::Dense(DenseShape {
        inputs,
        outputs,
        channels,
        shift: 26,
        activation,
    })
}

/// Returns the shape of an upsampling convolution.
pub fn upsample_conv(side: u8, inputs: u16, outputs: u16, activation: Activation) -> LayerShape {
    LayerShape::UpsampleConv(UpsampleConvShape {
        side,
        inputs,
        outputs,
        shift: 26,
        activation,
    })
}

/// Returns layers of these shapes with pseudorandom parameters. The multipliers bring the accumulators to the scale of
/// activations and logits.
pub fn fill(shapes: impl IntoIterator<Item = LayerShape>, seed: u64) -> Vec<Layer> {
    let mut random = SplitMix64::new(seed);
    let mut byte = || (random.next_u64() % 255) as i32 - 127;
    let layers = shapes.into_iter().map(|shape| {
        let fan_in = match shape {
            LayerShape::Dense(shape) => f64::from(shape.inputs),
            LayerShape::UpsampleConv(shape) => 9.0 * f64::from(shape.inputs),
        };
        // Products of two uniform bytes have a magnitude of about 5,400, and half of the activations are 0.
        let scale = 64.0 / 4_000.0 / fan_in.sqrt() * f64::from(1 << 26);
        let data = LayerData {
            weights: (0..shape.weight_count()).map(|_| byte() as i8).collect(),
            biases: (0..shape.channels()).map(|_| byte() * 100).collect(),
            multipliers: (0..shape.channels())
                .map(|_| (scale * (1.0 + f64::from(byte()) / 256.0)).min(65_535.0) as u16)
                .collect(),
        };
        (shape, data)
    });
    layers.collect()
}

/// Returns a model file of these layers.
pub fn file(latent_len: u16, classes: u8, distribution: Distribution, layers: &[Layer]) -> Vec<u8> {
    encode(&metadata(latent_len, classes, distribution), layers)
}

/// Returns the metadata of a test model.
pub fn metadata(latent_len: u16, class_count: u8, distribution: Distribution) -> Metadata<'static> {
    Metadata {
        name: "test",
        class_count,
        class_names: "",
        latent: LatentSpec {
            len: latent_len,
            distribution,
        },
        provenance: Provenance {
            dataset: "none",
            dataset_sha256: [7; 32],
            iterations: 5,
            seed: 3,
            fid: Some(1_590),
            tool: "test",
        },
    }
}

/// Returns a model file with one dense layer from `inputs` values to pixels of 196 channels, with constant weights and biases.
pub fn flat(inputs: u16, shift: u8, activation: Activation, weight: i8, bias: i32) -> Vec<u8> {
    let shape = LayerShape::Dense(DenseShape {
        inputs,
        outputs: GrayImage::PIXELS as u16,
        channels: 196,
        shift,
        activation,
    });
    let data = LayerData {
        weights: vec![weight; usize::from(inputs) * GrayImage::PIXELS],
        biases: vec![bias; 196],
        multipliers: vec![40_000; 196],
    };
    file(inputs, 0, Distribution::Uniform, &[(shape, data)])
}

/// Calls `f` with a generator for a model file.
pub fn with_generator<R>(file: &[u8], f: impl FnOnce(&mut Generator<'_>) -> R) -> R {
    let model = Model::parse(file).unwrap();
    let mut scratch = vec![0xa5a5_a5a5; model.scratch_len()];
    f(&mut Generator::new(model, &mut scratch).unwrap())
}

/// Returns the image of a class and a seed.
pub fn image(file: &[u8], class: Option<u8>, seed: u64) -> GrayImage {
    with_generator(file, |generator| {
        generator.generate(class, seed).unwrap().clone()
    })
}
