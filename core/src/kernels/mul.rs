//! Kernel without the DSP extension (Cortex-M0, M0+, M3, RV32IM): two MACs per multiplication.

use super::{ActiveInputs, Column, Tile, active::PairList, assembly::accumulate_list};

/// Tiles whose sums over negative inputs are computed at a time, on the stack; a multiple of the three of the RV32 kernel.
const TILES: usize = 9;

/// True if the kernel takes negative inputs as magnitudes in a separate list.
pub(super) const MAGNITUDES: bool = true;

/// Computes the accumulators of each tile of `weights` (one column per input) over the active inputs.
pub(super) fn accumulate(weights: &[Column], active: &ActiveInputs<'_>, accumulators: &mut [Tile]) {
    let input_count = active.input_count();
    let (negative, positive) = active.by_sign();
    accumulate_list(weights, input_count, positive, accumulators);
    if !negative.pairs.is_empty() {
        subtract_list(weights, input_count, negative, accumulators);
    }
}

/// Subtracts the sums of products over the inputs in `list` from the accumulators of each tile of `weights`.
#[inline(never)]
fn subtract_list(
    mut weights: &[Column],
    input_count: usize,
    list: PairList<'_>,
    accumulators: &mut [Tile],
) {
    let mut sums: [Tile; TILES] = [[0; 4]; _];
    for accumulators in accumulators.chunks_mut(TILES) {
        let sums = sums.get_mut(..accumulators.len()).unwrap_or_default();
        let columns = accumulators.len() * input_count;
        let (now, later) = weights.split_at_checked(columns).unwrap_or_default();
        accumulate_list(now, input_count, list, sums);
        let sums = sums.as_flattened();
        for (accumulator, sum) in accumulators.as_flattened_mut().iter_mut().zip(sums) {
            *accumulator -= sum;
        }
        weights = later;
    }
}
