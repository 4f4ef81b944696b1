//! Forward pass of the upsampling convolution, without storing the upsampled feature map.
//!
//! Nearest-neighbor upsampling makes 2x2 copies of each input position. Under one filter tap the copies have the same product,
//! which therefore counts in 2x2 accumulators: nine MACs per input position and pair of channels instead of 36.
//!
//! Outputs are computed corner by corner: at a corner four input positions meet (some of them padding), and their products make
//! the four outputs around it. In one dimension, with the products `l` of the position before the corner and `r` of the one
//! after it, the two outputs are `l[0] + l[1] + r[2]` and `l[0] + r[1] + r[2]`.
//!
//! No partial sum overflows: each is a sum of some of the final accumulator's products, and the bound of a validated layer
//! (`docs/arithmetic.md`, section 7) is on the sum of their magnitudes.

use core::mem;

use super::{ActiveInputs, target::accumulate};
use crate::layers::{Requantizer, UpsampleConv};

/// Output channels that are computed at a time. More need more memory, fewer list the inputs more often.
const GROUP: usize = 16;

/// Returns the number of output channels that are computed at a time.
const fn group_len(layer: &UpsampleConv<'_>) -> usize {
    if layer.outputs() < GROUP {
        layer.outputs()
    } else {
        GROUP
    }
}

/// Returns the tiles of weights of a group of output channels.
const fn group_tiles(layer: &UpsampleConv<'_>) -> usize {
    (9 * group_len(layer)).div_ceil(4)
}

/// Returns the 32-bit words of workspace: the products of two positions, and four per channel of a group and corner of a row.
pub(super) const fn workspace_len(layer: &UpsampleConv<'_>) -> usize {
    8 * group_tiles(layer) + 4 * (layer.side() + 1) * group_len(layer)
}

/// Products of an input position and an output channel, one per filter tap in row-major order.
type Products = [i32; 9];
/// Partial sums from the row of positions above a corner: of the filter's first and middle row, for the left and right outputs.
type Above = [[i32; 2]; 2];
/// Outputs around a corner for each channel: upper left and right, lower left and right.
type Around<T> = [[[T; GROUP]; 2]; 2];

/// Products of a position in the padding.
static PADDING: [i32; 9 * GROUP] = [0; _];

/// Computes `outputs` from `inputs`, both feature maps `[height, width, channels]`.
pub(super) fn run<T: Copy + Default>(
    layer: &UpsampleConv<'_>,
    inputs: &[i8],
    mut active: ActiveInputs<'_>,
    workspace: &mut [i32],
    outputs: &mut [T],
    activate: impl Fn(Requantizer, i32) -> T,
) {
    let (side, all) = (layer.side(), layer.outputs());
    let (tiles, row) = (group_tiles(layer), 2 * side * all);
    let (products, above) = workspace
        .split_at_mut_checked(8 * tiles)
        .unwrap_or_default();
    let (mut left, mut right) = products.split_at_mut_checked(4 * tiles).unwrap_or_default();
    let above = above.as_chunks_mut().0.as_chunks_mut().0;
    let group_weights = layer.weights().chunks((layer.inputs() * tiles).max(1));
    let mut requantizers = [Requantizer::default(); GROUP];
    let mut around: Around<T> = [[[T::default(); GROUP]; 2]; 2];
    for (first, weights) in (0..).step_by(GROUP).zip(group_weights) {
        let group = GROUP.min(all - first).max(1);
        let mut channels = layer.channels().skip(first).iter();
        requantizers.fill_with(|| channels.next().unwrap_or_default());
        let tiles = (9 * group).div_ceil(4);
        above.fill(Above::default());
        let mut positions = inputs.chunks_exact(layer.inputs().max(1));
        for y in 0..=side {
            let mut rows = rows_around(outputs, 2 * y * row, row).map(OutputRow);
            for (x, above) in (0..=side).zip(above.chunks_exact_mut(group)) {
                let inside = x < side && y < side;
                if inside && let Some(position) = positions.next() {
                    active.list(position);
                    let products = right.as_chunks_mut().0;
                    accumulate(
                        weights,
                        &active,
                        products.get_mut(..tiles).unwrap_or_default(),
                    );
                }
                let after = if inside { &*right } else { &PADDING };
                let before = if x > 0 && y < side { &*left } else { &PADDING };
                corner(before, after, above, &requantizers, &mut around, &activate);
                for (row, around) in rows.iter_mut().zip(&around) {
                    // Left of the first corner there are no outputs.
                    for (length, around) in
                        [if x > 0 { all } else { 0 }, all].into_iter().zip(around)
                    {
                        store(around, group, first, row.next(length));
                    }
                }
                mem::swap(&mut left, &mut right);
            }
        }
    }
}

