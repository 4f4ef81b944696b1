//! Model description: the part of the file that postcard encodes (`docs/model-format.md`, section 3).

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::{
    latent::Distribution,
    layers::{LayerShape, MAX_INPUTS},
};

/// Maximum number of latent values.
pub const MAX_LATENT: usize = 256;
/// Maximum number of classes.
pub const MAX_CLASSES: usize = 64;
/// Maximum number of layers.
pub const MAX_LAYERS: usize = 8;

// The first layer takes the latent and the one-hot class.
const _: () = assert!(MAX_LATENT + MAX_CLASSES <= MAX_INPUTS);

/// Metadata followed by the layers' shapes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Description<'a> {
    #[serde(borrow)]
    pub(super) metadata: Metadata<'a>,
    /// Shapes from latent to pixels.
    pub(super) layers: Vec<LayerShape, MAX_LAYERS>,
}

/// Everything that a model file says about the model, except for its layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata<'a> {
    /// Preset that the model was trained with.
    pub name: &'a str,
    /// Number of classes, at most [`MAX_CLASSES`]; 0 for an unconditional model.
    pub class_count: u8,
    /// Names of the classes, one per line; empty if the classes have no names.
    pub class_names: &'a str,
    /// Latent input.
    pub latent: LatentSpec,
    /// Training data and training run.
    #[serde(borrow)]
    pub provenance: Provenance<'a>,
}

/// Length and distribution of the latent. The generator's input is the latent followed by the one-hot class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatentSpec {
    /// Number of values, 1 to [`MAX_LATENT`].
    pub len: u16,
    /// Distribution that the values are sampled from.
    pub distribution: Distribution,
}

/// Training data and training run of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance<'a> {
    /// Name of the training data: `mnist`; `idx`, `numpy`, `csv` or `images` for custom datasets; `procedural` for the
    /// built-in digits.
    pub dataset: &'a str,
    /// SHA-256 of the uncompressed file of training images.
    pub dataset_sha256: [u8; 32],
    /// Number of training iterations.
    pub iterations: u32,
    /// Seed of the training run.
    pub seed: u64,
    /// Fréchet distance between int8 images and test images, in thousandths; `None` if not measured.
    pub fid: Option<u32>,
    /// Program and version that wrote the file.
    pub tool: &'a str,
}
