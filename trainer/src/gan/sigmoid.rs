//! Vectorized sigmoid of logits.
//!
//! The C library's exponential computes one value at a time, which took a sixth of a step of the preset
//! `seed`. This one is a polynomial with the same result on every processor.

use burn::prelude::*;
use pulp::Arch;

/// Magnitude beyond which the sigmoid is 0 or 1 in f32; up to it the exponential's power of two is a normal
/// number.
const LARGEST: f32 = 87.0;
/// Addend that rounds to integers, which are then in the lowest bits.
const ROUND: f32 = 12_582_912.0;
/// Natural logarithm of 2 in two parts; the first has so few bits that integer multiples of it are exact.
const LN_2: (f32, f32) = (355.0 / 512.0, -2.121_944_4e-4);
/// Polynomial of exp(r) = 1 + r + r^2 (...) for |r| <= ln(2) / 2, from Moshier's Cephes library, highest
/// power first.
const EXP: [f32; 6] = [
    1.987_569_2e-4,
    1.398_199_9e-3,
    8.333_452e-3,
    4.166_579_6e-2,
    1.666_666_5e-1,
    0.5,
];

/// Returns 1 / (1 + exp(-x)) of each logit, without gradients.
///
/// # Panics
/// If the tensor is not f32, which would be a defect of this program.
pub fn sigmoid(logits: Tensor<2>) -> Tensor<2> {
    let device = logits.device();
    let mut data = logits.into_data();
    let values = data.as_mut_slice::<f32>().expect("f32 tensors throughout");
    Arch::new().dispatch(|| values.iter_mut().for_each(|x| *x = 1.0 / (1.0 + exp(-*x))));
    Tensor::from_data(data, &device)
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it is compiled with the instructions of its caller"
)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-LARGEST, LARGEST);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = x - whole * LN_2.0 - whole * LN_2.1;
    let series = EXP.into_iter().fold(0.0, |sum, factor| sum * r + factor);
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    (series * r * r + r + 1.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::{mlp::floats, rows};

    #[test]
    fn the_polynomial_equals_the_sigmoid_to_the_last_bits() {
        let logits: Vec<f32> = (-100_000..=100_000).map(|n| n as f32 / 1_000.0).collect();
        let found = floats(sigmoid(rows(logits.clone(), 1, &Device::flex())));
        for (x, found) in logits.into_iter().zip(found) {
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            let error = (f64::from(found) - exact).abs();
            assert!(
                error <= exact * 3e-7 + 2e-38,
                "{found} instead of {exact} at {x}"
            );
        }
    }
}
