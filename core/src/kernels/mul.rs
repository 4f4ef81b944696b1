//! Kernel without the DSP extension (Cortex-M0, M0+, M3, RV32IM): two MACs per multiplication.

use super::{ActiveInputs, Column, Tile, assembly::accumulate_list};

/// Tiles whose accumulators of negative inputs are computed at a time, on the stack.
const TILES: usize = 8;

/// True if the kernel takes negative inputs as magnitudes in a separate list.
pub(super) const MAGNITUDES: bool = true;

/// Computes the accumulators of each tile of `weights` (one column per input) over the active inputs.
pub(super) fn accumulate(weights: &[Column], active: &ActiveInputs<'_>, accumulators: &mut [Tile]) {
    let input_count = active.input_count();
    let (negative, positive) = active.by_sign();
    accumulate_list(weights, input_count, positive, accumulators);
    if negative.pairs.is_empty() {
        return;
    }
    let mut negatives: [Tile; TILES] = [[0; 4]; _];
    for (weights, accumulators) in weights
        .chunks(input_count.max(1).saturating_mul(TILES))
        .zip(accumulators.chunks_mut(TILES))
    {
        accumulate_list(weights, input_count, negative, &mut negatives);
        let negatives = negatives.as_flattened();
        for (accumulator, negative) in accumulators.as_flattened_mut().iter_mut().zip(negatives) {
            *accumulator -= negative;
        }
    }
}
