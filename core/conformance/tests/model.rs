//! Model files: round trips, the error of each fault, and robustness against arbitrary bytes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{convolutional, flat, metadata, model};
use proptest::prelude::*;
use thumbgan_core::{
    Model, ParseError,
    latent::Distribution,
    model::{
        Activation, DenseShape, LayerData, LayerError, LayerShape, Metadata, UpsampleConvShape,
        encode,
    },
};
use thumbgan_core_conformance::properties::{check_file, seal};

/// Returns the error of an invalid file.
fn error(file: &[u8]) -> ParseError {
    Model::parse(file).expect_err("the file is invalid")
}

#[test]
fn encoded_models_are_read_back() {
    let file = model(&[13, 20, 784], 3, Distribution::Normal, 1);
    let model = Model::parse(&file).unwrap();
    assert_eq!(
        (model.name(), model.class_count(), model.file_len()),
        ("test", 3, file.len())
    );
    assert_eq!(
        (model.latent().len, model.latent().distribution),
        (10, Distribution::Normal)
    );
    assert_eq!(
        (model.provenance().seed, model.provenance().iterations),
        (3, 5)
    );
    assert_eq!(
        (model.provenance().dataset_sha256, model.provenance().fid),
        ([7; 32], Some(1_590))
    );
    let shapes: Vec<_> = model
        .layers()
        .iter()
        .map(|layer| (layer.inputs(), layer.outputs()))
        .collect();
    assert_eq!(shapes, [(13, 20), (20, 784)]);
    // The image; of the second layer its inputs and 11 pairs of 3 words.
    assert_eq!(
        (model.macs(), model.scratch_len()),
        (13 * 20 + 20 * 784, 196 + 5 + 11 * 3)
    );
}

