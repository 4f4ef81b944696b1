//! Layers that do not fit together or could overflow.

use thumbgan_core::{
    Model, ParseError,
    latent::Distribution,
    model::{Activation, DenseShape, LayerData, LayerError, LayerShape, UpsampleConvShape, encode},
};

use crate::{
    common::{flat, metadata},
    support::{RELU, SIGMOID, constant, error},
};

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
