//! Faults of a file: each has its error.

use thumbgan_core::{
    Model, ParseError,
    latent::Distribution,
    model::{Activation, DenseShape, LayerError, LayerShape, UpsampleConvShape, encode},
};
use thumbgan_core_conformance::properties::seal;

use crate::{
    common::{flat, metadata},
    support::{SIGMOID, constant, error},
};

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

    // Sets a byte before the CRC-32, at this distance from the end of the file.
    let padded = |latent_len, shape, from_end| {
        let mut file = encode(
            &metadata(latent_len, 0, Distribution::Uniform),
            &[(shape, constant(shape, 1, 0, 1))],
        );
        assert!(Model::parse(&file).is_ok());
        let at = file.len() - from_end;
        file[at] = 1;
        error(&seal(file))
    };
    // One channel of 784 outputs: the multiplier is followed by two bytes of padding.
    let shape = LayerShape::Dense(DenseShape {
        inputs: 1,
        outputs: 784,
        channels: 1,
        shift: 20,
        activation: SIGMOID,
    });
    assert_eq!(padded(1, shape, 5), ParseError::Padding);
    // Nine rows of weights and three rows that fill up the third tile.
    let shape = LayerShape::UpsampleConv(UpsampleConvShape {
        side: 14,
        inputs: 1,
        outputs: 1,
        shift: 20,
        activation: SIGMOID,
    });
    assert_eq!(padded(196, shape, 4 + 4 + 4 + 1), ParseError::Padding);
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
