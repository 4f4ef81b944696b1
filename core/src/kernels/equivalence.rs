//! Equivalence tests of the target's kernel and the reference kernel, and of the target's requantization and a 64-bit product,
//! run on the target.

use super::{ActiveInputs, Tile, active, reference, target};
use crate::{
    arithmetic::{SHIFTS, requantize},
    latent::SplitMix64,
    layers::{Column, MAX_INPUTS},
};

/// Maximum number of columns of weights of one comparison.
const COLUMNS: usize = 640;
/// Maximum number of tiles of one comparison.
const TILES: usize = 24;
/// Words of the longest list of inputs.
const WORDS: usize = active::workspace_len(MAX_INPUTS as u16);

/// Compares the requantization of pseudorandom accumulators, and of the accumulators next to the limits, with a 64-bit product.
/// Returns true if the results are equal.
#[must_use]
pub fn requantization_agrees(seed: u64) -> bool {
    let mut random = SplitMix64::new(seed);
    SHIFTS.into_iter().all(|shift| {
        let word = random.next_u64();
        let multiplier = [word as u16, 0, 1, u16::MAX][(word >> 62) as usize];
        let accumulator = (word >> 16) as i32;
        let limits = [i32::MIN, i32::MAX, 0].map(|limit| limit.wrapping_add(accumulator >> 24));
        [accumulator, limits[0], limits[1], limits[2]]
            .into_iter()
            .all(|accumulator| {
                let product = i64::from(accumulator) * i64::from(multiplier);
                let expected = (product + (1 << (shift - 1))) >> shift;
                i64::from(requantize(accumulator, multiplier, shift)) == expected
            })
    })
}

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
    // Some shapes have the largest weights, and inputs whose sum is close to 257, the limit of small inputs (`SMALL_SUM`).
    let limit = below(8) == 0;
    let mut remaining = if limit { 255 + below(5) } else { usize::MAX };
    let mut weights = [Column::default(); COLUMNS];
    for (row, weight) in weights
        .iter_mut()
        .flat_map(|column| column.0.iter_mut().enumerate())
    {
        // The extremes are those of stored bytes, with 128 added or not.
        *weight = if limit {
            [255, 127][row % 2]
        } else if extremes {
            [0, 255, 127, 128][below(4)]
        } else {
            below(256) as u8
        };
    }
    let mut inputs = [0; MAX_INPUTS];
    for input in &mut inputs[..input_count] {
        let magnitude = if extremes { 127 } else { below(128) };
        let magnitude = magnitude.min(remaining);
        if limit {
            remaining -= magnitude;
        }
        let zero = !limit && (zeros == 4 || below(4) < zeros);
        *input = if zero {
            0
        } else if signed && !limit && below(2) == 0 {
            -(magnitude as i8)
        } else {
            magnitude as i8
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
