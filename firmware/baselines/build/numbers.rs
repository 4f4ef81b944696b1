//! A dense layer's numbers as the model file has them (docs/model-format.md, section 4).

use anyhow::{Context, Result};
use thumbgan_core::model::DenseShape;

/// Weights, biases and multipliers of a dense layer.
#[derive(Debug)]
pub struct Numbers<'a> {
    /// What the model's description says of the layer.
    pub shape: DenseShape,
    tiles: &'a [u8],
    biases: &'a [[u8; 4]],
    multipliers: &'a [[u8; 2]],
}

/// The numbers of a model file's layers, which follow its description.
///
/// # Errors
/// When the file ends before them.
pub fn data(file: &[u8]) -> Result<&[u8]> {
    let data = || {
        let description = u16::from_le_bytes(file.get(6..8)?.try_into().ok()?);
        file.get(12 + usize::from(description).next_multiple_of(4)..)
    };
    data().context("the description's length, at byte 6, is more than the file has")
}

impl<'a> Numbers<'a> {
    /// Takes a layer's numbers off the front of `data`.
    ///
    /// # Errors
    /// When `data` is too short for them.
    pub fn take(shape: DenseShape, data: &mut &'a [u8]) -> Result<Self> {
        let rows = usize::from(shape.outputs).next_multiple_of(4);
        let channels = usize::from(shape.channels);
        let mut section = |bytes: usize| {
            data.split_off(..bytes.next_multiple_of(4)).with_context(|| format!("{shape}: too few data"))
        };
        Ok(Self {
            shape,
            tiles: section(rows * usize::from(shape.inputs))?,
            biases: section(4 * channels)?.as_chunks().0,
            multipliers: section(2 * channels)?.as_chunks().0,
        })
    }

    /// The weight between an input and an output, in units of the output for one of the input.
    pub fn weight(&self, output: usize, input: usize) -> f64 {
        let column = output / 4 * usize::from(self.shape.inputs) + input;
        let byte = self.tiles[4 * column + output % 4];
        let weight = if output.is_multiple_of(2) { byte.wrapping_sub(128) } else { byte };
        f64::from(weight.cast_signed()) * self.multiplier(output)
    }

    /// The bias of an output, in units of the output.
    pub fn bias(&self, output: usize) -> f64 {
        f64::from(i32::from_le_bytes(self.biases[self.channel(output)])) * self.multiplier(output)
    }

    fn multiplier(&self, output: usize) -> f64 {
        let multiplier = u16::from_le_bytes(self.multipliers[self.channel(output)]);
        f64::from(multiplier) / 2_f64.powi(self.shape.shift.into())
    }

    fn channel(&self, output: usize) -> usize {
        output % usize::from(self.shape.channels)
    }
}
