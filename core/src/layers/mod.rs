//! Layers of a generator: their shapes, as the model file describes them, and their parameters, borrowed from it.
//!
//! In: shapes and parameter bytes from [`crate::model`]. Out: validated layers for [`crate::kernels`].

mod dense;
mod error;
mod parameters;
mod upsample_conv;

use core::fmt;

use serde::{Deserialize, Serialize};

pub use dense::{Dense, DenseShape};
pub use error::LayerError;
pub(crate) use parameters::{
    Channels, Column, Parameters, ParametersError, Requantizer, TILE_ROWS,
};
#[cfg(feature = "encode")]
pub(crate) use parameters::{pack, unpack};
pub use upsample_conv::{MAX_SIDE, UpsampleConv, UpsampleConvShape};

use crate::{arithmetic::SHIFTS, image::GrayImage};

/// Maximum number of inputs of a dense layer and of input channels of a convolution.
pub const MAX_INPUTS: usize = 320;

/// Shape and quantization of a layer; the closed list of layer types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LayerShape {
    /// Fully connected layer.
    Dense(DenseShape),
    /// Nearest-neighbor upsampling by 2, then a 3x3 convolution.
    UpsampleConv(UpsampleConvShape),
}

/// Activation function applied to the requantized accumulators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Activation {
    /// Rectified linear unit, for hidden layers: int8 activations 0 to 127.
    Relu,
    /// Logistic sigmoid, for the last layer: uint8 pixels.
    Sigmoid,
}

/// Validated layer whose parameters are borrowed from the model file.
#[derive(Clone, Copy, Debug)]
pub enum Layer<'a> {
    /// Fully connected layer.
    Dense(Dense<'a>),
    /// Nearest-neighbor upsampling by 2, then a 3x3 convolution.
    UpsampleConv(UpsampleConv<'a>),
}

impl LayerShape {
    /// Returns the right shift of the requantization.
    pub(crate) const fn shift(self) -> u8 {
        match self {
            Self::Dense(shape) => shape.shift,
            Self::UpsampleConv(shape) => shape.shift,
        }
    }

    /// Returns the activation function.
    pub(crate) const fn activation(self) -> Activation {
        match self {
            Self::Dense(shape) => shape.activation,
            Self::UpsampleConv(shape) => shape.activation,
        }
    }

    /// Returns the number of weights.
    #[must_use]
    pub const fn weight_count(self) -> u64 {
        match self {
            Self::Dense(shape) => shape.weight_count(),
            Self::UpsampleConv(shape) => shape.weight_count(),
        }
    }

    /// Returns the number of rows of the weight matrix: the outputs of a dense layer, or nine filter taps per output
    /// channel of a convolution.
    pub(crate) const fn rows(self) -> u32 {
        match self {
            Self::Dense(shape) => shape.outputs as u32,
            Self::UpsampleConv(shape) => 9 * shape.outputs as u32,
        }
    }

    /// Returns the number of columns of the weight matrix: inputs or input channels.
    pub(crate) const fn columns(self) -> u16 {
        match self {
            Self::Dense(shape) => shape.inputs,
            Self::UpsampleConv(shape) => shape.inputs,
        }
    }

    /// Returns the number of biases, which is also the number of multipliers.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Dense(shape) => shape.channels as usize,
            Self::UpsampleConv(shape) => shape.outputs as usize,
        }
    }

    /// Returns the number of products in one accumulator.
    pub(crate) const fn fan_in(self) -> i64 {
        match self {
            Self::Dense(shape) => shape.inputs as i64,
            Self::UpsampleConv(shape) => 9 * shape.inputs as i64,
        }
    }

    /// Returns the number of input values of a valid shape.
    pub(crate) const fn inputs(self) -> usize {
        match self {
            Self::Dense(shape) => shape.inputs as usize,
            Self::UpsampleConv(shape) => shape.positions() * shape.inputs as usize,
        }
    }

    /// Returns the number of output values of a valid shape.
    pub(crate) const fn outputs(self) -> usize {
        match self {
            Self::Dense(shape) => shape.outputs as usize,
            Self::UpsampleConv(shape) => 4 * shape.positions() * shape.outputs as usize,
        }
    }

    /// Checks the shape between `width` preceding values and, for the `last` layer, the pixels.
    pub(crate) fn check(self, width: usize, last: bool) -> Result<(), LayerError> {
        match self {
            Self::Dense(shape) => shape.check()?,
            Self::UpsampleConv(shape) => shape.check()?,
        }
        let (inputs, outputs) = (self.inputs(), self.outputs());
        if inputs != width {
            return Err(LayerError::Inputs {
                expected: width,
                found: inputs,
            });
        }
        if last != (self.activation() == Activation::Sigmoid) {
            return Err(LayerError::Activation);
        }
        if last && outputs != GrayImage::PIXELS {
            return Err(LayerError::Pixels { found: outputs });
        }
        if !SHIFTS.contains(&self.shift()) {
            return Err(LayerError::Shift {
                found: self.shift(),
            });
        }
        Ok(())
    }
}

