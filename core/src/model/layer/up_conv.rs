//! The upsampling convolution.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Activation, Channels, Column, MAX_INPUTS, Numbers};
use crate::{image::SIDE, model::error::LayerError};

/// Largest side of a picture that is made twice as large: half a digit's.
pub const MAX_SIDE: u8 = {
    #[expect(clippy::cast_possible_truncation, reason = "14")]
    let half = (SIDE / 2) as u8;
    half
};

/// Shape and scaling of an upsampling convolution: a picture of `side` x `side` places of `inputs` channels is
/// made twice as large by repeating each place, then convolved 3x3 with zero padding 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpConvShape {
    /// Width and height of the picture that comes in, 1 to [`MAX_SIDE`].
    pub side: u8,
    /// Channels in, at most [`MAX_INPUTS`].
    pub inputs: u16,
    /// Channels out.
    pub outputs: u16,
    /// Right shift of the requantisation, one of [`crate::arithmetic::SHIFTS`].
    pub shift: u8,
    /// What is done to the scaled sums.
    pub activation: Activation,
}

/// An upsampling convolution whose numbers lie in the model file.
#[derive(Clone, Copy, Debug)]
pub struct UpConv<'a> {
    shape: UpConvShape,
    numbers: Numbers<'a>,
}

impl UpConvShape {
    pub(super) fn weights(self) -> u64 {
        9 * u64::from(self.inputs) * u64::from(self.outputs)
    }

    /// Places of the picture that comes in.
    pub(super) fn positions(self) -> usize {
        usize::from(self.side) * usize::from(self.side)
    }

    pub(super) fn check(self) -> Result<(), LayerError> {
        if self.inputs == 0 || self.outputs == 0 {
            return Err(LayerError::Empty);
        }
        if usize::from(self.inputs) > MAX_INPUTS {
            return Err(LayerError::TooManyInputs { found: self.inputs });
        }
        if self.side == 0 || self.side > MAX_SIDE {
            return Err(LayerError::Side { found: self.side });
        }
        Ok(())
    }
}

impl fmt::Display for UpConvShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, inputs, outputs, .. } = self;
        let large = 2 * u16::from(*side);
        write!(f, "upsampling convolution {side}x{side}x{inputs} -> {large}x{large}x{outputs}")
    }
}

impl<'a> UpConv<'a> {
    pub(super) const fn new(shape: UpConvShape, numbers: Numbers<'a>) -> Self {
        Self { shape, numbers }
    }

    /// Its shape, as the file says it.
    pub const fn shape(&self) -> UpConvShape {
        self.shape
    }

    /// Width and height of the picture that comes in.
    pub(crate) fn side(&self) -> usize {
        self.shape.side.into()
    }

    /// Channels in.
    pub(crate) fn inputs(&self) -> usize {
        self.shape.inputs.into()
    }

    /// Channels out.
    pub(crate) fn outputs(&self) -> usize {
        self.shape.outputs.into()
    }

    /// Tiles of four rows, of each the columns of all channels in; each channel out has nine rows.
    pub(crate) const fn weights(&self) -> &'a [Column] {
        self.numbers.weights
    }

    /// The channels out.
    pub(crate) const fn channels(&self) -> Channels<'a> {
        self.numbers.channels(self.shape.shift)
    }
}
