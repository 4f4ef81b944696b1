//! Inner loops in assembly and their safe wrapper [`accumulate_list`], the only caller of `accumulate_tiles`.
#![expect(unsafe_code, reason = "calls assembly")]

#[cfg(kernel = "dsp")]
mod dsp;
#[cfg(kernel = "mul")]
mod mul;
#[cfg(kernel = "mul-rv32")]
mod mul_rv32;
#[cfg(kernel = "mul-v6")]
mod mul_v6;

use core::mem::offset_of;

#[cfg(kernel = "dsp")]
use dsp::accumulate_tiles;
#[cfg(kernel = "mul")]
use mul::accumulate_tiles;
#[cfg(kernel = "mul-rv32")]
use mul_rv32::accumulate_tiles;
#[cfg(kernel = "mul-v6")]
use mul_v6::accumulate_tiles;

use super::{
    Column, Tile,
    active::{Pair, PairList},
};

/// Largest sum of the values of small inputs, 257: the sums of their products with weights of 0 to 255 fit 16 bits. After a ReLU
/// nearly all lists are of this kind.
#[cfg(not(kernel = "dsp"))]
const SMALL_SUM: i32 = 0xffff / 0xff;

// Offsets that the assembly relies on.
const _: () = assert!(offset_of!(Pair, values) == 8 && size_of::<Pair>() == 12);
// Armv6-M and many RISC-V cores load words from multiples of four only; the type guarantees it.
const _: () =
    assert!(!cfg!(any(kernel = "mul-rv32", kernel = "mul-v6")) || align_of::<Column>() == 4);

/// Computes the accumulators of each tile of `weights` (one column per input) over the inputs in `list`.
pub(super) fn accumulate_list(
    weights: &[Column],
    input_count: usize,
    list: PairList<'_>,
    accumulators: &mut [Tile],
) {
    if list.pairs.is_empty() {
        return accumulators.fill(Tile::default());
    }
    // The product of 16-bit numbers needs no test for overflow, which is a 64-bit product.
    let (Ok(tiles), Ok(columns)) = (
        u16::try_from(accumulators.len()),
        u16::try_from(input_count),
    ) else {
        return;
    };
    if tiles > 0 && usize::from(tiles) * usize::from(columns) <= weights.len() {
        let (pairs, accumulators) = (list.pairs.as_ptr_range(), accumulators.as_mut_ptr_range());
        let (stride, offset) = (input_count * size_of::<Column>(), list.offset());
        // SAFETY: `list.pairs` and `accumulators` are not empty, and both ranges are those of borrowed slices.
        // `weights` has at least as many tiles of `stride` bytes as `accumulators` has elements. The
        // column offsets of the pairs are multiples of `size_of::<Column>()` below `stride`, because
        // `ActiveInputs::list` made them from the indices of `input_count` inputs. `Column` has the alignment that the
        // target's word loads need. `Tile` and `Pair` are word-aligned by their types.
        unsafe {
            accumulate_tiles(
                weights.as_ptr(),
                pairs.start,
                pairs.end,
                accumulators.start,
                stride,
                accumulators.end,
                offset,
            );
        }
    }
}
