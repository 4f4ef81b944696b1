//! Latent vectors: sampled from a 64-bit seed and interpolated (`docs/arithmetic.md`, section 6).
//!
//! A latent is a slice of int8 in -127 to 127. The same seed gives the same bits on every target. Normal latents
//! and [`slerp`] use single precision through micromath, which is deterministic as well. Its functions are called
//! through [`F32`], because methods on `f32` resolve to std's wherever std is linked.

use core::f32::consts::{LN_2, TAU};

use micromath::F32;
use serde::{Deserialize, Serialize};

use crate::arithmetic::INT8_MAX;

/// Distribution that latents are sampled from, with its int8 scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Distribution {
    /// Uniform on [-1, 1]; the int8 scale is 1/127.
    Uniform,
    /// Standard normal, clamped to +-127/32; the int8 scale is 1/32.
    Normal,
}

impl Distribution {
    /// Returns the real value of the int8 value 1.
    #[must_use]
    pub const fn scale(self) -> f32 {
        match self {
            Self::Uniform => 1.0 / 127.0,
            Self::Normal => 1.0 / 32.0,
        }
    }

    /// Fills `latent` with the sample of `seed`.
    pub fn sample(self, seed: u64, latent: &mut [i8]) {
        let mut random = SplitMix64::new(seed);
        match self {
            Self::Uniform => {
                for group in latent.chunks_mut(4) {
                    let word = random.next_u64().to_le_bytes();
                    for (value, lane) in group.iter_mut().zip(word.as_chunks().0) {
                        *value = uniform(u16::from_le_bytes(*lane));
                    }
                }
            }
            Self::Normal => {
                for pair in latent.chunks_mut(2) {
                    for (value, normal) in pair.iter_mut().zip(normals(random.next_u64())) {
                        *value = nearest(normal / self.scale());
                    }
                }
            }
        }
    }
}

/// `SplitMix64` pseudorandom number generator (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// Creates a generator whose initial state is `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns the next 64 random bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Maps sixteen random bits to one of the 255 values -127 to 127.
fn uniform(bits: u16) -> i8 {
    let value = (i32::from(bits) * 255) >> 16;
    #[expect(clippy::cast_possible_truncation, reason = "0..=254 minus 127")]
    let value = (value - i32::from(INT8_MAX)) as i8;
    value
}

/// Returns two independent standard normal values from 64 random bits (Box and Muller, 1958).
fn normals(word: u64) -> [f32; 2] {
    const STEP: f32 = 1.0 / 16_777_216.0;
    let [a, b, c, _, _, x, y, z] = word.to_le_bytes();
    #[expect(
        clippy::cast_precision_loss,
        reason = "24 bits and 2^24 itself fit a float exactly"
    )]
    let (angular, radial) = (
        u32::from_le_bytes([a, b, c, 0]) as f32,
        (u32::from_le_bytes([x, y, z, 0]) + 1) as f32,
    );
    // ln(radial / 2^24) is split because micromath's logarithm is inaccurate below 1.
    let radius = root(2.0 * (24.0 * LN_2 - F32(radial).ln().0));
    let angle = F32(TAU * angular * STEP);
    [radius * angle.cos().0, radius * angle.sin().0]
}

/// Returns the square root: micromath's estimate (within 5 %) refined by two steps of Newton's method.
fn root(x: f32) -> f32 {
    if x <= 0.0 {
        return 0.0;
    }
    let mut y = F32(x).sqrt().0;
    for _ in 0..2 {
        y = 0.5 * (y + x / y);
    }
    y
}

/// Rounds to the nearest int8 in -127 to 127.
fn nearest(x: f32) -> i8 {
    let away = if x < 0.0 { x - 0.5 } else { x + 0.5 };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, max keeps it symmetric"
    )]
    let value = (away as i8).max(-INT8_MAX);
    value
}

/// Writes the spherical linear interpolation between `from` (`t` = 0) and `to` (`t` = 1) into `out`.
///
/// Unlike linear interpolation it preserves the norm of the latents (Shoemake, "Animating rotation with quaternion
/// curves", 1985). `t` is clamped to 0 to 1. Elements beyond the shortest of the three slices are ignored.
pub fn slerp(from: &[i8], to: &[i8], t: f32, out: &mut [i8]) {
    let (a, b) = slerp_weights(angle_between(from, to), t.clamp(0.0, 1.0));
    for ((out, &from), &to) in out.iter_mut().zip(from).zip(to) {
        *out = nearest(a * f32::from(from) + b * f32::from(to));
    }
}

/// Returns the weights of both ends at `t` for their angle in radians; linear for angles near 0 and pi.
fn slerp_weights(angle: f32, t: f32) -> (f32, f32) {
    let sine = F32(angle).sin().0;
    if sine < 0.01 || t <= 0.0 || t >= 1.0 {
        return (1.0 - t, t);
    }
    (
        F32((1.0 - t) * angle).sin().0 / sine,
        F32(t * angle).sin().0 / sine,
    )
}

/// Returns the angle between two latents in radians, 0 to pi; 0 if either is the zero vector.
fn angle_between(a: &[i8], b: &[i8]) -> f32 {
    let (mut dot, mut aa, mut bb) = (0_i32, 0_i32, 0_i32);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (i32::from(a), i32::from(b));
        dot += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa == 0 || bb == 0 {
        return 0.0;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "an angle needs no more than 24 bits"
    )]
    let (dot, aa, bb) = (dot as f32, aa as f32, bb as f32);
    let cosine = dot / (root(aa) * root(bb));
    F32(root(1.0 - cosine * cosine)).atan2(F32(cosine)).0
}
