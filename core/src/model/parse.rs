//! Parsing: reads a model file in place and proves that running the model is safe.

use heapless::Vec;

use super::{
    Model,
    description::{Description, MAX_CLASSES, MAX_LATENT, Metadata},
    error::ParseError,
    layout::{ALIGNMENT, CRC_LEN, FORMAT_VERSION, HEADER_LEN, MAGIC},
};
use crate::{
    crc32::crc32,
    layers::{Column, Layer, LayerError, LayerShape, Parameters, ParametersError},
};

impl<'a> Model<'a> {
    /// Parses and validates a model file. The model borrows from `file`.
    ///
    /// Any bytes are safe to pass. On Armv6-M and 32-bit RISC-V the file must lie on a multiple of four;
    /// [`crate::include_model!`] places it there.
    ///
    /// # Errors
    /// [`ParseError`] names the first fault. `docs/model-format.md`, section 2, lists the checks.
    pub fn parse(file: &'a [u8]) -> Result<Self, ParseError> {
        if !file.as_ptr().addr().is_multiple_of(align_of::<Column>()) {
            return Err(ParseError::Alignment);
        }
        let (description, mut data, crc32) = sections(file)?;
        check_metadata(&description.metadata)?;
        let shapes = description.layers.iter();
        let needed: u64 = shapes.map(|&shape| Parameters::file_bytes(shape)).sum();
        let expected = usize::try_from(needed).unwrap_or(usize::MAX);
        let wrong_data = ParseError::Data {
            expected,
            found: data.len(),
        };
        if expected != data.len() {
            return Err(wrong_data);
        }
        let Metadata {
            latent,
            class_count,
            ..
        } = description.metadata;
        let mut width = usize::from(latent.len) + usize::from(class_count);
        let mut layers = Vec::new();
        let last = description
            .layers
            .len()
            .checked_sub(1)
            .ok_or(ParseError::NoLayers)?;
        for (index, &shape) in description.layers.iter().enumerate() {
            let layer =
                layer(shape, width, index == last, &mut data).map_err(|fault| match fault {
                    Fault::Layer(error) => ParseError::Layer { index, error },
                    Fault::Parameters(ParametersError::Truncated) => wrong_data,
                    Fault::Parameters(ParametersError::Alignment) => ParseError::Alignment,
                    Fault::Parameters(ParametersError::Padding) => ParseError::Padding,
                })?;
            width = layer.outputs();
            layers.push(layer).map_err(|_| ParseError::Description)?;
        }
        Ok(Self {
            metadata: description.metadata,
            layers,
            file_len: file.len(),
            crc32,
        })
    }
}

impl<'a> Model<'a> {
    /// Parses and validates the model file at the start of `bytes`, such as a region of flash memory that is longer than the
    /// file. The bytes after the file are ignored.
    ///
    /// ```
    /// # use thumbgan_core::{Model, include_model};
    /// static MODEL: &[u8] = include_model!("../../models/digits-nano.tgan");
    ///
    /// let mut region = [0xff; 16 * 1024];
    /// region[..MODEL.len()].copy_from_slice(MODEL);
    /// assert_eq!(Model::parse_prefix(&region)?.file_len(), MODEL.len());
    /// # Ok::<(), thumbgan_core::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Self::parse`].
    pub fn parse_prefix(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let file = stated_len(bytes).and_then(|len| bytes.get(..len));
        Self::parse(file.unwrap_or(bytes))
    }
}

/// Returns the length of a file according to its header; `None` without a header of this format version.
fn stated_len(bytes: &[u8]) -> Option<usize> {
    let (magic, rest) = bytes.split_first_chunk()?;
    let (version, rest) = rest.split_first_chunk()?;
    let (description_len, rest) = rest.split_first_chunk()?;
    let (data_len, _) = rest.split_first_chunk()?;
    let is_known = *magic == MAGIC && u16::from_le_bytes(*version) == FORMAT_VERSION;
    is_known.then_some(file_len(*description_len, *data_len))
}

/// Returns the length of a file with these header fields.
fn file_len(description_len: [u8; 2], data_len: [u8; 4]) -> usize {
    let padded = usize::from(u16::from_le_bytes(description_len)).next_multiple_of(ALIGNMENT);
    let data_len = u32::from_le_bytes(data_len) as usize;
    data_len.saturating_add(HEADER_LEN + padded + CRC_LEN)
}

