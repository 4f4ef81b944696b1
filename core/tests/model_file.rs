//! Model files: what is read back, what is refused and why, and that no bytes at all can do harm.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{convolutional, describe, flat, model};
use proptest::prelude::*;
use thumbgan_core::{
    Generator, Model, ModelError,
    latent::Distribution,
    model::{
        Activation, DenseShape, Description, LayerData, LayerError, LayerShape, UpConvShape, crc32, encode,
    },
};

fn error(file: &[u8]) -> ModelError {
    Model::parse(file).expect_err("this file must be refused")
}

/// Puts the right CRC at the end of a file that was tampered with.
fn seal(mut file: Vec<u8>) -> Vec<u8> {
    let checked = file.len() - 4;
    let crc = crc32(&file[..checked]);
    file[checked..].copy_from_slice(&crc.to_le_bytes());
    file
}

#[test]
fn everything_written_is_read_back() {
    let file = model(&[13, 20, 784], 3, Distribution::Normal, 1);
    let model = Model::parse(&file).unwrap();
    assert_eq!((model.name(), model.classes(), model.size()), ("test", 3, file.len()));
    assert_eq!((model.latent().length, model.latent().distribution), (10, Distribution::Normal));
    assert_eq!((model.provenance().seed, model.provenance().iterations), (3, 5));
    assert_eq!((model.provenance().dataset_sha256, model.provenance().fid), ([7; 32], Some(1_590)));
    let shapes: Vec<_> = model.layers().iter().map(|layer| (layer.inputs(), layer.outputs())).collect();
    assert_eq!(shapes, [(13, 20), (20, 784)]);
    // Of the second layer: its inputs, and the 11 pairs of 12 bytes that can be active.
    assert_eq!((model.macs(), model.scratch()), (13 * 20 + 20 * 784, 20 + 11 * 12));
}

#[test]
fn convolutions_are_read_back() {
    let file = convolutional(10, 2, 1);
    let model = Model::parse(&file).unwrap();
    let shapes: Vec<_> = model.layers().iter().map(|layer| layer.shape().to_string()).collect();
    let expected = [
        "dense 12 -> 196 of 4 channels",
        "upsampling convolution 7x7x4 -> 14x14x3",
        "upsampling convolution 14x14x3 -> 28x28x1",
    ];
    assert_eq!(shapes, expected);
    assert_eq!(model.macs(), 12 * 196 + 49 * 9 * 4 * 3 + 196 * 9 * 3);
    // Of the first convolution: places, 3 pairs, the sums of two places in seven tiles each and of a row of
    // eight corners, places.
    let scratch = 7 * 7 * 4 + 3 * 12 + 2 * 7 * 16 + 8 * 3 * 16 + 14 * 14 * 3;
    assert_eq!((model.scratch(), scratch), (1_428, 1_428));
    assert!(Generator::<1_427>::new(model.clone()).is_err());
    assert!(Generator::<1_428>::new(model).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "many bytes: minutes under miri")]
fn classes_can_have_names() {
    let layers = [common::dense(5, 784, 784, SIGMOID)];
    let described = |classes, class_names| {
        let description = describe(5 - u16::from(classes), classes, Distribution::Uniform, &layers);
        let data = common::fill(layers, 1).into_iter().map(|(_, data)| data).collect::<Vec<_>>();
        encode(&Description { class_names, ..description }, &data)
    };
    let file = described(2, "zero\nthe one");
    let model = Model::parse(&file).unwrap();
    assert_eq!([0, 1, 2].map(|class| model.class_name(class)), [Some("zero"), Some("the one"), None]);
    assert!(model.class_names().eq(["zero", "the one"]));
    let file = described(2, "");
    assert_eq!(Model::parse(&file).unwrap().class_name(1), None);
    for (classes, names, found) in [(2, "a", 1), (2, "a\nb\nc", 3), (0, "a", 1)] {
        assert_eq!(error(&described(classes, names)), ModelError::ClassNames { classes, found });
    }
    let many = describe(1, 65, Distribution::Uniform, &[]);
    assert_eq!(error(&encode(&many, &[])), ModelError::Classes { found: 65 });
}

