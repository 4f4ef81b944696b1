//! The pictures of a report that no other file of the run has.

use anyhow::Result;
use burn::prelude::Device;
use thumbgan_core::{Model, PIXELS};

use crate::{
    data::Split,
    export::float_reference::{FloatGenerator, rounded},
    export::int8::Int8,
    png::{self as picture, Picture},
};

/// Digits in a row.
const COLUMNS: u64 = 16;
/// By how much differences are multiplied so that they can be seen.
pub const MAGNIFIED: u8 = 16;

/// Three rows: digits of the float network, those of the int8 model, and their difference, magnified.
///
/// # Errors
/// Never for a model that parsed; passed on for the message.
pub fn float_against_int8(
    float: &FloatGenerator,
    model: &Model<'_>,
    device: &Device,
) -> Result<Picture> {
    let exact = rounded(&float.draw((0..COLUMNS).map(|seed| float.wanted(seed)), device));
    let int8 = Int8::new(model)?.pixels(0..COLUMNS)?;
    let difference = exact
        .iter()
        .zip(&int8)
        .map(|(a, b)| a.abs_diff(*b).saturating_mul(MAGNIFIED));
    let difference: Vec<u8> = difference.collect();
    Ok(picture::grid(
        &[exact, int8, difference].concat(),
        COLUMNS as usize,
    ))
}

/// Two rows: digits of the int8 model, and below each the training image that is nearest to it.
///
/// # Errors
/// Never for a model that parsed; passed on for the message.
pub fn nearest(model: &Model<'_>, train: &Split) -> Result<Picture> {
    let int8 = Int8::new(model)?.pixels(0..COLUMNS)?;
    let nearest = int8.chunks_exact(PIXELS).flat_map(|digit| {
        let images = train.pixels.chunks_exact(PIXELS);
        images
            .min_by_key(|image| distance(digit, image))
            .unwrap_or(digit)
            .to_vec()
    });
    let nearest: Vec<u8> = nearest.collect();
    Ok(picture::grid(&[int8, nearest].concat(), COLUMNS as usize))
}

/// Squared Euclidean distance.
fn distance(a: &[u8], b: &[u8]) -> u32 {
    a.iter()
        .zip(b)
        .map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2))
        .sum()
}
