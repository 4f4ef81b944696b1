//! Fully connected layer.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Activation, Channels, Column, LayerError, MAX_INPUTS, Parameters};

/// Shape and quantization of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DenseShape {
    /// Number of inputs, at most [`MAX_INPUTS`].
    pub inputs: u16,
    /// Number of outputs.
    pub outputs: u16,
    /// Number of biases and multipliers; divides `outputs`. Output `o` uses those of channel `o % channels`. Equal to
    /// `outputs` for one per output, or the channels of the feature map `[height, width, channels]` that the layer
    /// produces.
    pub channels: u16,
    /// Right shift of the requantization, one of [`crate::arithmetic::SHIFTS`].
    pub shift: u8,
    /// Activation function.
    pub activation: Activation,
}

/// Dense layer whose parameters are borrowed from the model file.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a> {
    shape: DenseShape,
    parameters: Parameters<'a>,
}

impl DenseShape {
    pub(super) const fn weight_count(self) -> u64 {
        self.inputs as u64 * self.outputs as u64
    }

    pub(super) const fn check(self) -> Result<(), LayerError> {
        let Self {
            inputs,
            outputs,
            channels,
            ..
        } = self;
        if inputs == 0 || outputs == 0 {
            return Err(LayerError::Empty);
        }
        if inputs as usize > MAX_INPUTS {
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
        let Self {
            inputs,
            outputs,
            channels,
            ..
        } = self;
        write!(f, "dense {inputs} -> {outputs}")?;
        if channels == outputs {
            Ok(())
        } else {
            write!(f, " ({channels} channels)")
        }
    }
}

impl<'a> Dense<'a> {
    pub(super) const fn new(shape: DenseShape, parameters: Parameters<'a>) -> Self {
        Self { shape, parameters }
    }

    /// Returns the shape.
    #[must_use]
    pub const fn shape(&self) -> DenseShape {
        self.shape
    }

    /// Returns the weights: tiles of four outputs, each with one column per input.
    pub(crate) const fn weights(&self) -> &'a [Column] {
        self.parameters.weights
    }

    /// Returns biases and multipliers, which repeat every `channels` outputs.
    pub(crate) const fn channels(&self) -> Channels<'a> {
        self.parameters.channels(self.shape.shift)
    }
}
