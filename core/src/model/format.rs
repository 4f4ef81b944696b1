//! What a model file says of its model: the part that postcard writes (docs/model-format.md, section 3).

use heapless::Vec;
use serde::{Deserialize, Serialize};

use super::layer::LayerShape;
use crate::latent::Distribution;

/// First four bytes of every model file.
pub const MAGIC: [u8; 4] = *b"TGAN";
/// The one format version this build reads and writes.
pub const FORMAT_VERSION: u16 = 3;
/// Most values that a latent may have.
pub const MAX_LATENT: usize = 256;
/// Most classes that a model may have.
pub const MAX_CLASSES: usize = 64;
/// Most inputs of a dense layer, and most channels that come into a convolution.
pub const MAX_INPUTS: usize = MAX_LATENT + MAX_CLASSES;
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
    /// Classes to choose from, at most [`MAX_CLASSES`]; 0 for an unconditional model.
    pub classes: u8,
    /// The classes' names, one a line; empty where their numbers are their names.
    pub class_names: &'a str,
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
    /// How many values, 1 to [`MAX_LATENT`].
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
    /// Fréchet distance of its int8 pixels to the test images, in thousandths; `None` if not measured.
    pub fid: Option<u32>,
    /// Program and version that wrote the file.
    pub tool: &'a str,
}
