//! Nearest upsampling by two and a 3x3 convolution in one, without the upsampled picture.
//!
//! An input place is 2x2 places of the upsampled picture. Under one place of the filter they all make the same
//! product, which thus counts in 2x2 sums of the output: nine products for each input place and pair of
//! channels, where the upsampled picture would take 36.
//!
//! No sum overflows on its way: at any time it is the bias and some of the products that it ends with, and the
//! bound of a parsed layer (docs/arithmetic.md, section 7) is on the sum of their magnitudes.

use super::dot;
use crate::model::{MAX_SIDE, UpConv};

/// Sums of an output row; the first and the one after the last lie in the padding and are not used.
type Line = [i32; 2 * MAX_SIDE as usize + 2];

pub(super) fn run<T>(layer: &UpConv<'_>, inputs: &[i8], outputs: &mut [T], end: impl Fn(i32) -> T) {
    for (index, (filter, channel)) in layer.filters().enumerate() {
        let mut pixels = outputs.iter_mut().skip(index).step_by(layer.outputs());
        let mut finish = |line: &Line| {
            for (&sum, pixel) in line.iter().skip(1).take(2 * layer.side()).zip(&mut pixels) {
                *pixel = end(channel.scale(sum));
            }
        };
        let fresh: Line = [channel.bias; _];
        // An input row counts in four output rows: the last of the row above it, its own two, and the first
        // of the row below. The first two are then done.
        let mut lines = [fresh; 4];
        for (y, row) in inputs.chunks_exact(layer.row().get()).enumerate() {
            add(filter, row, layer, &mut lines);
            let [above, upper, lower, below] = lines;
            if y > 0 {
                finish(&above);
            }
            finish(&upper);
            lines = [lower, below, fresh, fresh];
        }
        let [last, ..] = &lines;
        finish(last);
    }
}

/// Adds what one input row counts in the four output rows around it.
fn add(filter: &[u8], row: &[i8], layer: &UpConv<'_>, lines: &mut [Line; 4]) {
    let inputs = layer.inputs().get();
    let mut weights = filter.chunks_exact(inputs);
    // Under the filter's upper row lies what is above an output, so its products count further down.
    for down in [2, 1, 0] {
        let mut sums: Line = [0; _];
        for (right, weights) in [2, 1, 0].into_iter().zip(&mut weights) {
            let (pairs, _) = sums.get_mut(right..).unwrap_or_default().as_chunks_mut();
            for ([left, right], place) in pairs.iter_mut().zip(row.chunks_exact(inputs)) {
                let product = dot(weights, place);
                *left += product;
                *right += product;
            }
        }
        for line in lines.iter_mut().skip(down).take(2) {
            for (sum, part) in line.iter_mut().zip(sums) {
                *sum += part;
            }
        }
    }
}
