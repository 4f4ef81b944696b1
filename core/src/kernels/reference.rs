//! Reference kernel in safe Rust, which every other kernel must equal.

use super::{ActiveInputs, Column, Tile};

/// True if the kernel takes negative inputs as magnitudes in a separate list.
pub(super) const MAGNITUDES: bool = false;

/// Computes the accumulators of each tile of `weights` (one column per input) over the active inputs.
pub(super) fn accumulate(weights: &[Column], active: &ActiveInputs<'_>, accumulators: &mut [Tile]) {
    let list = active.all();
    let offset = list.offset();
    for (tile, accumulators) in weights
        .chunks_exact(active.input_count().max(1))
        .zip(accumulators)
    {
        let mut sums = [offset, 0, offset, 0];
        for pair in list.pairs {
            for (&column, &value) in pair.columns.iter().zip(&pair.values) {
                let Some(&Column([a, b, c, d])) = tile.get(column as usize / size_of::<Column>())
                else {
                    continue;
                };
                let weights = [
                    a.into(),
                    b.cast_signed().into(),
                    c.into(),
                    d.cast_signed().into(),
                ];
                for (sum, weight) in sums.iter_mut().zip::<[i32; 4]>(weights) {
                    *sum = sum.wrapping_add(weight * i32::from(value));
                }
            }
        }
        *accumulators = sums;
    }
}
