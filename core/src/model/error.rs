//! What can be wrong with a model file.

use core::fmt;

use super::{
    format::{MAX_CLASSES, MAX_INPUTS, MAX_LATENT},
    layer::MAX_SIDE,
};

/// Why a model file was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelError {
    /// It does not begin with "TGAN".
    Magic,
    /// Another version of thumbgan wrote it.
    Version {
        /// The file's format version.
        found: u16,
        /// The version this build reads.
        supported: u16,
    },
    /// The file ends too early.
    Truncated {
        /// Bytes that the header announces.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Something follows the model.
    TrailingBytes {
        /// How many bytes too many.
        extra: usize,
    },
    /// At least one bit has changed since it was written.
    Crc {
        /// The check value in the file.
        stored: u32,
        /// The check value of its bytes.
        computed: u32,
    },
    /// The description cannot be decoded, or is not as long as the header says.
    Description,
    /// It has no layers.
    NoLayers,
    /// The latent is empty, or longer than [`MAX_LATENT`].
    Latent {
        /// Values of the file's latent.
        found: u16,
    },
    /// There are more classes than [`MAX_CLASSES`].
    Classes {
        /// Classes of the file.
        found: u8,
    },
    /// Its classes have names, but not one each.
    ClassNames {
        /// Its classes.
        classes: u8,
        /// Its names.
        found: usize,
    },
    /// It does not lie on a multiple of four, and this core loads its weights from there alone (Armv6-M).
    Alignment,
    /// One layer does not fit.
    Layer {
        /// Which, from 0.
        index: usize,
        /// What is wrong with it.
        error: LayerError,
    },
    /// The data are not as long as the layers need.
    Data {
        /// Bytes that the layers need.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The model is sound, but needs more memory than this build gives it.
    TooLarge {
        /// Bytes of activations that it needs.
        needed: usize,
        /// Bytes that this build has.
        available: usize,
    },
}

/// Why one layer was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayerError {
    /// It has no inputs or no outputs.
    Empty,
    /// It has more inputs, or channels in, than [`MAX_INPUTS`].
    TooManyInputs {
        /// The file's.
        found: u16,
    },
    /// Its channels do not divide its outputs.
    Channels {
        /// Channels of a dense layer.
        channels: u16,
        /// Its outputs.
        outputs: u16,
    },
    /// The picture that it makes larger has no places, or more than half a digit's sides.
    Side {
        /// The file's side.
        found: u8,
    },
    /// Its inputs are not the outputs of what comes before.
    Inputs {
        /// What comes before.
        expected: usize,
        /// What the layer takes.
        found: usize,
    },
    /// The last layer does not make 784 pixels.
    Pixels {
        /// What it makes.
        found: usize,
    },
    /// Sigmoid before the end, or anything else there.
    Activation,
    /// The requantisation shift is out of range.
    Shift {
        /// The file's shift.
        found: u8,
    },
    /// A sum could overflow 32 bits.
    Overflow,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => write!(f, "not a thumbgan model: it does not begin with TGAN"),
            Self::Version { found, supported } => {
                write!(f, "model format version {found}, but this build reads version {supported}")
            }
            Self::Truncated { expected, found } => {
                write!(f, "model cut short: {found} of {expected} bytes")
            }
            Self::TrailingBytes { extra } => write!(f, "{extra} bytes too many after the model"),
            Self::Crc { stored, computed } => {
                write!(f, "model damaged: CRC {computed:08x}, should be {stored:08x}")
            }
            Self::Description => write!(f, "model description cannot be decoded"),
            Self::NoLayers => write!(f, "model without layers"),
            Self::Latent { found } => {
                write!(f, "model with a latent of {found} values, not 1 to {MAX_LATENT}")
            }
            Self::Classes { found } => write!(f, "model of {found} classes, not 0 to {MAX_CLASSES}"),
            Self::ClassNames { classes, found } => {
                write!(f, "model with {found} names for {classes} classes")
            }
            Self::Alignment => write!(f, "model not on a multiple of four: include_model! puts it there"),
            Self::Layer { index, error } => write!(f, "layer {index}: {error}"),
            Self::Data { expected, found } => {
                write!(f, "layers need {expected} bytes of data, the model has {found}")
            }
            Self::TooLarge { needed, available } => {
                write!(f, "model needs {needed} bytes of scratch, this build has {available}")
            }
        }
    }
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no inputs or no outputs"),
            Self::TooManyInputs { found } => write!(f, "takes {found} inputs, more than {MAX_INPUTS}"),
            Self::Channels { channels, outputs } => {
                write!(f, "{outputs} outputs cannot have {channels} channels")
            }
            Self::Side { found } => write!(f, "takes a picture with a side of {found}, not 1 to {MAX_SIDE}"),
            Self::Inputs { expected, found } => write!(f, "takes {found} inputs, but gets {expected}"),
            Self::Pixels { found } => write!(f, "makes {found} pixels instead of 784"),
            Self::Activation => write!(f, "sigmoid must end the last layer and no other"),
            Self::Shift { found } => write!(f, "shift {found} is not 17 to 32"),
            Self::Overflow => write!(f, "sums could overflow 32 bits"),
        }
    }
}

impl core::error::Error for ModelError {}
impl core::error::Error for LayerError {}
