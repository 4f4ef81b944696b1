//! Forward pass of the dense layer.

use super::{ActiveInputs, Tile, target::accumulate};
use crate::layers::{Dense, Requantizer};

/// Tiles whose accumulators are computed at a time, on the stack; a multiple of the three of the RV32 kernel.
const TILES: usize = 15;

/// Computes `outputs` from `inputs`.
pub(super) fn run<T>(
    layer: &Dense<'_>,
    inputs: &[i8],
    mut active: ActiveInputs<'_>,
    outputs: &mut [T],
    activate: impl Fn(Requantizer, i32) -> T,
) {
    active.list(inputs);
    let mut accumulators: [Tile; TILES] = [[0; 4]; _];
    let mut channels = layer.channels();
    for (weights, mut outputs) in layer
        .weights()
        .chunks((inputs.len() * TILES).max(1))
        .zip(outputs.chunks_mut(4 * TILES))
    {
        let tiles = accumulators
            .get_mut(..outputs.len().div_ceil(4))
            .unwrap_or_default();
        accumulate(weights, &active, tiles);
        let mut accumulators = tiles.as_flattened();
        // The channels repeat, and a repetition can end anywhere in the chunk.
        while !outputs.is_empty() {
            let run = outputs.len().min(channels.len());
            let (now, later) = outputs.split_at_mut_checked(run).unwrap_or_default();
            for ((requantizer, &sum), output) in channels.iter().zip(accumulators).zip(now) {
                *output = activate(requantizer, sum);
            }
            accumulators = accumulators.get(run..).unwrap_or_default();
            (outputs, channels) = (later, channels.skip(run));
            if channels.len() == 0 {
                channels = layer.channels();
            }
        }
    }
}
