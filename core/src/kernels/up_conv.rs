//! Nearest upsampling by two and a 3x3 convolution in one, without the upsampled picture.
//!
//! An input place is 2x2 places of the upsampled picture. Under one place of the filter they all make the same
//! product, which thus counts in 2x2 sums of the output: nine products for each input place and pair of
//! channels, where the upsampled picture would take 36.
//!
//! The outputs are taken corner by corner: at each corner four input places meet (some of them in the padding),
//! and their products make the four outputs around it. In one dimension, with the products `l` of the place
//! before the corner and `r` of the one after it, the outputs are `l[0] + l[1] + r[2]` and `l[0] + r[1] + r[2]`.
//!
//! No sum overflows on its way: at any time it is some of the products that it ends with, and the bound of a
//! parsed layer (docs/arithmetic.md, section 7) is on the sum of their magnitudes.

use core::mem;

use super::{Active, product};
use crate::model::{Scale, UpConv};

/// Channels out whose sums are taken at once: a compromise between their memory and listing inputs again.
const GROUP: usize = 16;

/// Tiles of the weights of a group of channels out.
fn group_tiles(layer: &UpConv<'_>) -> usize {
    (9 * layer.outputs().min(GROUP)).div_ceil(4)
}

/// Words of sums: those of two places, and four for each channel of a group and corner of a row.
pub(super) fn words(layer: &UpConv<'_>) -> usize {
    8 * group_tiles(layer) + 4 * (layer.side() + 1) * layer.outputs().min(GROUP)
}

/// Products of a place and a channel out, by row and column of the filter.
type Products = [i32; 9];
/// What the row above a corner leaves: of the filter's first and middle row, left and right.
type Above = [[i32; 2]; 2];
/// The outputs around a corner, of each channel: up left and right, down left and right.
type Around<T> = [[[T; GROUP]; 2]; 2];

pub(super) fn run<T: Copy + Default>(
    layer: &UpConv<'_>,
    inputs: &[i8],
    mut active: Active<'_>,
    words: &mut [i32],
    outputs: &mut [T],
    end: impl Fn(i32) -> T,
) {
    let (side, all) = (layer.side(), layer.outputs());
    let (tiles, row) = (group_tiles(layer), 2 * side * all);
    let (products, above) = words.split_at_mut_checked(8 * tiles).unwrap_or_default();
    let (mut left, mut right) = products.split_at_mut_checked(4 * tiles).unwrap_or_default();
    let above = above.as_chunks_mut().0.as_chunks_mut().0;
    let group_weights = layer.weights().chunks(layer.inputs().max(1).saturating_mul(tiles).max(1));
    let mut scales = [Scale::default(); GROUP];
    let mut around: Around<T> = [[[T::default(); GROUP]; 2]; 2];
    for (first, weights) in (0..).step_by(GROUP).zip(group_weights) {
        let group = GROUP.min(all - first).max(1);
        let mut channels = layer.channels().from(first).iter();
        scales.fill_with(|| channels.next().unwrap_or_default());
        above.fill(Above::default());
        let mut places = inputs.chunks_exact(layer.inputs().max(1));
        for y in 0..=side {
            left.fill(0);
            let mut rows = beside(outputs, 2 * y * row, row).map(Row);
            for (x, above) in (0..=side).zip(above.chunks_exact_mut(group)) {
                match (x < side).then(|| places.next()).flatten() {
                    Some(place) => {
                        active.list(place);
                        product(weights, &active, right.as_chunks_mut().0);
                    }
                    None => right.fill(0),
                }
                corner(left, right, above, &scales, &mut around, &end);
                for (row, around) in rows.iter_mut().zip(&around) {
                    // The row begins with the outputs right of the first corner.
                    for (length, around) in [if x > 0 { all } else { 0 }, all].into_iter().zip(around) {
                        put(around, group, first, row.next(length));
                    }
                }
                mem::swap(&mut left, &mut right);
            }
        }
    }
}

/// The first `count` of `values` in their places from the `first` on, if they have places.
fn put<T: Copy>(values: &[T; GROUP], count: usize, first: usize, places: &mut [T]) {
    match (places.get_mut(first..first + count), values.get(..count)) {
        // Most places of a digit are made here, and to call the copying of one value takes longer than that.
        (Some([place]), Some(&[value])) => *place = value,
        (Some(places), Some(values)) => places.copy_from_slice(values),
        _ => {}
    }
}

/// What is left of a row of outputs.
struct Row<'a, T>(&'a mut [T]);

impl<'a, T> Row<'a, T> {
    /// Its next `length` values; none where it ends.
    fn next(&mut self, length: usize) -> &'a mut [T] {
        let (next, rest) = mem::take(&mut self.0).split_at_mut_checked(length).unwrap_or_default();
        self.0 = rest;
        next
    }
}

/// The `length` values before the place `at` and as many after it; none where the slice ends there.
fn beside<T>(values: &mut [T], at: usize, length: usize) -> [&mut [T]; 2] {
    let (before, after) = values.split_at_mut_checked(at).unwrap_or_default();
    let (start, end) = (before.len().saturating_sub(length), after.len().min(length));
    [before.get_mut(start..).unwrap_or_default(), after.get_mut(..end).unwrap_or_default()]
}

/// The outputs around a corner, of the products of the places `left` and `right` of it. `above` is what the last
/// row of corners left and becomes what the next one needs.
#[inline(never)]
fn corner<T>(
    left: &[i32],
    right: &[i32],
    above: &mut [Above],
    scales: &[Scale; GROUP],
    [[up_left, up_right], [down_left, down_right]]: &mut Around<T>,
    end: impl Fn(i32) -> T,
) {
    let products = left.as_chunks().0.iter().zip(right.as_chunks().0);
    let up = up_left.iter_mut().zip(up_right);
    let down = down_left.iter_mut().zip(down_right);
    let outputs = up.zip(down);
    for ((((left, right), above), scale), ((up_left, up_right), (down_left, down_right))) in
        products.zip(above).zip(scales).zip(outputs)
    {
        let [first, middle, last] = rows(left, right);
        let [upper_first, upper_middle] = mem::replace(above, [first, middle]);
        let both = [upper_first[0] + last[0], upper_first[1] + last[1]];
        let end = |sum| end(scale.of(sum));
        *up_left = end(both[0] + upper_middle[0]);
        *up_right = end(both[1] + upper_middle[1]);
        *down_left = end(both[0] + middle[0]);
        *down_right = end(both[1] + middle[1]);
    }
}

/// For each row of the filter what the places left and right of a corner make of it, left and right of it.
fn rows(&left: &Products, &right: &Products) -> [[i32; 2]; 3] {
    let ([a, b, _, d, e, _, g, h, _], [_, i, j, _, k, l, _, m, n]) = (left, right);
    [[a + j, b, i], [d + l, e, k], [g + n, h, m]].map(|[both, left, right]| [both + left, both + right])
}
