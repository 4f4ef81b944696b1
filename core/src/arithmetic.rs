//! The integer arithmetic that every implementation must share, as `docs/arithmetic.md` fixes it.

use core::ops::RangeInclusive;

/// Shifts that a layer may use: the multiplier, moved to bit 32, then stays below 2^31 on every core.
pub const SHIFTS: RangeInclusive<u8> = 17..=32;

/// Largest magnitude of a latent, a weight or an input: all of them are symmetric int8.
pub const INT8_MAX: i8 = 127;

/// Logit units per natural unit: a logit of 16 is 1.0, the range is -8.0 to 7.9375.
pub const LOGIT_UNITS: i32 = 16;

/// Scales an accumulator by `multiplier / 2^shift`, rounding halves up (docs/arithmetic.md, section 4).
///
/// `shift` is one of [`SHIFTS`]; the result then fits an `i32` whatever the accumulator.
#[inline]
pub fn requantise(accumulator: i32, multiplier: u16, shift: u8) -> i32 {
    scale(accumulator, fraction(multiplier, shift))
}

/// Multiplier and shift as a fraction of 2^32, below 1/2.
#[inline]
pub(crate) fn fraction(multiplier: u16, shift: u8) -> i32 {
    i32::from(multiplier) << (32 - shift)
}

/// An accumulator times a fraction of 2^32, halves rounded up: on many cores one instruction.
#[inline]
pub(crate) fn scale(accumulator: i32, fraction: i32) -> i32 {
    let rounded = (i64::from(accumulator) * i64::from(fraction) + (1 << 31)) >> 32;
    rounded as i32
}

/// ReLU of a scaled accumulator, as an activation 0 to 127.
#[inline]
pub fn relu(scaled: i32) -> i8 {
    scaled.clamp(0, 127) as i8
}

/// Pixel of a scaled accumulator taken as a logit of 1/16: 0 is paper, 255 is ink.
#[inline]
pub fn sigmoid(scaled: i32) -> u8 {
    #[expect(clippy::cast_sign_loss, reason = "clamped and moved to 0..=255")]
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
            reason = "index < 256 and a result of 0.5 to 255.5, all of it while compiling"
        )]
        {
            let logit = (index as f64 - 128.0) / LOGIT_UNITS as f64;
            table[index] = (255.0 / (1.0 + exp(-logit)) + 0.5) as u8;
        }
        index += 1;
    }
    table
}

/// e^x for |x| <= 8 while compiling: the Taylor series at x / 1024, squared ten times.
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
