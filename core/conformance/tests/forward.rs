//! Comparison of the forward pass with the specification, computed step by step in wide integers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{dense, file, fill, upsample_conv, with_generator};
use proptest::prelude::*;
use thumbgan_core::{
    latent::Distribution,
    model::{Activation, LayerShape, MAX_INPUTS},
};
use thumbgan_core_conformance::reference::{self, Layer};

const RELU: Activation = Activation::Relu;
const SIGMOID: Activation = Activation::Sigmoid;

/// Returns the image of an unconditional model for a latent.
fn pixels(layers: &[Layer], input: &[i8]) -> Vec<u8> {
    let file = file(input.len() as u16, 0, Distribution::Uniform, layers);
    with_generator(&file, |generator| {
        generator
            .generate_from_latent(None, input)
            .unwrap()
            .pixels()
            .to_vec()
    })
}

/// Returns the activations of each hidden layer of an unconditional model for a latent.
fn activations(layers: &[Layer], input: &[i8]) -> Vec<Vec<i8>> {
    let file = file(input.len() as u16, 0, Distribution::Uniform, layers);
    with_generator(&file, |generator| {
        let mut hidden = Vec::new();
        while let Some(activations) = generator
            .activations_from_latent(None, input, hidden.len())
            .unwrap()
        {
            hidden.push(activations.to_vec());
        }
        hidden
    })
}

/// Strategy for models of both layer types in every order, with the length of their input.
fn shapes() -> impl Strategy<Value = (usize, Vec<LayerShape>)> {
    prop_oneof![
        Just((196, vec![upsample_conv(14, 1, 1, SIGMOID)])),
        (1_u16..6).prop_map(|c| (49 * usize::from(c), vec![upsample_conv(7, c, 4, SIGMOID)])),
        (1_u8..=8, 1_u16..5, 1_u16..6, 0_usize..5).prop_map(|(side, inputs, outputs, channels)| {
            let places = u16::from(side) * u16::from(side);
            let outputs = outputs.min(MAX_INPUTS as u16 / (4 * places));
            let layers = [
                dense(5, places * inputs, inputs, RELU),
                upsample_conv(side, inputs, outputs, RELU),
                dense(
                    4 * places * outputs,
                    784,
                    [1, 2, 7, 112, 784][channels],
                    SIGMOID,
                ),
            ];
            (5, layers.to_vec())
        }),
        (1_u16..40, 1_u16..9, 1_u16..9).prop_map(|(input, first, second)| {
            let layers = [
                dense(input, 49 * first, first, RELU),
                upsample_conv(7, first, second, RELU),
                upsample_conv(14, second, 1, SIGMOID),
            ];
            (input.into(), layers.to_vec())
        }),
    ]
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "takes minutes under miri")]
    fn images_equal_the_specification(
        ((_, shapes), input) in shapes().prop_flat_map(|shapes| {
            let input = proptest::collection::vec(prop_oneof![-127_i8..=127, Just(0), Just(127)], shapes.0);
            (Just(shapes), input)
        }),
        seed: u64,
        extreme in prop_oneof![4 => Just(None), 1 => prop_oneof![Just(-128_i8), Just(127)].prop_map(Some)],
    ) {
        let mut layers = fill(shapes, seed);
        if let (Some(extreme), Some((_, data))) = (extreme, layers.first_mut()) {
            data.weights.fill(extreme);
        }
        prop_assert_eq!(pixels(&layers, &input), reference::pixels(&layers, &input));
        prop_assert_eq!(activations(&layers, &input), reference::activations(&layers, &input));
    }
}

#[test]
fn accumulators_at_the_limits_of_32_bits_do_not_overflow() {
    let channels = 2;
    for (weight, value, sign) in [(-128, -127, 1), (-128, 127, -1)] {
        let mut layers = fill([upsample_conv(7, channels, 4, SIGMOID)], 1);
        let data = &mut layers[0].1;
        data.weights.fill(weight);
        data.biases
            .fill(sign * (i32::MAX - 9 * i32::from(channels) * 127 * 128));
        data.multipliers = vec![1, 2, 3, 4];
        let input = vec![value; 49 * usize::from(channels)];
        let values: Vec<_> = input.iter().map(|&value| value.into()).collect();
        let sums = reference::sums(layers[0].0, &layers[0].1, &values);
        assert!(sums.contains(&i64::from(sign * i32::MAX)));
        assert_eq!(pixels(&layers, &input), reference::pixels(&layers, &input));
    }
}

#[test]
fn shared_channels_repeat_along_the_outputs() {
    let mut layers = fill([dense(3, 784, 4, SIGMOID)], 5);
    layers[0].1.weights.fill(0);
    layers[0].1.biases = vec![-6_000, 0, 3_000, 6_000];
    let pixels = pixels(&layers, &[1, 2, 3]);
    assert!(
        pixels[0] < pixels[1] && pixels[1] < pixels[2] && pixels[2] < pixels[3],
        "{:?}",
        &pixels[..4]
    );
    assert!(pixels.chunks(4).all(|position| *position == pixels[..4]));
}
