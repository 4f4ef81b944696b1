//! The dense layer: every output sums all inputs.

use super::{Active, Tile, product};
use crate::model::Dense;

/// Tiles whose sums are taken at once, on the stack.
const TILES: usize = 16;

pub(super) fn run<T>(
    layer: &Dense<'_>,
    inputs: &[i8],
    mut active: Active<'_>,
    outputs: &mut [T],
    end: impl Fn(i32) -> T,
) {
    active.list(inputs);
    let mut sums: [Tile; TILES] = [[0; 4]; _];
    let mut channels = layer.channels();
    for (weights, mut outputs) in
        layer.weights().chunks(inputs.len().max(1).saturating_mul(TILES)).zip(outputs.chunks_mut(4 * TILES))
    {
        product(weights, &active, &mut sums);
        let mut sums = sums.as_flattened();
        // The channels repeat: their end is in any place.
        while !outputs.is_empty() {
            let run = outputs.len().min(channels.len());
            let (now, later) = outputs.split_at_mut_checked(run).unwrap_or_default();
            for ((output, &sum), scale) in now.iter_mut().zip(sums).zip(channels.iter()) {
                *output = end(scale.of(sum));
            }
            (outputs, sums, channels) = (later, sums.get(run..).unwrap_or_default(), channels.from(run));
            if channels.len() == 0 {
                channels = layer.channels();
            }
        }
    }
}
