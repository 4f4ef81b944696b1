//! Reading a model file in place, and the proof that running it is safe.

use heapless::Vec;

use super::{
    Model, crc32,
    error::{LayerError, ModelError},
    format::{Description, FORMAT_VERSION, HEADER, MAGIC, MAX_CLASSES, MAX_LATENT, TRAILER},
    layer::{Activation, Layer, LayerShape, Numbers},
};
use crate::{arithmetic::SHIFTS, image::PIXELS};

impl<'a> Model<'a> {
    /// Checks a model file from first to last byte; the model then borrows from it.
    ///
    /// # Errors
    /// [`ModelError`] says what is wrong. Bytes from anywhere are safe to pass.
    pub fn parse(file: &'a [u8]) -> Result<Self, ModelError> {
        // The other kernels load words from any address.
        if cfg!(kernels = "mul-v6") && !file.as_ptr().addr().is_multiple_of(4) {
            return Err(ModelError::Alignment);
        }
        let (description, mut data, crc) = sections(file)?;
        let length = description.latent.length;
        if !(1..=MAX_LATENT).contains(&length.into()) {
            return Err(ModelError::Latent { found: length });
        }
        names(description.classes, description.class_names)?;
        let needed: u64 = description.layers.iter().map(|&shape| Numbers::bytes(shape)).sum();
        let expected = usize::try_from(needed).unwrap_or(usize::MAX);
        let wrong_data = ModelError::Data { expected, found: data.len() };
        if expected != data.len() {
            return Err(wrong_data);
        }
        let mut width = usize::from(length) + usize::from(description.classes);
        let mut layers = Vec::new();
        let last = description.layers.len().checked_sub(1).ok_or(ModelError::NoLayers)?;
        for (index, &shape) in description.layers.iter().enumerate() {
            let fault = |error| ModelError::Layer { index, error };
            check(shape, width, index == last).map_err(fault)?;
            let numbers = Numbers::take(shape, &mut data).ok_or(wrong_data)?;
            if !numbers.sums_fit(shape.fan_in()) {
                return Err(fault(LayerError::Overflow));
            }
            let layer = Layer::new(shape, numbers);
            width = layer.outputs();
            layers.push(layer).map_err(|_| ModelError::Description)?;
        }
        Ok(Self {
            name: description.name,
            classes: description.classes,
            class_names: description.class_names,
            latent: description.latent,
            provenance: description.provenance,
            layers,
            bytes: file.len(),
            crc,
        })
    }
}

/// Refuses too many classes, and names that are not one for each.
fn names(classes: u8, names: &str) -> Result<(), ModelError> {
    if usize::from(classes) > MAX_CLASSES {
        return Err(ModelError::Classes { found: classes });
    }
    let found = names.lines().count();
    if found != 0 && found != usize::from(classes) {
        return Err(ModelError::ClassNames { classes, found });
    }
    Ok(())
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
fn check(shape: LayerShape, width: usize, last: bool) -> Result<(), LayerError> {
    shape.check()?;
    let (inputs, outputs) = (shape.inputs(), shape.outputs());
    if inputs != width {
        return Err(LayerError::Inputs { expected: width, found: inputs });
    }
    if last != (shape.activation() == Activation::Sigmoid) {
        return Err(LayerError::Activation);
    }
    if last && outputs != PIXELS {
        return Err(LayerError::Pixels { found: outputs });
    }
    if !SHIFTS.contains(&shape.shift()) {
        return Err(LayerError::Shift { found: shape.shift() });
    }
    Ok(())
}
