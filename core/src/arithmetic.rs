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
    Scale::new(multiplier, shift).apply(accumulator)
}

#[cfg(product = "low")]
pub(crate) use Halves as Scale;
/// The scale of the target, by the multiplications that it has.
#[cfg(product = "signed-high")]
pub(crate) use SignedFraction as Scale;
#[cfg(product = "unsigned-high")]
pub(crate) use UnsignedFraction as Scale;

/// Factor `multiplier / 2^shift` for cores with a 64-bit product of signed words. SMMULR of the DSP extension is the
/// whole requantization.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignedFraction {
    /// The factor in units of 2^-32; less than 2^31.
    fraction: i32,
}

impl SignedFraction {
    /// Creates the factor; `shift` must be one of [`SHIFTS`].
    #[inline]
    pub fn new(multiplier: u16, shift: u8) -> Self {
        Self {
            fraction: i32::from(multiplier) << (32 - shift),
        }
    }

    /// Multiplies `accumulator` by the factor, halves rounded up.
    #[inline]
    pub fn apply(self, accumulator: i32) -> i32 {
        let rounded = (i64::from(accumulator) * i64::from(self.fraction) + (1 << 31)) >> 32;
        rounded as i32
    }
}

/// Factor `multiplier / 2^shift` for RISC-V, whose MULHSU returns the upper half of a signed times an unsigned word.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnsignedFraction {
    /// The factor in units of 2^-33.
    fraction: u32,
}

impl UnsignedFraction {
    /// Creates the factor; `shift` must be one of [`SHIFTS`].
    #[inline]
    pub fn new(multiplier: u16, shift: u8) -> Self {
        Self {
            fraction: u32::from(multiplier) << (33 - shift),
        }
    }

    /// Multiplies `accumulator` by the factor, halves rounded up: `floor((floor(2 p) + 1) / 2)` of the product `p`.
    #[inline]
    pub fn apply(self, accumulator: i32) -> i32 {
        let doubled = (i64::from(accumulator) * i64::from(self.fraction)) >> 32;
        (doubled as i32 + 1) >> 1
    }
}

/// Factor `multiplier / 2^shift` for cores whose multiplication returns the lower 32 bits of the product alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Halves {
    multiplier: u16,
    /// The shift without 17.
    shift: u8,
}

impl Halves {
    /// Creates the factor; `shift` must be one of [`SHIFTS`].
    #[inline]
    pub fn new(multiplier: u16, shift: u8) -> Self {
        Self {
            multiplier,
            shift: shift - SHIFTS.start(),
        }
    }

    /// Multiplies `accumulator` by the factor, halves rounded up, with two products of 16-bit halves.
    ///
    /// The sum is the product divided by 2^16, rounded down. It is less than 2^31 in magnitude.
    #[inline]
    pub fn apply(self, accumulator: i32) -> i32 {
        let multiplier = u32::from(self.multiplier);
        let high = (accumulator >> 16) * multiplier.cast_signed();
        let low = (accumulator.cast_unsigned() & 0xffff) * multiplier;
        let sum = high + (low >> 16).cast_signed();
        ((sum >> self.shift) + 1) >> 1
    }
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
