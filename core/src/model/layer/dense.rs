//! The dense layer.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Activation, Channels, Column, MAX_INPUTS, Numbers};
use crate::model::error::LayerError;

/// Shape and scaling of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenseShape {
    /// Values in, at most [`MAX_INPUTS`].
    pub inputs: u16,
    /// Values out.
    pub outputs: u16,
    /// Output `o` has bias and multiplier `o % channels`; divides `outputs`. Equal to `outputs` each output
    /// has its own; less, the outputs are a picture of that many channels.
    pub channels: u16,
    /// Right shift of the requantisation, one of [`crate::arithmetic::SHIFTS`].
    pub shift: u8,
    /// What is done to the scaled sums.
    pub activation: Activation,
}

/// A dense layer whose numbers lie in the model file.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a> {
    shape: DenseShape,
    numbers: Numbers<'a>,
}

impl DenseShape {
    pub(super) fn weights(self) -> u64 {
        u64::from(self.inputs) * u64::from(self.outputs)
    }

    pub(super) fn check(self) -> Result<(), LayerError> {
        let Self { inputs, outputs, channels, .. } = self;
        if inputs == 0 || outputs == 0 {
            return Err(LayerError::Empty);
        }
        if usize::from(inputs) > MAX_INPUTS {
            return Err(LayerError::TooManyInputs { found: inputs });
        }
        if channels == 0 || !outputs.is_multiple_of(channels) {
            return Err(LayerError::Channels { channels, outputs });
        }
        Ok(())
    }
}

impl fmt::Display for DenseShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inputs, outputs, channels, .. } = self;
        write!(f, "dense {inputs} -> {outputs}")?;
        if channels == outputs { Ok(()) } else { write!(f, " of {channels} channels") }
    }
}

impl<'a> Dense<'a> {
    pub(super) const fn new(shape: DenseShape, numbers: Numbers<'a>) -> Self {
        Self { shape, numbers }
    }

    /// Its shape, as the file says it.
    pub const fn shape(&self) -> DenseShape {
        self.shape
    }

    /// Tiles of four outputs, of each the columns of all inputs.
    pub(crate) const fn weights(&self) -> &'a [Column] {
        self.numbers.weights
    }

    /// The outputs' channels, which repeat.
    pub(crate) const fn channels(&self) -> Channels<'a> {
        self.numbers.channels(self.shape.shift)
    }
}
