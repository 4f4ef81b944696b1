//! Memory that an app or a generator borrows.

use self_cell::MutBorrow;
use thumbgan_app::SCRATCH_LEN;

use crate::ModelFile;

/// Model file and scratch memory of the length that the firmware has.
pub struct Memory {
    pub file: ModelFile,
    pub scratch: MutBorrow<Vec<u32>>,
}

impl Memory {
    /// Creates the memory for a model.
    pub fn new(file: &ModelFile) -> Self {
        Self {
            file: file.clone(),
            scratch: MutBorrow::new(vec![0; SCRATCH_LEN]),
        }
    }
}
