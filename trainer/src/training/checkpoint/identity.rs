//! Identity of a run, by which a checkpoint is assigned to it.

use serde::{Deserialize, Serialize};

/// Identity of a run; a checkpoint is loaded only if all values match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// SHA-256 of the recipe as text in hexadecimal.
    pub recipe_sha256: String,
    /// Seed of weights, image order and latents.
    pub seed: u64,
    /// SHA-256 of the training images in hexadecimal.
    pub dataset_sha256: String,
    /// SHA-256 of the training labels in hexadecimal; absent in runs of earlier versions.
    pub labels_sha256: Option<String>,
}

impl Identity {
    /// Returns the name of the first value in which two runs differ.
    pub(super) fn difference(&self, other: &Self) -> Option<&'static str> {
        let differs = [
            (self.recipe_sha256 != other.recipe_sha256, "recipe"),
            (self.seed != other.seed, "seed"),
            (self.dataset_sha256 != other.dataset_sha256, "dataset"),
            (self.labels_sha256 != other.labels_sha256, "labels"),
        ];
        differs
            .into_iter()
            .find_map(|(differs, name)| differs.then_some(name))
    }
}
