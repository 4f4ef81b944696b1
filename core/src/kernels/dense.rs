//! The dense layer: every output sums all inputs.

use super::dot;
use crate::model::Dense;

pub(super) fn run<T>(layer: &Dense<'_>, inputs: &[i8], outputs: &mut [T], end: impl Fn(i32) -> T) {
    for (output, (weights, channel)) in outputs.iter_mut().zip(layer.rows()) {
        *output = end(channel.scale(channel.bias + dot(weights, inputs)));
    }
}
