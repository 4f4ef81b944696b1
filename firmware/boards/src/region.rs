//! Model regions: flash for a model file that is exchanged without the firmware.

use std::{error::Error, fmt};

use crate::{Board, Memory};

/// Region of a board's flash for a model file, which lies at its start and replaces the built-in model.
#[derive(Clone, Copy, Debug)]
pub struct ModelRegion {
    /// Addresses, behind the firmware's flash.
    pub memory: Memory,
    /// Bytes that are erased together.
    pub erase_bytes: u64,
}

/// Reason why a board's model region cannot hold a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionError {
    /// Board without a model region.
    Missing {
        /// Product name of the board.
        title: &'static str,
    },
    /// File longer than the region.
    TooLarge {
        /// Product name of the board.
        title: &'static str,
        /// Length of the file in bytes.
        file_len: u64,
        /// Length of the region in bytes.
        capacity: u64,
    },
}

impl Board {
    /// Returns the model region for a file of `file_len` bytes.
    ///
    /// # Errors
    /// [`RegionError`] if the board has no region or a shorter one.
    pub fn region_for(&self, file_len: u64) -> Result<ModelRegion, RegionError> {
        let title = self.title;
        let region = self.model_region.ok_or(RegionError::Missing { title })?;
        let capacity = region.memory.bytes;
        if file_len > capacity {
            return Err(RegionError::TooLarge {
                title,
                file_len,
                capacity,
            });
        }
        Ok(region)
    }
}

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { title } => write!(
                f,
                "the {title} has no flash region for a model; write the firmware with the model instead: \
                 `cargo xtask flash` with --model and without --model-only"
            ),
            Self::TooLarge {
                title,
                file_len,
                capacity,
            } => write!(
                f,
                "it has {file_len} bytes and is too large for the {title}, whose model region has {capacity}; choose a \
                 smaller model, or write the firmware with the model: `cargo xtask flash` without --model-only"
            ),
        }
    }
}

impl Error for RegionError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BOARDS, EMULATED};

    #[test]
    fn regions_hold_files_up_to_their_length() {
        for board in &BOARDS {
            let Some(region) = board.model_region else {
                continue;
            };
            let capacity = region.memory.bytes;
            let origin = |file_len| {
                board
                    .region_for(file_len)
                    .map(|region| region.memory.origin)
            };
            assert_eq!(origin(capacity), Ok(region.memory.origin));
            let error = origin(capacity + 1).unwrap_err().to_string();
            for part in [
                board.title,
                &capacity.to_string(),
                &(capacity + 1).to_string(),
            ] {
                assert!(error.contains(part), "{error}");
            }
        }
        let board = Board {
            model_region: None,
            ..EMULATED
        };
        let error = board.region_for(1).unwrap_err().to_string();
        assert!(error.contains("has no flash region"), "{error}");
    }
}
