//! Layers: what a model file says of each, and the parsed layer that kernels run.

mod dense;
mod numbers;
mod up_conv;

use core::fmt;

use serde::{Deserialize, Serialize};

pub use dense::{Dense, DenseShape};
pub(super) use numbers::Numbers;
pub(crate) use numbers::{Channels, Column, Scale};
pub use up_conv::{MAX_SIDE, UpConv, UpConvShape};

use super::{error::LayerError, format::MAX_INPUTS};

/// One layer; the closed list of what `core` can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LayerShape {
    /// Every output sums all inputs.
    Dense(DenseShape),
    /// A picture is made twice as large, then every output sums 3x3 of its places.
    UpConv(UpConvShape),
}

/// The function that ends a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// Between layers: activations 0 to 127.
    Relu,
    /// At the end: logits of 1/16 become pixels.
    Sigmoid,
}

/// A sound layer whose numbers lie in the model file.
#[derive(Clone, Copy, Debug)]
pub enum Layer<'a> {
    /// See [`LayerShape::Dense`].
    Dense(Dense<'a>),
    /// See [`LayerShape::UpConv`].
    UpConv(UpConv<'a>),
}

impl LayerShape {
    /// Right shift of the requantisation.
    pub(super) const fn shift(self) -> u8 {
        match self {
            Self::Dense(shape) => shape.shift,
            Self::UpConv(shape) => shape.shift,
        }
    }

    /// What is done to the scaled sums.
    pub(super) const fn activation(self) -> Activation {
        match self {
            Self::Dense(shape) => shape.activation,
            Self::UpConv(shape) => shape.activation,
        }
    }

    /// How many weights there are.
    pub fn weights(self) -> u64 {
        match self {
            Self::Dense(shape) => shape.weights(),
            Self::UpConv(shape) => shape.weights(),
        }
    }

    /// How many sums the weights make: an output's of a dense layer, a channel's and filter place's of a
    /// convolution.
    pub(super) const fn rows(self) -> u32 {
        match self {
            Self::Dense(shape) => shape.outputs as u32,
            Self::UpConv(shape) => 9 * shape.outputs as u32,
        }
    }

    /// Bytes of the weights in tiles of four rows, the last one filled up.
    pub(super) fn packed(self) -> u64 {
        u64::from(self.rows().next_multiple_of(4)) * u64::from(self.columns())
    }

    /// Inputs of one row.
    pub(crate) const fn columns(self) -> u16 {
        match self {
            Self::Dense(shape) => shape.inputs,
            Self::UpConv(shape) => shape.inputs,
        }
    }

    /// How many biases there are, and as many multipliers.
    pub fn channels(self) -> usize {
        match self {
            Self::Dense(shape) => shape.channels.into(),
            Self::UpConv(shape) => shape.outputs.into(),
        }
    }

    /// Products in one sum.
    pub(super) fn fan_in(self) -> i64 {
        match self {
            Self::Dense(shape) => shape.inputs.into(),
            Self::UpConv(shape) => 9 * i64::from(shape.inputs),
        }
    }

    /// Whether the shape makes sense by itself.
    pub(super) fn check(self) -> Result<(), LayerError> {
        match self {
            Self::Dense(shape) => shape.check(),
            Self::UpConv(shape) => shape.check(),
        }
    }

    /// Values in, of a shape that [`Self::check`] accepts.
    pub(super) fn inputs(self) -> usize {
        match self {
            Self::Dense(shape) => shape.inputs.into(),
            Self::UpConv(shape) => shape.positions() * usize::from(shape.inputs),
        }
    }

    /// Values out, of a shape that [`Self::check`] accepts.
    pub(super) fn outputs(self) -> usize {
        match self {
            Self::Dense(shape) => shape.outputs.into(),
            Self::UpConv(shape) => 4 * shape.positions() * usize::from(shape.outputs),
        }
    }
}

impl<'a> Layer<'a> {
    /// A layer of these numbers, whose shape [`LayerShape::check`] accepts.
    pub(super) const fn new(shape: LayerShape, numbers: Numbers<'a>) -> Self {
        match shape {
            LayerShape::Dense(shape) => Self::Dense(Dense::new(shape, numbers)),
            LayerShape::UpConv(shape) => Self::UpConv(UpConv::new(shape, numbers)),
        }
    }

    /// Its shape, as the file says it.
    pub const fn shape(&self) -> LayerShape {
        match self {
            Self::Dense(layer) => LayerShape::Dense(layer.shape()),
            Self::UpConv(layer) => LayerShape::UpConv(layer.shape()),
        }
    }

    /// Values in.
    pub fn inputs(&self) -> usize {
        self.shape().inputs()
    }

    /// Values out.
    pub fn outputs(&self) -> usize {
        self.shape().outputs()
    }

    /// What ends it.
    pub const fn activation(&self) -> Activation {
        self.shape().activation()
    }

    /// Bytes of activations that it reads and that it writes; the last layer writes pixels instead.
    pub(crate) fn scratch(&self) -> (usize, usize) {
        let written = match self.activation() {
            Activation::Relu => self.outputs(),
            Activation::Sigmoid => 0,
        };
        (self.inputs(), written)
    }

    /// Multiply-accumulate operations of one digit: the products that a kernel has to make, were no input 0.
    pub fn macs(&self) -> u64 {
        match self {
            Self::Dense(layer) => layer.shape().weights(),
            Self::UpConv(layer) => layer.shape().weights() * layer.shape().positions() as u64,
        }
    }
}

impl fmt::Display for LayerShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dense(shape) => shape.fmt(f),
            Self::UpConv(shape) => shape.fmt(f),
        }
    }
}
