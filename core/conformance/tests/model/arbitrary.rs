//! Arbitrary architectures and bytes.

use proptest::prelude::*;
use thumbgan_core::{
    latent::Distribution,
    model::{DenseShape, LayerShape, UpsampleConvShape, encode},
};
use thumbgan_core_conformance::properties::check_file;

use crate::{
    common::{convolutional, metadata, model},
    support::{RELU, SIGMOID, constant},
};

/// Strategy for arbitrary layer shapes.
fn any_layer() -> impl Strategy<Value = LayerShape> {
    let size = || prop_oneof![Just(4_u16), Just(16), 0_u16..9];
    let side = prop_oneof![Just(7_u8), Just(14), 0_u8..17];
    let activation = || prop_oneof![Just(RELU), Just(SIGMOID)];
    prop_oneof![
        (size(), size(), size(), 16_u8..34, activation()).prop_map(
            |(inputs, outputs, channels, shift, activation)| {
                LayerShape::Dense(DenseShape {
                    inputs,
                    outputs,
                    channels,
                    shift,
                    activation,
                })
            }
        ),
        (side, size(), size(), 16_u8..34, activation()).prop_map(
            |(side, inputs, outputs, shift, activation)| {
                LayerShape::UpsampleConv(UpsampleConvShape {
                    side,
                    inputs,
                    outputs,
                    shift,
                    activation,
                })
            }
        ),
    ]
}

/// Adapts layers to each other, the latent and the pixels, as far as possible.
fn join(latent_len: u16, shapes: &mut [LayerShape]) {
    let (last, mut width) = (shapes.len() - 1, u32::from(latent_len));
    for (index, shape) in shapes.iter_mut().enumerate() {
        let end = if index == last { SIGMOID } else { RELU };
        match shape {
            LayerShape::Dense(DenseShape {
                inputs,
                outputs,
                channels,
                activation,
                ..
            }) => {
                *outputs = if index == last { 784 } else { *outputs };
                *channels = if outputs.is_multiple_of(*channels) {
                    *channels
                } else {
                    *outputs
                };
                (*inputs, *activation, width) = (width as u16, end, (*outputs).into());
            }
            LayerShape::UpsampleConv(UpsampleConvShape {
                side,
                inputs,
                outputs,
                activation,
                ..
            }) => {
                let places = u32::from(*side).pow(2);
                *outputs = if index == last {
                    196_u32.checked_div(places).unwrap_or(1) as u16
                } else {
                    *outputs
                };
                *inputs = width.checked_div(places).unwrap_or(1) as u16;
                (*activation, width) = (end, 4 * places * u32::from(*outputs));
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_handled(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        check_file(&bytes);
        let mut file = bytes;
        file.splice(0..0, *b"TGAN\x03\x00");
        check_file(&file);
    }

    #[test]
    fn modified_descriptions_are_handled(edits in proptest::collection::vec((0_usize..112, any::<u8>()), 1..6)) {
        for mut file in [model(&[5, 9, 784], 2, Distribution::Uniform, 4), convolutional(5, 2, 4)] {
            for &(at, to) in &edits {
                file[at] = to;
            }
            check_file(&file);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes under miri")]
    fn arbitrary_layers_are_handled(
        latent_len in prop_oneof![Just(4_u16), Just(49), Just(196)],
        mut shapes in proptest::collection::vec(any_layer(), 1..4),
        joined in prop_oneof![3 => Just(true), 1 => Just(false)],
        byte: u8,
    ) {
        if joined {
            join(latent_len, &mut shapes);
        }
        let layers = shapes.iter().map(|shape| {
            (*shape, constant(*shape, byte.cast_signed(), byte.into(), u16::MAX))
        });
        let metadata = metadata(latent_len, 0, Distribution::Uniform);
        check_file(&encode(&metadata, &layers.collect::<Vec<_>>()));
    }
}