#[test]
#[cfg_attr(miri, ignore = "many weights: minutes under miri")]
fn weights_lie_on_multiples_of_four() {
    for name_padding in 0..4_u16 {
        // Widths and counts change the description's length through its varints.
        let file = model(&[50 + name_padding * 50, 9, 784], 0, Distribution::Uniform, 2);
        let data_len = u32::from_le_bytes(file[8..12].try_into().unwrap()) as usize;
        assert_eq!((file.len() - 4 - data_len) % 4, 0);
        assert_eq!(file.len() % 4, 0);
    }
}

#[test]
fn each_fault_has_its_own_error() {
    let good = flat(8, 20, Activation::Sigmoid, 1, 0);
    let changed = |at: usize, to: u8| {
        let mut file = good.clone();
        file[at] = to;
        file
    };
    assert_eq!(error(b""), ModelError::Truncated { expected: 16, found: 0 });
    assert_eq!(error(&changed(0, b'X')), ModelError::Magic);
    assert_eq!(error(&changed(4, 1)), ModelError::Version { found: 1, supported: 3 });
    let short = good.len() - 1;
    assert_eq!(error(&good[..short]), ModelError::Truncated { expected: good.len(), found: short });
    let mut long = good.clone();
    long.push(0);
    assert_eq!(error(&long), ModelError::TrailingBytes { extra: 1 });
    assert!(matches!(error(&changed(good.len() / 2, 99)), ModelError::Crc { .. }));
    // Byte 12 is the length of the name: a name that runs past the description.
    assert_eq!(error(&seal(changed(12, 255))), ModelError::Description);
}

#[test]
fn every_single_bit_counts() {
    let good = flat(1, 20, Activation::Sigmoid, 1, 0);
    for bit in (0..good.len() * 8).step_by(if cfg!(miri) { 16_001 } else { 7 }) {
        let mut file = good.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        assert!(Model::parse(&file).is_err(), "bit {bit}");
    }
}

/// What is wrong with a model of these layers, all of whose weights are 0.
fn fault(length: u16, shapes: &[LayerShape]) -> ModelError {
    let data = shapes.iter().map(|shape| LayerData {
        weights: vec![0; shape.weights() as usize],
        biases: vec![0; shape.channels()],
        multipliers: vec![1; shape.channels()],
    });
    error(&encode(&describe(length, 0, Distribution::Uniform, shapes), &data.collect::<Vec<_>>()))
}

const RELU: Activation = Activation::Relu;
const SIGMOID: Activation = Activation::Sigmoid;

#[test]
#[cfg_attr(miri, ignore = "many bytes: minutes under miri")]
fn layers_that_do_not_fit_are_named() {
    let dense = |inputs, outputs, activation| {
        LayerShape::Dense(DenseShape { inputs, outputs, channels: outputs, shift: 20, activation })
    };
    let layer = |index, error| ModelError::Layer { index, error };
    assert_eq!(fault(4, &[]), ModelError::NoLayers);
    assert_eq!(fault(0, &[dense(0, 784, SIGMOID)]), ModelError::Latent { found: 0 });
    assert_eq!(fault(257, &[dense(257, 1, SIGMOID)]), ModelError::Latent { found: 257 });
    assert_eq!(fault(4, &[dense(4, 0, RELU), dense(0, 784, SIGMOID)]), layer(0, LayerError::Empty));
    let inputs = LayerError::Inputs { expected: 4, found: 5 };
    assert_eq!(fault(4, &[dense(5, 784, SIGMOID)]), layer(0, inputs));
    assert_eq!(fault(4, &[dense(4, 783, SIGMOID)]), layer(0, LayerError::Pixels { found: 783 }));
    assert_eq!(fault(4, &[dense(4, 784, RELU)]), layer(0, LayerError::Activation));
    assert_eq!(fault(4, &[dense(4, 9, SIGMOID), dense(9, 784, SIGMOID)]), layer(0, LayerError::Activation));
    for shift in [0, 16, 33, 255] {
        let file = flat(4, shift, SIGMOID, 0, 0);
        assert_eq!(error(&file), layer(0, LayerError::Shift { found: shift }));
    }
}

