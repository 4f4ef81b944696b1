//! Faults of a model file.

use core::fmt;

use super::description::{MAX_CLASSES, MAX_LATENT};
use crate::layers::LayerError;

/// Reason why a model file is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ParseError {
    /// First bytes other than `TGAN`.
    Magic,
    /// Format version that this build does not read.
    Version {
        /// Version of the file.
        found: u16,
        /// Version that this build reads.
        supported: u16,
    },
    /// File shorter than its header says.
    Truncated {
        /// Length according to the header, in bytes.
        expected: usize,
        /// Length of the file, in bytes.
        found: usize,
    },
    /// File longer than its header says.
    TrailingBytes {
        /// Number of bytes after the end of the model.
        extra: usize,
    },
    /// Checksum mismatch: the file was changed after it was written.
    Crc {
        /// CRC-32 in the file.
        stored: u32,
        /// CRC-32 of the file's bytes.
        computed: u32,
    },
    /// Description that is not the canonical postcard encoding of a description, or has another length than the header
    /// says.
    Description,
    /// Padding bytes or filler weights that are not zero.
    Padding,
    /// No layers.
    NoLayers,
    /// Latent length outside of 1 to [`MAX_LATENT`].
    Latent {
        /// Latent length of the file.
        found: u16,
    },
    /// More classes than [`MAX_CLASSES`].
    Classes {
        /// Number of classes of the file.
        found: u8,
    },
    /// Number of class names that differs from the number of classes.
    ClassNames {
        /// Number of classes.
        class_count: u8,
        /// Number of names.
        found: usize,
    },
    /// Address of the file is not a multiple of four; word loads of Armv6-M and RISC-V require one.
    Alignment,
    /// Invalid layer.
    Layer {
        /// Index of the layer, from 0.
        index: usize,
        /// Fault of the layer.
        error: LayerError,
    },
    /// Data section of another length than the layers need.
    Data {
        /// Length that the layers need, in bytes.
        expected: usize,
        /// Length of the data section, in bytes.
        found: usize,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => write!(f, "not a thumbgan model: the first bytes are not TGAN"),
            Self::Version { found, supported } => {
                write!(
                    f,
                    "model format version {found}, this build reads version {supported}"
                )
            }
            Self::Truncated { expected, found } => {
                write!(f, "model is truncated: {found} of {expected} bytes")
            }
            Self::TrailingBytes { extra } => write!(f, "{extra} extra bytes after the model"),
            Self::Crc { stored, computed } => write!(
                f,
                "model is damaged: CRC-32 is {computed:08x}, the file says {stored:08x}"
            ),
            Self::Description => write!(f, "model description cannot be decoded"),
            Self::Padding => write!(f, "padding bytes are not zero"),
            Self::NoLayers => write!(f, "model has no layers"),
            Self::Latent { found } => {
                write!(f, "latent length {found} is out of range 1 to {MAX_LATENT}")
            }
            Self::Classes { found } => {
                write!(f, "{found} classes, the maximum is {MAX_CLASSES}")
            }
            Self::ClassNames { class_count, found } => {
                write!(f, "{found} class names for {class_count} classes")
            }
            Self::Alignment => write!(
                f,
                "model is not aligned to 4 bytes: include it with include_model! or align its address"
            ),
            Self::Layer { index, error } => write!(f, "layer {index}: {error}"),
            Self::Data { expected, found } => {
                write!(
                    f,
                    "data section has {found} bytes, the layers need {expected}"
                )
            }
        }
    }
}

impl core::error::Error for ParseError {}
