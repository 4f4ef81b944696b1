//! The product of weights and inputs in safe Rust: what every other kernel must equal.

use super::{Active, Column, Tile};

/// Whether it takes inputs below 0 by their magnitudes.
pub(super) const MAGNITUDES: bool = false;

/// For each tile of `weights`, a column of four weights for each input, the sums of weights times active inputs.
pub(super) fn product(weights: &[Column], active: &Active<'_>, sums: &mut [Tile]) {
    let list = active.all();
    let start = list.start();
    for (tile, sums) in weights.chunks_exact(active.inputs().max(1)).zip(sums) {
        let mut tile_sums = [start, 0, start, 0];
        for pair in list.pairs {
            for (&column, &value) in pair.columns.iter().zip(&pair.values) {
                let Some(&[a, b, c, d]) = tile.get(column as usize / size_of::<Column>()) else { continue };
                let weights = [a.into(), b.cast_signed().into(), c.into(), d.cast_signed().into()];
                for (sum, weight) in tile_sums.iter_mut().zip::<[i32; 4]>(weights) {
                    *sum = sum.wrapping_add(weight * i32::from(value));
                }
            }
        }
        *sums = tile_sums;
    }
}