#[test]
#[cfg_attr(miri, ignore = "many bytes: minutes under miri")]
fn channels_must_divide_the_outputs() {
    for channels in [0, 3, 783, 785, 1568, u16::MAX] {
        let shape = DenseShape { inputs: 4, outputs: 784, channels, shift: 20, activation: SIGMOID };
        let error = LayerError::Channels { channels, outputs: 784 };
        assert_eq!(fault(4, &[LayerShape::Dense(shape)]), ModelError::Layer { index: 0, error });
    }
}

#[test]
#[cfg_attr(miri, ignore = "many bytes: minutes under miri")]
fn convolutions_that_do_not_fit_are_named() {
    let up_conv = |side, inputs, outputs, activation| {
        LayerShape::UpConv(UpConvShape { side, inputs, outputs, shift: 20, activation })
    };
    let first = |error| ModelError::Layer { index: 0, error };
    for side in [0, 15, 28, u8::MAX] {
        let fault = fault(196, &[up_conv(side, 1, 1, SIGMOID)]);
        assert_eq!(fault, first(LayerError::Side { found: side }));
    }
    assert_eq!(fault(196, &[up_conv(14, 0, 1, SIGMOID)]), first(LayerError::Empty));
    assert_eq!(fault(196, &[up_conv(14, 1, 0, SIGMOID)]), first(LayerError::Empty));
    let inputs = LayerError::Inputs { expected: 196, found: 392 };
    assert_eq!(fault(196, &[up_conv(14, 2, 1, SIGMOID)]), first(inputs));
    assert_eq!(fault(196, &[up_conv(14, 1, 2, SIGMOID)]), first(LayerError::Pixels { found: 1568 }));
    assert_eq!(fault(196, &[up_conv(14, 1, 1, RELU)]), first(LayerError::Activation));
    let many = |found| LayerError::TooManyInputs { found };
    assert_eq!(fault(196, &[up_conv(14, 321, 1, SIGMOID)]), first(many(321)));
    // Counted in 16 bits, this picture would have 64 values.
    assert_eq!(fault(64, &[up_conv(8, 1_025, 1, SIGMOID)]), first(many(1_025)));
}

#[test]
#[cfg_attr(miri, ignore = "many bytes: minutes under miri")]
fn sums_of_a_convolution_that_could_overflow_are_refused() {
    let shape = UpConvShape { side: 14, inputs: 1, outputs: 1, shift: 20, activation: SIGMOID };
    let parsed = |bias| {
        let data = LayerData { weights: vec![127; 9], biases: vec![bias], multipliers: vec![1] };
        let description = describe(196, 0, Distribution::Uniform, &[LayerShape::UpConv(shape)]);
        Model::parse(&encode(&description, &[data])).map(|_| ())
    };
    let largest = i32::MAX - 9 * 127 * 128;
    assert_eq!((parsed(largest), parsed(-largest)), (Ok(()), Ok(())));
    let overflow = Err(ModelError::Layer { index: 0, error: LayerError::Overflow });
    assert_eq!((parsed(largest + 1), parsed(i32::MIN)), (overflow, overflow));
}

#[test]
fn sums_that_could_overflow_are_refused() {
    let largest = i32::MAX - 8 * 127 * 128;
    for bias in [largest, -largest] {
        assert!(Model::parse(&flat(8, 20, Activation::Sigmoid, 127, bias)).is_ok());
    }
    for bias in [largest + 1, i32::MIN] {
        let overflow = ModelError::Layer { index: 0, error: LayerError::Overflow };
        assert_eq!(error(&flat(8, 20, Activation::Sigmoid, 127, bias)), overflow);
    }
}

#[test]
fn a_model_too_large_for_the_build_is_refused_with_the_numbers() {
    let file = model(&[8, 65, 784], 0, Distribution::Uniform, 3);
    let model = Model::parse(&file).unwrap();
    let refused = Generator::<463>::new(model.clone()).map(|_| ()).unwrap_err();
    assert_eq!(refused, ModelError::TooLarge { needed: 464, available: 463 });
    assert!(Generator::<464>::new(model).is_ok());
}

