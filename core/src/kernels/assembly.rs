//! The one door to the kernels in assembly, `tiles` of the target: the sums of tiles of weights times pairs of
//! active inputs.
//!
//! `tiles(weights, pairs, pairs_end, sums, stride, sums_end, start)` makes the sums of at least one tile, of at
//! least one pair: those of even rows, whose weights have 128 added, begin with `start`, the others with 0. It
//! is safe to call when `weights` has `stride` bytes for each tile from `sums` to `sums_end`, and each column of
//! the pairs begins four or more bytes before the end of the first `stride` of them.
#![expect(unsafe_code, reason = "calls assembly")]

use core::mem::offset_of;

#[cfg(kernels = "dsp")]
use super::dsp::tiles;
#[cfg(any(kernels = "mul", kernels = "mul-v6"))]
use super::mul::tiles;
use super::{
    Column, Tile,
    active::{List, Pair},
};

// What assembly loads a pair by.
const _: () = assert!(offset_of!(Pair, values) == 8 && size_of::<Pair>() == 12);

/// For each tile of `weights`, a column of four weights for each of `inputs`, the sums of weights times the
/// inputs of `list`, as they stand there.
pub(super) fn sum(weights: &[Column], inputs: usize, list: List<'_>, sums: &mut [Tile]) {
    let count = sums.len().min(weights.len().checked_div(inputs).unwrap_or_default());
    let sums = sums.get_mut(..count).unwrap_or_default();
    if list.pairs.is_empty() {
        return sums.fill(Tile::default());
    }
    if !sums.is_empty() {
        let (pairs, sums) = (list.pairs.as_ptr_range(), sums.as_mut_ptr_range());
        let (stride, start) = (inputs * size_of::<Column>(), list.start());
        // SAFETY: there is at least one pair and one tile of sums. The columns that pairs name lie within the
        // `stride` bytes of a tile, since they are those of `inputs` inputs, and `weights` has as many tiles as
        // there are sums. Where weights must be aligned, the model's parser refuses others.
        unsafe { tiles(weights.as_ptr(), pairs.start, pairs.end, sums.start, stride, sums.end, start) }
    }
}
