//! The layers' inner loops.

mod active;
#[cfg(not(kernels = "portable"))]
mod assembly;
mod dense;
#[cfg(kernels = "dsp")]
mod dsp;
#[cfg(any(kernels = "mul", kernels = "mul-v6"))]
mod mul;
#[cfg(any(kernels = "portable", feature = "twins"))]
mod portable;
#[cfg(feature = "twins")]
#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a test, of small numbers")]
pub mod twins;
mod up_conv;

use active::Active;
#[cfg(kernels = "dsp")]
use dsp::{MAGNITUDES, product};
#[cfg(any(kernels = "mul", kernels = "mul-v6"))]
use mul::{MAGNITUDES, product};
#[cfg(kernels = "portable")]
use portable::{MAGNITUDES, product};

use crate::model::{Column, Layer};

/// The sums of four rows of weights.
type Tile = [i32; 4];

/// Words that [`run`] needs beside inputs and outputs.
pub(crate) fn words(layer: &Layer<'_>) -> usize {
    let sums = match layer {
        Layer::Dense(_) => 0,
        Layer::UpConv(layer) => up_conv::words(layer),
    };
    active::words(layer.shape().columns()) + sums
}

/// Runs `layer` from its int8 `inputs`, which may be `signed` or come from a ReLU, to its `outputs`, each a
/// scaled sum that `end` ends.
pub(crate) fn run<T: Copy + Default>(
    layer: &Layer<'_>,
    (inputs, signed): (&[i8], bool),
    words: &mut [i32],
    outputs: &mut [T],
    end: impl Fn(i32) -> T,
) {
    let (list, words) =
        words.split_at_mut_checked(active::words(layer.shape().columns())).unwrap_or_default();
    let active = Active::new(list, signed, MAGNITUDES);
    match layer {
        Layer::Dense(layer) => dense::run(layer, inputs, active, outputs, end),
        Layer::UpConv(layer) => up_conv::run(layer, inputs, active, words, outputs, end),
    }
}
