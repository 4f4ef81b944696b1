//! Images of the report that no other file of the run contains.

use anyhow::Result;
use burn::prelude::Device;
use thumbgan_core::Model;

use crate::data::PIXELS;

use crate::{
    data::Split,
    export::float_reference::{FloatGenerator, rounded},
    export::int8::Int8Generator,
    png::{self as picture, GrayBitmap},
};

/// Images per row.
const COLUMNS: u64 = 16;
/// Factor that makes differences visible.
pub const MAGNIFIED: u8 = 16;

/// Returns three rows: images of the float reference, of the int8 model, and their magnified difference.
///
/// # Errors
/// Never for a parsed model; passed on for the message.
pub fn float_against_int8(
    float: &FloatGenerator,
    model: &Model<'_>,
    device: &Device,
) -> Result<GrayBitmap> {
    let exact = rounded(&float.draw((0..COLUMNS).map(|seed| float.sample_request(seed)), device));
    let int8 = Int8Generator::new(model).pixels(0..COLUMNS)?;
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

/// Returns two rows: images of the int8 model, and the nearest training image of each.
///
/// # Errors
/// Never for a parsed model; passed on for the message.
pub fn nearest(model: &Model<'_>, train: &Split) -> Result<GrayBitmap> {
    let int8 = Int8Generator::new(model).pixels(0..COLUMNS)?;
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

/// Returns the squared Euclidean distance.
fn distance(a: &[u8], b: &[u8]) -> u32 {
    a.iter()
        .zip(b)
        .map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2))
        .sum()
}
