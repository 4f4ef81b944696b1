//! Model files: what is read back, what is refused and why, and that no bytes at all can do harm.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{describe, flat, model};
use proptest::prelude::*;
use thumbgan_core::{
    Generator, Model, ModelError,
    latent::Distribution,
    model::{Activation, DenseData, DenseShape, LayerError, LayerShape, crc32, encode},
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
    assert_eq!(model.provenance().dataset_sha256, [7; 32]);
    let shapes: Vec<_> = model.layers().iter().map(|layer| (layer.inputs(), layer.outputs())).collect();
    assert_eq!(shapes, [(13, 20), (20, 784)]);
    assert_eq!((model.macs(), model.scratch()), (13 * 20 + 20 * 784, 20));
}

#[test]
fn weights_lie_on_multiples_of_four() {
    for name_padding in 0..4_u16 {
        // Widths and counts change the description's length through its varints.
        let file = model(&[100 + name_padding * 50, 9, 784], 0, Distribution::Uniform, 2);
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
    assert_eq!(error(&changed(4, 2)), ModelError::Version { found: 2, supported: 1 });
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

#[test]
fn layers_that_do_not_fit_are_named() {
    let dense = |inputs, outputs, activation| DenseShape { inputs, outputs, shift: 20, activation };
    let zeros = |shape: DenseShape| DenseData {
        weights: vec![0; usize::from(shape.inputs) * usize::from(shape.outputs)],
        biases: vec![0; usize::from(shape.outputs)],
        multipliers: vec![1; usize::from(shape.outputs)],
    };
    let fault = |length, shapes: &[DenseShape]| {
        let layers: Vec<_> = shapes.iter().map(|&shape| LayerShape::Dense(shape)).collect();
        let data: Vec<_> = shapes.iter().map(|&shape| zeros(shape)).collect();
        error(&encode(&describe(length, 0, Distribution::Uniform, &layers), &data))
    };
    let layer = |index, error| ModelError::Layer { index, error };
    let (relu, sigmoid) = (Activation::Relu, Activation::Sigmoid);
    assert_eq!(fault(4, &[]), ModelError::NoLayers);
    assert_eq!(fault(0, &[dense(0, 784, sigmoid)]), ModelError::Latent);
    assert_eq!(fault(4, &[dense(4, 0, relu), dense(0, 784, sigmoid)]), layer(0, LayerError::Empty));
    let inputs = LayerError::Inputs { expected: 4, found: 5 };
    assert_eq!(fault(4, &[dense(5, 784, sigmoid)]), layer(0, inputs));
    assert_eq!(fault(4, &[dense(4, 783, sigmoid)]), layer(0, LayerError::Pixels { found: 783 }));
    assert_eq!(fault(4, &[dense(4, 784, relu)]), layer(0, LayerError::Activation));
    assert_eq!(fault(4, &[dense(4, 9, sigmoid), dense(9, 784, sigmoid)]), layer(0, LayerError::Activation));
    for shift in [0, 16, 33, 255] {
        let file = flat(4, shift, sigmoid, 0, 0);
        assert_eq!(error(&file), layer(0, LayerError::Shift { found: shift }));
    }
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
    let refused = Generator::<64>::new(model.clone()).map(|_| ()).unwrap_err();
    assert_eq!(refused, ModelError::TooLarge { needed: 65, available: 64 });
    assert!(Generator::<65>::new(model).is_ok());
}

#[test]
fn errors_read_as_sentences() {
    let messages = [
        (
            ModelError::Version { found: 9, supported: 1 },
            "model format version 9, but this build reads version 1",
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
        if let Ok(mut generator) = Generator::<1024>::new(model) {
            generator.generate(class, 1).unwrap();
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        run(&bytes);
        let mut file = bytes;
        file.splice(0..0, *b"TGAN\x01\x00");
        run(&file);
    }

    #[test]
    fn no_tampering_does_harm(edits in proptest::collection::vec((0_usize..96, any::<u8>()), 1..6)) {
        let mut file = model(&[5, 9, 784], 2, Distribution::Uniform, 4);
        for (at, to) in edits {
            file[at] = to;
        }
        run(&seal(file));
    }
}
