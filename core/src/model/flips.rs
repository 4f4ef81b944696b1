//! Tests of a model whose file changes in the memory after it was parsed, as by bit flips.
//!
//! The tests run the generator with other parameters than those that [`Model::parse`] has seen; overflow checks are on, and an
//! index out of bounds panics.

extern crate std;

use std::{vec, vec::Vec};

use super::Model;
use crate::{
    generator::Generator,
    latent::SplitMix64,
    layers::{Layer, Parameters},
};

/// Model with a dense layer and two convolutions.
const FILE: &[u8] = crate::include_model!("../../models/digits-nano.tgan");
/// Numbers of flipped bits in a round.
const FLIPS: [usize; 5] = [1, 8, 64, 1_000, 30_000];
/// Bytes of padding after the parameters.
const PADDING: usize = 2;
/// Number of rounds.
const ROUNDS: u64 = if cfg!(miri) { 1 } else { 400 };

/// Returns the words of `bytes`, which keep the alignment that some kernels need.
fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u32::from_ne_bytes(*word)).collect()
}

/// Returns the parsed model with the parameters of `data`.
fn with_parameters<'a>(model: &Model<'a>, mut data: &'a [u8]) -> Model<'a> {
    let mut changed = model.clone();
    for layer in &mut changed.layers {
        let shape = layer.shape();
        let Ok(parameters) = Parameters::split(shape, &mut data) else {
            panic!("the padding is not zero")
        };
        *layer = Layer::new(shape, parameters);
    }
    changed
}

/// Returns the pixels of an image of class 3 and the latent of `seed`.
fn generate(model: Model<'_>, seed: u64) -> Vec<u8> {
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch).unwrap();
    generator.generate(Some(3), seed).unwrap().pixels().to_vec()
}

#[test]
fn flipped_parameters_change_pixels_only() {
    let model = Model::parse(FILE).unwrap();
    let lengths = model.layers().iter().map(Layer::shape);
    let len: u64 = lengths.map(Parameters::file_bytes).sum();
    let end = FILE.len() - 4;
    let start = end - usize::try_from(len).unwrap();
    assert_eq!(
        generate(with_parameters(&model, &FILE[start..end]), 1),
        generate(model.clone(), 1)
    );
    let (mut generated, mut changed) = (0, 0);
    let mut check = |mut words: Vec<u32>, seed| {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
        // Padding, which nothing reads.
        bytes[end - start - PADDING..].fill(0);
        let image = generate(with_parameters(&model, bytes), seed);
        generated += 1;
        changed += u64::from(image != generate(model.clone(), seed));
    };
    for seed in 0..ROUNDS {
        let mut random = SplitMix64::new(seed);
        for flips in FLIPS {
            let mut words = words(&FILE[start..end]);
            for _ in 0..flips {
                let bit = random.next_u64() % (8 * len);
                words[usize::try_from(bit / 32).unwrap()] ^= 1 << (bit % 32);
            }
            check(words, seed);
        }
    }
    // Extreme values: zeros, the smallest and the largest weights in rows of either kind, and all bits set.
    for byte in [0x00, 0x7f, 0x80, 0xff] {
        let word = u32::from_ne_bytes([byte; 4]);
        check(vec![word; (end - start) / 4], 1);
    }
    std::println!("{generated} models with changed parameters, {changed} changed images");
    assert!(changed > generated / 2);
}
