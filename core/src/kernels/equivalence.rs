//! Equivalence test of the target's kernel and the reference kernel, run on the target.

use super::{ActiveInputs, Tile, active, reference, target};
use crate::{
    latent::SplitMix64,
    layers::{Column, MAX_INPUTS},
};

/// Maximum number of columns of weights of one comparison.
const COLUMNS: usize = 640;
/// Maximum number of tiles of one comparison.
const TILES: usize = 24;
/// Words of the longest list of inputs.
const WORDS: usize = active::workspace_len(MAX_INPUTS as u16);

/// Compares the accumulators of both kernels for a pseudorandom shape with pseudorandom weights and inputs. Returns true
/// if they are equal.
#[must_use]
pub fn kernels_agree(seed: u64) -> bool {
    let mut random = SplitMix64::new(seed);
    let mut below = |limit: usize| (random.next_u64() % limit as u64) as usize;
    // Half of the shapes have few inputs, where an odd number of active ones matters most.
    let input_count = 1 + if below(2) == 0 {
        below(12)
    } else {
        below(MAX_INPUTS)
    };
    let tiles = 1 + below(TILES.min(COLUMNS / input_count));
    let (signed, extremes, zeros) = (below(2) == 0, below(4) == 0, below(5));
    // The kernels for small inputs take lists whose sum is at most 257.
    let largest = [127, 127, 40, 2 * 257 / input_count][below(4)].min(127);
    let mut weights = [Column::default(); COLUMNS];
    for weight in weights.iter_mut().flat_map(|column| &mut column.0) {
        // The extremes are those of stored bytes, with 128 added or not.
        *weight = if extremes {
            [0, 255, 127, 128][below(4)]
        } else {
            below(256) as u8
        };
    }
    let mut inputs = [0; MAX_INPUTS];
    for input in &mut inputs[..input_count] {
        let magnitude = if extremes {
            largest
        } else {
            below(largest + 1)
        } as i8;
        let zero = zeros == 4 || below(4) < zeros;
        *input = if zero {
            0
        } else if signed && below(2) == 0 {
            -magnitude
        } else {
            magnitude
        };
    }
    let weights = &weights[..tiles * input_count];
    let mut workspace = [0; WORDS];
    let workspace = &mut workspace[..active::workspace_len(input_count as u16)];
    let mut accumulators =
        |magnitudes, accumulate: fn(&[Column], &ActiveInputs<'_>, &mut [Tile])| {
            let mut accumulators = [[0; 4]; TILES];
            let mut active = ActiveInputs::new(workspace, signed, magnitudes);
            active.list(&inputs[..input_count]);
            accumulate(weights, &active, &mut accumulators[..tiles]);
            accumulators
        };
    accumulators(target::MAGNITUDES, target::accumulate)
        == accumulators(reference::MAGNITUDES, reference::accumulate)
}