#[test]
fn errors_read_as_sentences() {
    let messages = [
        (
            ModelError::Version { found: 9, supported: 3 },
            "model format version 9, but this build reads version 3",
        ),
        (ModelError::Truncated { expected: 10, found: 5 }, "model cut short: 5 of 10 bytes"),
        (
            ModelError::Layer { index: 1, error: LayerError::Shift { found: 3 } },
            "layer 1: shift 3 is not 17 to 32",
        ),
    ];
    for (error, message) in messages {
        assert_eq!(error.to_string(), message);
    }
}

/// Runs whatever parses; reaching the end is the proof.
fn run(file: &[u8]) {
    if let Ok(model) = Model::parse(file) {
        let class = (model.classes() > 0).then_some(0);
        if let Ok(mut generator) = Generator::<200_000>::new(model) {
            generator.generate(class, 1).unwrap();
        }
    }
}

/// Any layer at all.
fn any_layer() -> impl Strategy<Value = LayerShape> {
    let size = || prop_oneof![Just(4_u16), Just(16), 0_u16..9];
    let side = prop_oneof![Just(7_u8), Just(14), 0_u8..17];
    let activation = || prop_oneof![Just(RELU), Just(SIGMOID)];
    prop_oneof![
        (size(), size(), size(), 16_u8..34, activation()).prop_map(
            |(inputs, outputs, channels, shift, activation)| {
                LayerShape::Dense(DenseShape { inputs, outputs, channels, shift, activation })
            }
        ),
        (side, size(), size(), 16_u8..34, activation()).prop_map(
            |(side, inputs, outputs, shift, activation)| {
                LayerShape::UpConv(UpConvShape { side, inputs, outputs, shift, activation })
            }
        ),
    ]
}

/// Makes layers fit each other, the latent and the pixels, as far as they can.
fn join(length: u16, shapes: &mut [LayerShape]) {
    let (last, mut width) = (shapes.len() - 1, u32::from(length));
    for (index, shape) in shapes.iter_mut().enumerate() {
        let end = if index == last { SIGMOID } else { RELU };
        match shape {
            LayerShape::Dense(DenseShape { inputs, outputs, channels, activation, .. }) => {
                *outputs = if index == last { 784 } else { *outputs };
                *channels = if outputs.is_multiple_of(*channels) { *channels } else { *outputs };
                (*inputs, *activation, width) = (width as u16, end, (*outputs).into());
            }
            LayerShape::UpConv(UpConvShape { side, inputs, outputs, activation, .. }) => {
                let places = u32::from(*side).pow(2);
                *outputs =
                    if index == last { 196_u32.checked_div(places).unwrap_or(1) as u16 } else { *outputs };
                *inputs = width.checked_div(places).unwrap_or(1) as u16;
                (*activation, width) = (end, 4 * places * u32::from(*outputs));
            }
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        run(&bytes);
        let mut file = bytes;
        file.splice(0..0, *b"TGAN\x03\x00");
        run(&file);
    }

    #[test]
    fn no_tampering_does_harm(edits in proptest::collection::vec((0_usize..112, any::<u8>()), 1..6)) {
        for mut file in [model(&[5, 9, 784], 2, Distribution::Uniform, 4), convolutional(5, 2, 4)] {
            for &(at, to) in &edits {
                file[at] = to;
            }
            run(&seal(file));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "many weights: minutes under miri")]
    fn no_layers_do_harm(
        length in prop_oneof![Just(4_u16), Just(49), Just(196)],
        mut shapes in proptest::collection::vec(any_layer(), 1..4),
        joined in prop_oneof![3 => Just(true), 1 => Just(false)],
        byte: u8,
    ) {
        if joined {
            join(length, &mut shapes);
        }
        let data = shapes.iter().map(|shape| LayerData {
            weights: vec![byte.cast_signed(); shape.weights() as usize],
            biases: vec![i32::from(byte); shape.channels()],
            multipliers: vec![u16::MAX; shape.channels()],
        });
        let description = describe(length, 0, Distribution::Uniform, &shapes);
        run(&encode(&description, &data.collect::<Vec<_>>()));
    }
}