/// Fault of one layer.
enum Fault {
    Layer(LayerError),
    Parameters(ParametersError),
}

/// Validates a layer between `width` preceding values and, for the `last` one, the pixels, and splits its parameters off `data`.
fn layer<'a>(
    shape: LayerShape,
    width: usize,
    last: bool,
    data: &mut &'a [u8],
) -> Result<Layer<'a>, Fault> {
    shape.check(width, last).map_err(Fault::Layer)?;
    let parameters = Parameters::take(shape, data).map_err(Fault::Parameters)?;
    if parameters.accumulators_fit(shape.fan_in()) {
        Ok(Layer::new(shape, parameters))
    } else {
        Err(Fault::Layer(LayerError::Overflow))
    }
}

/// Checks the lengths of latent, classes and class names.
fn check_metadata(metadata: &Metadata<'_>) -> Result<(), ParseError> {
    let Metadata {
        latent,
        class_count,
        class_names,
        ..
    } = metadata;
    if !(1..=MAX_LATENT).contains(&latent.len.into()) {
        return Err(ParseError::Latent { found: latent.len });
    }
    if usize::from(*class_count) > MAX_CLASSES {
        return Err(ParseError::Classes {
            found: *class_count,
        });
    }
    let found = class_names.lines().count();
    if found != 0 && found != usize::from(*class_count) {
        return Err(ParseError::ClassNames {
            class_count: *class_count,
            found,
        });
    }
    Ok(())
}

/// Splits a file into description, data and CRC-32, and checks lengths, padding and checksum.
fn sections(file: &[u8]) -> Result<(Description<'_>, &[u8], u32), ParseError> {
    let truncated = |expected| ParseError::Truncated {
        expected,
        found: file.len(),
    };
    let short = || truncated(HEADER_LEN + CRC_LEN);
    let (magic, rest) = file.split_first_chunk().ok_or_else(short)?;
    if *magic != MAGIC {
        return Err(ParseError::Magic);
    }
    let (version, rest) = rest.split_first_chunk().ok_or_else(short)?;
    let found = u16::from_le_bytes(*version);
    if found != FORMAT_VERSION {
        return Err(ParseError::Version {
            found,
            supported: FORMAT_VERSION,
        });
    }
    let (description_len, rest) = rest.split_first_chunk().ok_or_else(short)?;
    let (data_len, rest) = rest.split_first_chunk().ok_or_else(short)?;
    let expected = file_len(*description_len, *data_len);
    let description_len = usize::from(u16::from_le_bytes(*description_len));
    let padded = description_len.next_multiple_of(ALIGNMENT);
    let data_len = u32::from_le_bytes(*data_len) as usize;
    if file.len() > expected {
        return Err(ParseError::TrailingBytes {
            extra: file.len() - expected,
        });
    }
    let (payload, stored) = rest.split_last_chunk().ok_or_else(|| truncated(expected))?;
    let (description, data) = payload
        .split_at_checked(padded)
        .ok_or_else(|| truncated(expected))?;
    if data.len() != data_len {
        return Err(truncated(expected));
    }
    let stored = u32::from_le_bytes(*stored);
    let computed = file
        .split_last_chunk::<CRC_LEN>()
        .map_or(0, |(checked, _)| crc32(checked));
    if stored != computed {
        return Err(ParseError::Crc { stored, computed });
    }
    let (description, padding) = description
        .split_at_checked(description_len)
        .ok_or(ParseError::Description)?;
    if padding.iter().any(|&byte| byte != 0) {
        return Err(ParseError::Padding);
    }
    Ok((decode(description)?, data, stored))
}

/// Decodes the description. Varints must have their shortest form, so that a description has exactly one encoding.
fn decode(bytes: &[u8]) -> Result<Description<'_>, ParseError> {
    let (description, rest) =
        postcard::take_from_bytes(bytes).map_err(|_| ParseError::Description)?;
    let size = postcard::ser_flavors::Size::default();
    let canonical_len =
        postcard::serialize_with_flavor(&description, size).map_err(|_| ParseError::Description)?;
    if rest.is_empty() && canonical_len == bytes.len() {
        Ok(description)
    } else {
        Err(ParseError::Description)
    }
}
