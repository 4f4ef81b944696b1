//! The layers' inner loops, in portable safe Rust.

use crate::{
    arithmetic::{relu, requantise, sigmoid},
    model::Dense,
};

/// Dense layer with ReLU: int8 `inputs` to activations 0 to 127, one for each of the layer's outputs.
pub(crate) fn dense_relu(layer: &Dense<'_>, inputs: &[i8], outputs: &mut [i8]) {
    for (output, scaled) in outputs.iter_mut().zip(dense(layer, inputs)) {
        *output = relu(scaled);
    }
}

/// Dense layer with sigmoid: int8 `inputs` to pixels, one for each of the layer's outputs.
pub(crate) fn dense_sigmoid(layer: &Dense<'_>, inputs: &[i8], pixels: &mut [u8]) {
    for (pixel, scaled) in pixels.iter_mut().zip(dense(layer, inputs)) {
        *pixel = sigmoid(scaled);
    }
}

/// The requantised sums of a dense layer, output by output.
fn dense(layer: &Dense<'_>, inputs: &[i8]) -> impl Iterator<Item = i32> {
    let shift = layer.shift();
    layer.rows().map(move |(weights, bias, multiplier)| {
        let dot: i32 = weights.zip(inputs).map(|(weight, &input)| i32::from(weight) * i32::from(input)).sum();
        requantise(bias + dot, multiplier, shift)
    })
}