/// Copies the first `count` of `values` to the channels from `first` on of an output position; does nothing if `channels` is empty.
fn store<T: Copy>(values: &[T; GROUP], count: usize, first: usize, channels: &mut [T]) {
    match (channels.get_mut(first..first + count), values.get(..count)) {
        // The last layer has one channel, and a call of `memcpy` for one value would cost more than the value.
        (Some([channel]), Some(&[value])) => *channel = value,
        (Some(channels), Some(values)) => channels.copy_from_slice(values),
        _ => {}
    }
}

/// Remaining part of a row of outputs.
struct OutputRow<'a, T>(&'a mut [T]);

impl<'a, T> OutputRow<'a, T> {
    /// Splits off the next `length` values; returns an empty slice at the end.
    fn next(&mut self, length: usize) -> &'a mut [T] {
        let (next, rest) = mem::take(&mut self.0)
            .split_at_mut_checked(length)
            .unwrap_or_default();
        self.0 = rest;
        next
    }
}

/// Returns the `length` values before index `at` and as many from it on; an empty slice at either end of `values`.
fn rows_around<T>(values: &mut [T], at: usize, length: usize) -> [&mut [T]; 2] {
    let (before, after) = values.split_at_mut_checked(at).unwrap_or_default();
    let (start, end) = (before.len().saturating_sub(length), after.len().min(length));
    [
        before.get_mut(start..).unwrap_or_default(),
        after.get_mut(..end).unwrap_or_default(),
    ]
}

/// Computes the outputs around a corner from the products of the positions `left` and `right` of it. `above` holds the partial
/// sums of the row above and is replaced by those for the row below.
#[inline(never)]
fn corner<T>(
    left: &[i32],
    right: &[i32],
    above: &mut [Above],
    requantizers: &[Requantizer; GROUP],
    [[up_left, up_right], [down_left, down_right]]: &mut Around<T>,
    activate: impl Fn(Requantizer, i32) -> T,
) {
    let count = above.len().min(GROUP);
    let [left, right] = [left, right].map(|words| {
        let words = words.get(..9 * count).unwrap_or_default();
        words.as_chunks().0
    });
    let products = left.iter().zip(right);
    let up = up_left.iter_mut().zip(up_right);
    let down = down_left.iter_mut().zip(down_right);
    let outputs = up.zip(down);
    for ((((left, right), above), requantizer), ((up_left, up_right), (down_left, down_right))) in
        products.zip(above).zip(requantizers).zip(outputs)
    {
        let [first, middle, last] = filter_rows(left, right);
        let [upper_first, upper_middle] = mem::replace(above, [first, middle]);
        let output = |sum| activate(*requantizer, sum);
        let both = upper_first[0] + last[0];
        *up_left = output(both + upper_middle[0]);
        *down_left = output(both + middle[0]);
        let both = upper_first[1] + last[1];
        *up_right = output(both + upper_middle[1]);
        *down_right = output(both + middle[1]);
    }
}

/// Returns the partial sums of each filter row for the outputs left and right of a corner.
fn filter_rows(&left: &Products, &right: &Products) -> [[i32; 2]; 3] {
    let ([a, b, _, d, e, _, g, h, _], [_, i, j, _, k, l, _, m, n]) = (left, right);
    [[a + j, b, i], [d + l, e, k], [g + n, h, m]]
        .map(|[both, left, right]| [both + left, both + right])
}
