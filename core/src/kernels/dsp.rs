//! Kernel for the DSP extension (Cortex-M4, M7, M33): four MACs in three instructions.

use super::{ActiveInputs, Column, Tile, assembly::accumulate_list};

/// True if the kernel takes negative inputs as magnitudes in a separate list.
pub(super) const MAGNITUDES: bool = false;

/// Computes the accumulators of each tile of `weights` (one column per input) over the active inputs.
pub(super) fn accumulate(weights: &[Column], active: &ActiveInputs<'_>, accumulators: &mut [Tile]) {
    accumulate_list(weights, active.input_count(), active.all(), accumulators);
}