#[test]
fn convolutions_are_read_back() {
    let file = convolutional(10, 2, 1);
    let model = Model::parse(&file).unwrap();
    let shapes: Vec<_> = model
        .layers()
        .iter()
        .map(|layer| layer.shape().to_string())
        .collect();
    let expected = [
        "dense 12 -> 196 (4 channels)",
        "upsampling convolution 7x7x4 -> 14x14x3",
        "upsampling convolution 14x14x3 -> 28x28x1",
    ];
    assert_eq!(shapes, expected);
    assert_eq!(model.macs(), 12 * 196 + 49 * 9 * 4 * 3 + 196 * 9 * 3);
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn classes_can_have_names() {
    let layers = [common::dense(5, 784, 784, SIGMOID)];
    let named = |class_count, class_names| {
        let metadata = metadata(
            5 - u16::from(class_count),
            class_count,
            Distribution::Uniform,
        );
        encode(
            &Metadata {
                class_names,
                ..metadata
            },
            &common::fill(layers, 1),
        )
    };
    let file = named(2, "zero\nthe one");
    let model = Model::parse(&file).unwrap();
    assert_eq!(
        [0, 1, 2].map(|class| model.class_name(class)),
        [Some("zero"), Some("the one"), None]
    );
    assert!(model.class_names().eq(["zero", "the one"]));
    let file = named(2, "");
    assert_eq!(Model::parse(&file).unwrap().class_name(1), None);
    for (class_count, names, found) in [(2, "a", 1), (2, "a\nb\nc", 3), (0, "a", 1)] {
        assert_eq!(
            error(&named(class_count, names)),
            ParseError::ClassNames { class_count, found }
        );
    }
    let many = metadata(1, 65, Distribution::Uniform);
    assert_eq!(
        error(&encode(&many, &[])),
        ParseError::Classes { found: 65 }
    );
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn weights_are_aligned_to_four_bytes() {
    for name_padding in 0..4_u16 {
        // Different widths change the description's length through its varints.
        let file = model(
            &[50 + name_padding * 50, 9, 784],
            0,
            Distribution::Uniform,
            2,
        );
        let data_len = u32::from_le_bytes(file[8..12].try_into().unwrap()) as usize;
        assert_eq!((file.len() - 4 - data_len) % 4, 0);
        assert_eq!(file.len() % 4, 0);
    }
}

#[test]
fn each_fault_has_its_own_error() {
    let good = flat(2, 20, Activation::Sigmoid, 1, 0);
    let changed = |at: usize, to: u8| {
        let mut file = good.clone();
        file[at] = to;
        file
    };
    assert_eq!(
        error(b""),
        ParseError::Truncated {
            expected: 16,
            found: 0
        }
    );
    assert_eq!(error(&changed(0, b'X')), ParseError::Magic);
    assert_eq!(
        error(&changed(4, 1)),
        ParseError::Version {
            found: 1,
            supported: 3
        }
    );
    let short = good.len() - 1;
    assert_eq!(
        error(&good[..short]),
        ParseError::Truncated {
            expected: good.len(),
            found: short
        }
    );
    let mut long = good.clone();
    long.push(0);
    assert_eq!(error(&long), ParseError::TrailingBytes { extra: 1 });
    assert!(matches!(
        error(&changed(good.len() / 2, 99)),
        ParseError::Crc { .. }
    ));
    // Byte 12 is the length of the name, which then exceeds the description.
    assert_eq!(error(&seal(changed(12, 255))), ParseError::Description);
}

#[test]
fn every_flipped_bit_is_detected() {
    let good = flat(1, 20, Activation::Sigmoid, 1, 0);
    for bit in (0..good.len() * 8).step_by(if cfg!(miri) { 2_001 } else { 7 }) {
        let mut file = good.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        assert!(Model::parse(&file).is_err(), "bit {bit}");
    }
}

/// Returns the error of a model of these layers with weights of 0.
fn fault(latent_len: u16, shapes: &[LayerShape]) -> ParseError {
    let layers = shapes
        .iter()
        .map(|shape| (*shape, constant(*shape, 0, 0, 1)));
    error(&encode(
        &metadata(latent_len, 0, Distribution::Uniform),
        &layers.collect::<Vec<_>>(),
    ))
}

const RELU: Activation = Activation::Relu;
const SIGMOID: Activation = Activation::Sigmoid;

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn layers_that_do_not_fit_are_errors() {
    let dense = |inputs, outputs, activation| {
        LayerShape::Dense(DenseShape {
            inputs,
            outputs,
            channels: outputs,
            shift: 20,
            activation,
        })
    };
    let layer = |index, error| ParseError::Layer { index, error };
    assert_eq!(fault(4, &[]), ParseError::NoLayers);
    assert_eq!(
        fault(0, &[dense(0, 784, SIGMOID)]),
        ParseError::Latent { found: 0 }
    );
    assert_eq!(
        fault(257, &[dense(257, 1, SIGMOID)]),
        ParseError::Latent { found: 257 }
    );
    assert_eq!(
        fault(4, &[dense(4, 0, RELU), dense(0, 784, SIGMOID)]),
        layer(0, LayerError::Empty)
    );
    let inputs = LayerError::Inputs {
        expected: 4,
        found: 5,
    };
    assert_eq!(fault(4, &[dense(5, 784, SIGMOID)]), layer(0, inputs));
    assert_eq!(
        fault(4, &[dense(4, 783, SIGMOID)]),
        layer(0, LayerError::Pixels { found: 783 })
    );
    assert_eq!(
        fault(4, &[dense(4, 784, RELU)]),
        layer(0, LayerError::Activation)
    );
    assert_eq!(
        fault(4, &[dense(4, 9, SIGMOID), dense(9, 784, SIGMOID)]),
        layer(0, LayerError::Activation)
    );
    for shift in [0, 16, 33, 255] {
        let file = flat(4, shift, SIGMOID, 0, 0);
        assert_eq!(error(&file), layer(0, LayerError::Shift { found: shift }));
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn channels_must_divide_the_outputs() {
    for channels in [0, 3, 783, 785, 1568, u16::MAX] {
        let shape = DenseShape {
            inputs: 4,
            outputs: 784,
            channels,
            shift: 20,
            activation: SIGMOID,
        };
        let error = LayerError::Channels {
            channels,
            outputs: 784,
        };
        assert_eq!(
            fault(4, &[LayerShape::Dense(shape)]),
            ParseError::Layer { index: 0, error }
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn convolutions_that_do_not_fit_are_errors() {
    let upsample_conv = |side, inputs, outputs, activation| {
        LayerShape::UpsampleConv(UpsampleConvShape {
            side,
            inputs,
            outputs,
            shift: 20,
            activation,
        })
    };
    let first = |error| ParseError::Layer { index: 0, error };
    for side in [0, 15, 28, u8::MAX] {
        let fault = fault(196, &[upsample_conv(side, 1, 1, SIGMOID)]);
        assert_eq!(fault, first(LayerError::Side { found: side }));
    }
    assert_eq!(
        fault(196, &[upsample_conv(14, 0, 1, SIGMOID)]),
        first(LayerError::Empty)
    );
    assert_eq!(
        fault(196, &[upsample_conv(14, 1, 0, SIGMOID)]),
        first(LayerError::Empty)
    );
    let inputs = LayerError::Inputs {
        expected: 196,
        found: 392,
    };
    assert_eq!(
        fault(196, &[upsample_conv(14, 2, 1, SIGMOID)]),
        first(inputs)
    );
    assert_eq!(
        fault(196, &[upsample_conv(14, 1, 2, SIGMOID)]),
        first(LayerError::Pixels { found: 1568 })
    );
    assert_eq!(
        fault(196, &[upsample_conv(14, 1, 1, RELU)]),
        first(LayerError::Activation)
    );
    let many = |found| LayerError::TooManyInputs { found };
    assert_eq!(
        fault(196, &[upsample_conv(14, 321, 1, SIGMOID)]),
        first(many(321))
    );
    // In 16 bits the size of this feature map would wrap around to 64 values.
    assert_eq!(
        fault(64, &[upsample_conv(8, 1_025, 1, SIGMOID)]),
        first(many(1_025))
    );
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes under miri")]
fn convolutions_whose_accumulators_could_overflow_are_errors() {
    let shape = UpsampleConvShape {
        side: 14,
        inputs: 1,
        outputs: 1,
        shift: 20,
        activation: SIGMOID,
    };
    let parsed = |bias| {
        let data = LayerData {
            weights: vec![127; 9],
            biases: vec![bias],
            multipliers: vec![1],
        };
        let metadata = metadata(196, 0, Distribution::Uniform);
        Model::parse(&encode(
            &metadata,
            &[(LayerShape::UpsampleConv(shape), data)],
        ))
        .map(|_| ())
    };
    let largest = i32::MAX - 9 * 127 * 128;
    assert_eq!((parsed(largest), parsed(-largest)), (Ok(()), Ok(())));
    let overflow = Err(ParseError::Layer {
        index: 0,
        error: LayerError::Overflow,
    });
    assert_eq!(
        (parsed(largest + 1), parsed(i32::MIN)),
        (overflow, overflow)
    );
}

#[test]
fn dense_layers_whose_accumulators_could_overflow_are_errors() {
    let largest = i32::MAX - 2 * 127 * 128;
    for bias in [largest, -largest] {
        assert!(Model::parse(&flat(2, 20, Activation::Sigmoid, 127, bias)).is_ok());
    }
    for bias in [largest + 1, i32::MIN] {
        let overflow = ParseError::Layer {
            index: 0,
            error: LayerError::Overflow,
        };
        assert_eq!(
            error(&flat(2, 20, Activation::Sigmoid, 127, bias)),
            overflow
        );
    }
}

#[test]
fn errors_display_found_and_expected_values() {
    let messages = [
        (
            ParseError::Version {
                found: 9,
                supported: 3,
            },
            "model format version 9, this build reads version 3",
        ),
        (
            ParseError::Truncated {
                expected: 10,
                found: 5,
            },
            "model is truncated: 5 of 10 bytes",
        ),
        (
            ParseError::Layer {
                index: 1,
                error: LayerError::Shift { found: 3 },
            },
            "layer 1: shift 3 is out of range 17 to 32",
        ),
    ];
    for (error, message) in messages {
        assert_eq!(error.to_string(), message);
    }
}

/// Returns layer parameters that are all the same.
fn constant(shape: LayerShape, weight: i8, bias: i32, multiplier: u16) -> LayerData {
    LayerData {
        weights: vec![weight; shape.weight_count() as usize],
        biases: vec![bias; shape.channels()],
        multipliers: vec![multiplier; shape.channels()],
    }
}

/// Replaces the description of a file, which is followed by padding, and corrects header and CRC-32.
fn with_description(file: &[u8], description: &[u8], padding: u8) -> Vec<u8> {
    let old_len = usize::from(u16::from_le_bytes([file[6], file[7]]));
    let mut new = file[..12].to_vec();
    new[6..8].copy_from_slice(&(description.len() as u16).to_le_bytes());
    new.extend(description);
    new.resize(new.len().next_multiple_of(4), padding);
    new.extend(&file[12 + old_len.next_multiple_of(4)..]);
    seal(new)
}

#[test]
fn descriptions_have_one_encoding() {
    let file = flat(2, 20, SIGMOID, 1, 0);
    let len = usize::from(u16::from_le_bytes([file[6], file[7]]));
    let description = &file[12..12 + len];
    assert!(Model::parse(&with_description(&file, description, 0)).is_ok());
    // The varint 4, the length of the name, in two bytes instead of one.
    let overlong = [&[0x84, 0], &description[1..]].concat();
    assert_eq!(
        error(&with_description(&file, &overlong, 0)),
        ParseError::Description
    );
    let trailing = [description, &[0]].concat();
    assert_eq!(
        error(&with_description(&file, &trailing, 0)),
        ParseError::Description
    );
}

#[test]
fn padding_must_be_zero() {
    let file = flat(2, 20, SIGMOID, 1, 0);
    let len = usize::from(u16::from_le_bytes([file[6], file[7]]));
    assert_ne!(len % 4, 0, "the description is followed by padding");
    let description = file[12..12 + len].to_vec();
    assert_eq!(
        error(&with_description(&file, &description, 1)),
        ParseError::Padding
    );

    // One channel of 784 outputs: the multiplier is followed by two bytes of padding.
    let shape = DenseShape {
        inputs: 1,
        outputs: 784,
        channels: 1,
        shift: 20,
        activation: SIGMOID,
    };
    let shape = LayerShape::Dense(shape);
    let mut file = encode(
        &metadata(1, 0, Distribution::Uniform),
        &[(shape, constant(shape, 1, 0, 1))],
    );
    assert!(Model::parse(&file).is_ok());
    let last = file.len() - 5;
    file[last] = 1;
    assert_eq!(error(&seal(file)), ParseError::Padding);

    // Nine rows of weights and three rows that fill up the third tile.
    let shape = UpsampleConvShape {
        side: 14,
        inputs: 1,
        outputs: 1,
        shift: 20,
        activation: SIGMOID,
    };
    let shape = LayerShape::UpsampleConv(shape);
    let mut file = encode(
        &metadata(196, 0, Distribution::Uniform),
        &[(shape, constant(shape, 1, 0, 1))],
    );
    assert!(Model::parse(&file).is_ok());
    let filler = file.len() - 4 - 4 - 4 - 1;
    file[filler] = 1;
    assert_eq!(error(&seal(file)), ParseError::Padding);
}

#[test]
fn weights_of_minus_128_are_accepted() {
    let file = flat(2, 20, SIGMOID, -128, 0);
    assert!(Model::parse(&file).is_ok());
}

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
