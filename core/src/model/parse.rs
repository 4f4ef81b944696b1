//! Reading a model file in place, and the proof that running it is safe.

use core::num::NonZeroU16;

use heapless::Vec;

use super::{
    Model, crc32,
    error::{LayerError, ModelError},
    format::{Activation, DenseShape, Description, FORMAT_VERSION, HEADER, LayerShape, MAGIC, TRAILER},
};
use crate::{
    arithmetic::{INT8_MAX, SHIFTS},
    image::PIXELS,
};

/// A dense layer whose weights lie in the model file.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a> {
    inputs: NonZeroU16,
    outputs: NonZeroU16,
    shift: u8,
    activation: Activation,
    weights: &'a [u8],
    biases: &'a [u8],
    multipliers: &'a [u8],
}

impl<'a> Dense<'a> {
    /// Values in.
    pub fn inputs(&self) -> usize {
        usize::from(self.inputs.get())
    }

    /// Values out.
    pub fn outputs(&self) -> usize {
        usize::from(self.outputs.get())
    }

    /// What ends the layer.
    pub const fn activation(&self) -> Activation {
        self.activation
    }

    /// Shift of the requantisation.
    pub(crate) const fn shift(&self) -> u8 {
        self.shift
    }

    /// For each output its weights, bias and multiplier.
    pub(crate) fn rows(
        &self,
    ) -> impl Iterator<Item = (impl Iterator<Item = i8> + use<'a>, i32, u16)> + use<'a> {
        let weights = self.weights.chunks_exact(self.inputs());
        let (biases, _) = self.biases.as_chunks();
        let (multipliers, _) = self.multipliers.as_chunks();
        weights.zip(biases).zip(multipliers).map(|((weights, bias), multiplier)| {
            let weights = weights.iter().map(|&weight| weight.cast_signed());
            (weights, i32::from_le_bytes(*bias), u16::from_le_bytes(*multiplier))
        })
    }

    /// No sum of this layer leaves 32 bits, whatever its inputs.
    fn sums_fit(&self) -> bool {
        let largest = i64::from(INT8_MAX);
        let products = i64::from(self.inputs.get()) * largest * (largest + 1);
        self.rows().all(|(_, bias, _)| products + i64::from(bias).abs() <= i64::from(i32::MAX))
    }
}

impl<'a> Model<'a> {
    /// Checks a model file from first to last byte; the model then borrows from it.
    ///
    /// # Errors
    /// [`ModelError`] says what is wrong. Bytes from anywhere are safe to pass.
    pub fn parse(file: &'a [u8]) -> Result<Self, ModelError> {
        let (description, mut data, crc) = sections(file)?;
        if description.latent.length == 0 {
            return Err(ModelError::Latent);
        }
        let expected = description
            .layers
            .iter()
            .map(|LayerShape::Dense(shape)| {
                shape.weights_len() + shape.biases_len() + shape.multipliers_len()
            })
            .fold(0, usize::saturating_add);
        let wrong_data = ModelError::Data { expected, found: data.len() };
        if expected != data.len() {
            return Err(wrong_data);
        }
        let mut width = usize::from(description.latent.length) + usize::from(description.classes);
        let mut layers = Vec::new();
        let last = description.layers.len().checked_sub(1).ok_or(ModelError::NoLayers)?;
        for (index, LayerShape::Dense(shape)) in description.layers.iter().enumerate() {
            let fault = |error| ModelError::Layer { index, error };
            check(*shape, width, index == last).map_err(fault)?;
            let layer = borrow(*shape, &mut data).ok_or(wrong_data)?;
            if !layer.sums_fit() {
                return Err(fault(LayerError::Overflow));
            }
            width = layer.outputs();
            layers.push(layer).map_err(|_| ModelError::Description)?;
        }
        Ok(Self {
            name: description.name,
            classes: description.classes,
            latent: description.latent,
            provenance: description.provenance,
            layers,
            bytes: file.len(),
            crc,
        })
    }
}

/// Splits a file into description, data and CRC, all of them checked against header and CRC.
fn sections(file: &[u8]) -> Result<(Description<'_>, &[u8], u32), ModelError> {
    let short = |expected| ModelError::Truncated { expected, found: file.len() };
    let (magic, rest) = file.split_first_chunk().ok_or(short(HEADER + TRAILER))?;
    if *magic != MAGIC {
        return Err(ModelError::Magic);
    }
    let (version, rest) = rest.split_first_chunk().ok_or(short(HEADER + TRAILER))?;
    let found = u16::from_le_bytes(*version);
    if found != FORMAT_VERSION {
        return Err(ModelError::Version { found, supported: FORMAT_VERSION });
    }
    let (description_len, rest) = rest.split_first_chunk().ok_or(short(HEADER + TRAILER))?;
    let (data_len, rest) = rest.split_first_chunk().ok_or(short(HEADER + TRAILER))?;
    let description_len = usize::from(u16::from_le_bytes(*description_len));
    let padded = description_len.next_multiple_of(4);
    let data_len = u32::from_le_bytes(*data_len) as usize;
    let expected = data_len.saturating_add(HEADER + padded + TRAILER);
    if file.len() > expected {
        return Err(ModelError::TrailingBytes { extra: file.len() - expected });
    }
    let (payload, stored) = rest.split_last_chunk().ok_or(short(expected))?;
    let (description, data) = payload.split_at_checked(padded).ok_or(short(expected))?;
    if data.len() != data_len {
        return Err(short(expected));
    }
    let stored = u32::from_le_bytes(*stored);
    let computed = file.split_last_chunk::<TRAILER>().map_or(0, |(checked, _)| crc32(checked));
    if stored != computed {
        return Err(ModelError::Crc { stored, computed });
    }
    let description = description.get(..description_len).ok_or(ModelError::Description)?;
    match postcard::take_from_bytes(description) {
        Ok((description, [])) => Ok((description, data, stored)),
        _ => Err(ModelError::Description),
    }
}

/// What a layer's shape must fulfil between `width` inputs and, for the last, the pixels.
fn check(shape: DenseShape, width: usize, last: bool) -> Result<(), LayerError> {
    let (inputs, outputs) = (usize::from(shape.inputs), usize::from(shape.outputs));
    if inputs == 0 || outputs == 0 {
        return Err(LayerError::Empty);
    }
    if inputs != width {
        return Err(LayerError::Inputs { expected: width, found: inputs });
    }
    if last != (shape.activation == Activation::Sigmoid) {
        return Err(LayerError::Activation);
    }
    if last && outputs != PIXELS {
        return Err(LayerError::Pixels { found: outputs });
    }
    if !SHIFTS.contains(&shape.shift) {
        return Err(LayerError::Shift { found: shape.shift });
    }
    Ok(())
}

/// Takes one layer's weights, biases and multipliers off the front of `data`.
fn borrow<'a>(shape: DenseShape, data: &mut &'a [u8]) -> Option<Dense<'a>> {
    let mut take = |length| {
        let (front, rest) = data.split_at_checked(length)?;
        *data = rest;
        Some(front)
    };
    Some(Dense {
        inputs: NonZeroU16::new(shape.inputs)?,
        outputs: NonZeroU16::new(shape.outputs)?,
        shift: shape.shift,
        activation: shape.activation,
        weights: take(shape.weights_len())?,
        biases: take(shape.biases_len())?,
        multipliers: take(shape.multipliers_len())?,
    })
}
