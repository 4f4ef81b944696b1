//! Nearest-neighbor upsampling by 2 and 3x3 convolution, fused into one layer.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Activation, Channels, Column, LayerError, MAX_INPUTS, Parameters};
use crate::image::GrayImage;

/// Maximum side of the input feature map: half of the image's.
pub const MAX_SIDE: u8 = {
    #[expect(clippy::cast_possible_truncation, reason = "14")]
    let half = (GrayImage::SIDE / 2) as u8;
    half
};

/// Shape and quantization of an upsampling convolution, from a feature map `[side, side, inputs]` to one of
/// `[2 side, 2 side, outputs]`, with zero padding 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UpsampleConvShape {
    /// Width and height of the input feature map, 1 to [`MAX_SIDE`].
    pub side: u8,
    /// Number of input channels, at most [`MAX_INPUTS`].
    pub inputs: u16,
    /// Number of output channels.
    pub outputs: u16,
    /// Right shift of the requantization, one of [`crate::arithmetic::SHIFTS`].
    pub shift: u8,
    /// Activation function.
    pub activation: Activation,
}

/// Upsampling convolution whose parameters are borrowed from the model file.
#[derive(Clone, Copy, Debug)]
pub struct UpsampleConv<'a> {
    shape: UpsampleConvShape,
    parameters: Parameters<'a>,
}

impl UpsampleConvShape {
    pub(super) const fn weight_count(self) -> u64 {
        9 * self.inputs as u64 * self.outputs as u64
    }

    /// Returns the number of spatial positions of the input feature map.
    pub(super) const fn positions(self) -> usize {
        self.side as usize * self.side as usize
    }

    pub(super) const fn check(self) -> Result<(), LayerError> {
        if self.inputs == 0 || self.outputs == 0 {
            return Err(LayerError::Empty);
        }
        if self.inputs as usize > MAX_INPUTS {
            return Err(LayerError::TooManyInputs { found: self.inputs });
        }
        if self.side == 0 || self.side > MAX_SIDE {
            return Err(LayerError::Side { found: self.side });
        }
        Ok(())
    }
}

impl fmt::Display for UpsampleConvShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            side,
            inputs,
            outputs,
            ..
        } = self;
        let output_side = 2 * u16::from(*side);
        write!(
            f,
            "upsampling convolution {side}x{side}x{inputs} -> {output_side}x{output_side}x{outputs}"
        )
    }
}

impl<'a> UpsampleConv<'a> {
    pub(super) const fn new(shape: UpsampleConvShape, parameters: Parameters<'a>) -> Self {
        Self { shape, parameters }
    }

    /// Returns the shape.
    #[must_use]
    pub const fn shape(&self) -> UpsampleConvShape {
        self.shape
    }

    /// Returns width and height of the input feature map.
    pub(crate) const fn side(&self) -> usize {
        self.shape.side as usize
    }

    /// Returns the number of input channels.
    pub(crate) const fn inputs(&self) -> usize {
        self.shape.inputs as usize
    }

    /// Returns the number of output channels.
    pub(crate) const fn outputs(&self) -> usize {
        self.shape.outputs as usize
    }

    /// Returns the weights: tiles of four rows, each with one column per input channel. An output channel has nine
    /// rows, one per filter tap.
    pub(crate) const fn weights(&self) -> &'a [Column] {
        self.parameters.weights
    }

    /// Returns bias and multiplier of each output channel.
    pub(crate) const fn channels(&self) -> Channels<'a> {
        self.parameters.channels(self.shape.shift)
    }
}
