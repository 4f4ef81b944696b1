//! Integer arithmetic of the forward pass, as specified in `docs/arithmetic.md`; the single place of its constants.

use core::ops::RangeInclusive;

/// Valid right shifts of the requantization. With them `multiplier << (32 - shift)` stays below 2^31.
pub const SHIFTS: RangeInclusive<u8> = 17..=32;

/// Largest magnitude of latents, weights and activations, which are symmetric int8.
pub const INT8_MAX: i8 = 127;

/// Int8 logit of the real logit 1.0. Int8 logits represent the range -8.0 to 7.9375.
pub const LOGIT_ONE: i32 = 16;

/// Multiplies an accumulator by `multiplier / 2^shift` and rounds to the nearest integer, halves up
/// (`docs/arithmetic.md`, section 4).
///
/// `shift` must be one of [`SHIFTS`]; the result then fits an `i32` for every accumulator.
#[inline]
pub fn requantize(accumulator: i32, multiplier: u16, shift: u8) -> i32 {
    scale(accumulator, fraction(multiplier, shift))
}

/// Returns `multiplier / 2^shift` in units of 2^-32; less than 1/2.
#[inline]
pub(crate) fn fraction(multiplier: u16, shift: u8) -> i32 {
    i32::from(multiplier) << (32 - shift)
}

/// Multiplies `accumulator` by `fraction` in units of 2^-32, halves rounded up; one instruction on many cores.
#[inline]
pub(crate) fn scale(accumulator: i32, fraction: i32) -> i32 {
    let rounded = (i64::from(accumulator) * i64::from(fraction) + (1 << 31)) >> 32;
    rounded as i32
}

/// Returns the activation, 0 to 127, of a requantized accumulator.
#[inline]
pub fn relu(scaled: i32) -> i8 {
    scaled.clamp(0, 127) as i8
}

/// Returns the pixel, 0 to 255, of a requantized accumulator in units of 1/16 logit.
#[inline]
pub fn sigmoid(scaled: i32) -> u8 {
    #[expect(clippy::cast_sign_loss, reason = "clamped and shifted to 0..=255")]
    let index = (scaled.clamp(-128, 127) + 128) as usize;
    SIGMOID.get(index).copied().unwrap_or(u8::MAX)
}

/// `round(255 / (1 + exp(-q / 16)))` for the logits q = -128 to 127, at index q + 128.
pub const SIGMOID: [u8; 256] = sigmoid_table();

const fn sigmoid_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < table.len() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            clippy::indexing_slicing,
            reason = "index < 256, result 0.5 to 255.5; evaluated at compile time"
        )]
        {
            let logit = (index as f64 - 128.0) / LOGIT_ONE as f64;
            table[index] = (255.0 / (1.0 + exp(-logit)) + 0.5) as u8;
        }
        index += 1;
    }
    table
}

/// Returns e^x for |x| <= 8 at compile time: the Taylor series at x / 1024, squared ten times.
const fn exp(x: f64) -> f64 {
    let small = x / 1024.0;
    let mut power = 1.0 + small * (1.0 + small / 2.0 * (1.0 + small / 3.0 * (1.0 + small / 4.0)));
    let mut doublings = 0;
    while doublings < 10 {
        power *= power;
        doublings += 1;
    }
    power
}
