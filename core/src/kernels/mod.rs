//! Forward pass of single layers.
//!
//! In: a validated layer of [`crate::layers`] and its int8 inputs. Out: int8 activations or pixels. The layers
//! ([`dense`], [`upsample_conv`]) are portable; their inner loop is the kernel of the target, one function
//! `accumulate(weights, active, accumulators)`: [`reference`] in safe Rust, `dsp` and `mul` in assembly.

mod active;
#[cfg(not(kernel = "reference"))]
mod assembly;
mod dense;
#[cfg(kernel = "dsp")]
mod dsp;
#[cfg(feature = "reference-kernels")]
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "test of small sizes"
)]
pub mod equivalence;
#[cfg(any(kernel = "mul", kernel = "mul-rv32", kernel = "mul-v6"))]
mod mul;
#[cfg(any(kernel = "reference", feature = "reference-kernels"))]
mod reference;
mod upsample_conv;

use active::ActiveInputs;
#[cfg(kernel = "dsp")]
use dsp as target;
#[cfg(any(kernel = "mul", kernel = "mul-rv32", kernel = "mul-v6"))]
use mul as target;
#[cfg(kernel = "reference")]
use reference as target;

use crate::layers::{Column, Layer, Requantizer};

/// Name of the kernel that was compiled in: `dsp`, `mul`, `mul-rv32`, `mul-v6` or `reference`. The crate documentation lists the
/// kernel of each target.
pub const KERNEL: &str = if cfg!(kernel = "dsp") {
    "dsp"
} else if cfg!(kernel = "mul") {
    "mul"
} else if cfg!(kernel = "mul-rv32") {
    "mul-rv32"
} else if cfg!(kernel = "mul-v6") {
    "mul-v6"
} else {
    "reference"
};

/// Accumulators of the four rows of a tile of weights.
type Tile = [i32; 4];

/// Returns the 32-bit words of workspace that [`run`] needs.
pub(crate) const fn workspace_len(layer: &Layer<'_>) -> usize {
    let accumulators = match layer {
        Layer::Dense(_) => 0,
        Layer::UpsampleConv(layer) => upsample_conv::workspace_len(layer),
    };
    active::workspace_len(layer.shape().columns()) + accumulators
}

/// Computes the outputs of `layer`.
///
/// `inputs` may be negative only if `signed`. `workspace` has the length that [`workspace_len`] returns. `activate` computes
/// an output from its sum of products.
pub(crate) fn run<T: Copy + Default>(
    layer: &Layer<'_>,
    (inputs, signed): (&[i8], bool),
    workspace: &mut [i32],
    outputs: &mut [T],
    activate: impl Fn(Requantizer, i32) -> T,
) {
    let list_len = active::workspace_len(layer.shape().columns());
    let (list, workspace) = workspace.split_at_mut_checked(list_len).unwrap_or_default();
    let active = ActiveInputs::new(list, signed, target::MAGNITUDES);
    match layer {
        Layer::Dense(layer) => dense::run(layer, inputs, active, outputs, activate),
        Layer::UpsampleConv(layer) => {
            upsample_conv::run(layer, inputs, active, workspace, outputs, activate);
        }
    }
}
