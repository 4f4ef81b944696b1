//! Faults of a single layer.

use core::fmt;

use super::{MAX_INPUTS, MAX_SIDE};
use crate::{arithmetic::SHIFTS, image::GrayImage};

/// Reason why a layer of a model file is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LayerError {
    /// No inputs or no outputs.
    Empty,
    /// More inputs, or input channels, than [`MAX_INPUTS`].
    TooManyInputs {
        /// Inputs in the file.
        found: u16,
    },
    /// Number of channels that does not divide the number of outputs.
    Channels {
        /// Channels of the dense layer.
        channels: u16,
        /// Outputs of the dense layer.
        outputs: u16,
    },
    /// Side of the input feature map outside of 1 to [`MAX_SIDE`].
    Side {
        /// Side in the file.
        found: u8,
    },
    /// Number of inputs that differs from the outputs of the preceding layer.
    Inputs {
        /// Outputs of the preceding layer.
        expected: usize,
        /// Inputs of this layer.
        found: usize,
    },
    /// Last layer without 784 outputs.
    Pixels {
        /// Outputs of the last layer.
        found: usize,
    },
    /// Sigmoid in a hidden layer, or another activation function in the last layer.
    Activation,
    /// Right shift outside of [`SHIFTS`].
    Shift {
        /// Shift in the file.
        found: u8,
    },
    /// Accumulator that could exceed 32 bits.
    Overflow,
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no inputs or no outputs"),
            Self::TooManyInputs { found } => {
                write!(f, "{found} inputs, the maximum is {MAX_INPUTS}")
            }
            Self::Channels { channels, outputs } => {
                write!(f, "{channels} channels do not divide {outputs} outputs")
            }
            Self::Side { found } => {
                write!(
                    f,
                    "feature map side {found} is out of range 1 to {MAX_SIDE}"
                )
            }
            Self::Inputs { expected, found } => {
                write!(
                    f,
                    "{found} inputs, but the preceding layer has {expected} outputs"
                )
            }
            Self::Pixels { found } => {
                write!(
                    f,
                    "{found} outputs, but the last layer needs {}",
                    GrayImage::PIXELS
                )
            }
            Self::Activation => {
                write!(f, "the last layer needs a sigmoid, the others a ReLU")
            }
            Self::Shift { found } => {
                write!(
                    f,
                    "shift {found} is out of range {} to {}",
                    SHIFTS.start(),
                    SHIFTS.end()
                )
            }
            Self::Overflow => write!(f, "accumulators could exceed 32 bits"),
        }
    }
}

impl core::error::Error for LayerError {}