impl<'a> Layer<'a> {
    /// Combines a shape that [`LayerShape::check`] accepts with its parameters.
    pub(crate) const fn new(shape: LayerShape, parameters: Parameters<'a>) -> Self {
        match shape {
            LayerShape::Dense(shape) => Self::Dense(Dense::new(shape, parameters)),
            LayerShape::UpsampleConv(shape) => {
                Self::UpsampleConv(UpsampleConv::new(shape, parameters))
            }
        }
    }

    /// Returns the shape.
    #[must_use]
    pub const fn shape(&self) -> LayerShape {
        match self {
            Self::Dense(layer) => LayerShape::Dense(layer.shape()),
            Self::UpsampleConv(layer) => LayerShape::UpsampleConv(layer.shape()),
        }
    }

    /// Returns the number of input values.
    #[must_use]
    pub const fn inputs(&self) -> usize {
        self.shape().inputs()
    }

    /// Returns the number of output values.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.shape().outputs()
    }

    /// Returns the activation function.
    #[must_use]
    pub const fn activation(&self) -> Activation {
        self.shape().activation()
    }

    /// Returns the packed weights in tiles of four rows.
    #[cfg(feature = "encode")]
    pub(crate) const fn weights(&self) -> &'a [Column] {
        match self {
            Self::Dense(layer) => layer.weights(),
            Self::UpsampleConv(layer) => layer.weights(),
        }
    }

    /// Returns biases and multipliers.
    #[cfg(feature = "encode")]
    pub(crate) const fn channels(&self) -> Channels<'a> {
        match self {
            Self::Dense(layer) => layer.channels(),
            Self::UpsampleConv(layer) => layer.channels(),
        }
    }

    /// Returns the bytes of input activations and of output activations in the scratch buffer. The last layer's
    /// outputs count 0, because it writes the image.
    pub(crate) const fn activation_bytes(&self) -> (usize, usize) {
        let written = match self.activation() {
            Activation::Relu => self.outputs(),
            Activation::Sigmoid => 0,
        };
        (self.inputs(), written)
    }

    /// Returns the multiply-accumulate operations (MACs) that a kernel executes if no input is 0. An upsampling
    /// convolution executes 9 MACs per position and pair of channels where the nominal count is 36.
    #[must_use]
    pub const fn macs(&self) -> u64 {
        match self {
            Self::Dense(layer) => layer.shape().weight_count(),
            Self::UpsampleConv(layer) => {
                layer.shape().weight_count() * layer.shape().positions() as u64
            }
        }
    }
}

impl fmt::Display for LayerShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dense(shape) => shape.fmt(f),
            Self::UpsampleConv(shape) => shape.fmt(f),
        }
    }
}
