//! The layers' inner loops, in portable safe Rust.

mod dense;
mod up_conv;

use crate::model::Layer;

/// Runs `layer` from its int8 `inputs` to its `outputs`, each a scaled sum that `end` ends.
pub(crate) fn run<T>(layer: &Layer<'_>, inputs: &[i8], outputs: &mut [T], end: impl Fn(i32) -> T) {
    match layer {
        Layer::Dense(layer) => dense::run(layer, inputs, outputs, end),
        Layer::UpConv(layer) => up_conv::run(layer, inputs, outputs, end),
    }
}

/// The sum of weights (int8 in two's complement) times inputs.
///
/// Sums wrap: a parsed layer's cannot overflow, and additions that are checked are not vectorised.
fn dot(weights: &[u8], inputs: &[i8]) -> i32 {
    let products = weights.iter().zip(inputs);
    products.fold(0, |sum: i32, (&weight, &input)| {
        sum.wrapping_add(i32::from(weight.cast_signed()) * i32::from(input))
    })
}
