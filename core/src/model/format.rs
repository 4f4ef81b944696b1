//! What a model file says of its model: the part that postcard writes (docs/model-format.md, section 3).

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::latent::Distribution;

/// First four bytes of every model file.
pub const MAGIC: [u8; 4] = *b"TGAN";
/// The one format version this build reads and writes.
pub const FORMAT_VERSION: u16 = 1;
/// Most layers that a model may have.
pub const MAX_LAYERS: usize = 8;

/// Bytes before the description: magic, version, description length, data length.
pub(super) const HEADER: usize = 12;
/// Bytes of the closing CRC.
pub(super) const TRAILER: usize = 4;

/// Everything but the weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description<'a> {
    /// The preset it was made by.
    pub name: &'a str,
    /// Classes to choose from; 0 for an unconditional model.
    pub classes: u8,
    /// What goes in.
    pub latent: Latent,
    /// Where it comes from.
    #[serde(borrow)]
    pub provenance: Provenance<'a>,
    /// The layers, from latent to pixels.
    pub layers: Vec<LayerShape, MAX_LAYERS>,
}

/// The generator's random input; the one-hot class, if any, follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latent {
    /// How many values.
    pub length: u16,
    /// What they are drawn from.
    pub distribution: Distribution,
}

/// How a model came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance<'a> {
    /// Name of the training data: `mnist`, `idx` for one's own, `procedural` for the stand-in.
    pub dataset: &'a str,
    /// SHA-256 of the uncompressed training images file.
    pub dataset_sha256: [u8; 32],
    /// Training iterations.
    pub iterations: u32,
    /// Training seed.
    pub seed: u64,
    /// Program and version that wrote the file.
    pub tool: &'a str,
}

/// One layer; the closed list of what `core` can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LayerShape {
    /// Every output sums all inputs.
    Dense(DenseShape),
}

/// Shape and scaling of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenseShape {
    /// Values in.
    pub inputs: u16,
    /// Values out.
    pub outputs: u16,
    /// Right shift of the requantisation, one of [`crate::arithmetic::SHIFTS`].
    pub shift: u8,
    /// What is done to the scaled sums.
    pub activation: Activation,
}

/// The function that ends a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// Between layers: activations 0 to 127.
    Relu,
    /// At the end: logits of 1/16 become pixels.
    Sigmoid,
}

impl DenseShape {
    /// Bytes of weights, padded to a multiple of four.
    pub(super) fn weights_len(self) -> usize {
        (usize::from(self.inputs) * usize::from(self.outputs)).next_multiple_of(4)
    }

    /// Bytes of biases.
    pub(super) fn biases_len(self) -> usize {
        usize::from(self.outputs) * 4
    }

    /// Bytes of multipliers, padded to a multiple of four.
    pub(super) fn multipliers_len(self) -> usize {
        (usize::from(self.outputs) * 2).next_multiple_of(4)
    }
}
