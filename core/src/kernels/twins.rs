//! Holds the kernel of the target equal to its portable twin, on that target.

use super::{
    Active, MAGNITUDES, Tile, active,
    portable::{MAGNITUDES as TWIN_MAGNITUDES, product as twin},
    product,
};
use crate::{latent::SplitMix64, model::Column, model::MAX_INPUTS};

/// Most columns of weights of one comparison.
const COLUMNS: usize = 640;
/// Most tiles of one comparison.
const TILES: usize = 24;
/// Words of the longest list.
const WORDS: usize = 3 * (MAX_INPUTS / 2 + 1);

/// Multiplies weights and inputs of a shape that `seed` draws, as they all are, by the kernel and by its twin;
/// whether the sums are the same.
pub fn agree(seed: u64) -> bool {
    let mut random = SplitMix64::new(seed);
    let mut below = |limit: usize| (random.next_u64() % limit as u64) as usize;
    // Few inputs in half of the shapes, in which odd numbers of active ones are more telling.
    let inputs = 1 + if below(2) == 0 { below(12) } else { below(MAX_INPUTS) };
    let tiles = 1 + below(TILES.min(COLUMNS / inputs));
    let (signed, extremes, zeros) = (below(2) == 0, below(4) == 0, below(5));
    let mut weights = [Column::default(); COLUMNS];
    for weight in weights.as_flattened_mut() {
        // The ends of the range as they are stored, with 128 added and without.
        *weight = if extremes { [0, 255, 127, 128][below(4)] } else { below(256) as u8 };
    }
    let mut values = [0; MAX_INPUTS];
    for value in &mut values[..inputs] {
        let magnitude = if extremes { 127 } else { below(128) as i8 };
        let zero = zeros == 4 || below(4) < zeros;
        *value = if zero {
            0
        } else if signed && below(2) == 0 {
            -magnitude
        } else {
            magnitude
        };
    }
    let weights = &weights[..tiles * inputs];
    let mut words = [0; WORDS];
    let words = &mut words[..active::words(inputs as u16)];
    let mut sums = |magnitudes, product: fn(&[Column], &Active<'_>, &mut [Tile])| {
        let mut sums = [[0; 4]; TILES];
        let mut active = Active::new(words, signed, magnitudes);
        active.list(&values[..inputs]);
        product(weights, &active, &mut sums[..tiles]);
        sums
    };
    sums(MAGNITUDES, product) == sums(TWIN_MAGNITUDES, twin)
}
