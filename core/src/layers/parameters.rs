//! Parameters of a layer, read in place from the model file.

use bytemuck::{Pod, Zeroable};

use super::LayerShape;
use crate::arithmetic::{INT8_MAX, Scale, relu, sigmoid};

/// Rows of a tile of weights.
pub(crate) const TILE_ROWS: u32 = 4;

/// Weights of the four rows of a tile for one input (`docs/model-format.md`, section 4). The kernels load it as a
/// word, so the type has the alignment that the target's word loads require.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[cfg_attr(any(kernel = "mul-rv32", kernel = "mul-v6"), repr(align(4)))]
pub(crate) struct Column(pub(crate) [u8; TILE_ROWS as usize]);

/// Bias as the file stores it. The alignment of the weights extends to it.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
#[cfg_attr(any(kernel = "mul-rv32", kernel = "mul-v6"), repr(align(4)))]
struct Bias([u8; 4]);

/// Multiplier as the file stores it.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
#[cfg_attr(any(kernel = "mul-rv32", kernel = "mul-v6"), repr(align(2)))]
struct Multiplier([u8; 2]);

/// Weights, biases and multipliers of one layer. Each section starts at a multiple of four in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameters<'a> {
    /// Columns of all inputs, tile by tile.
    pub(super) weights: &'a [Column],
    biases: &'a [Bias],
    multipliers: &'a [Multiplier],
}

/// Biases, multipliers and shift of a layer's channels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Channels<'a> {
    biases: &'a [Bias],
    multipliers: &'a [Multiplier],
    shift: u8,
}

/// Bias and requantization of one channel.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requantizer {
    bias: i32,
    scale: Scale,
}

/// Fault in the parameter sections of a layer.
pub(crate) enum ParametersError {
    /// Too few bytes.
    Truncated,
    /// Weights at an address that the target cannot load words from.
    Alignment,
    /// Padding, or a filler row of the last tile, that is not zero.
    Padding,
}

impl<'a> Channels<'a> {
    /// Returns the number of channels.
    pub(crate) const fn len(self) -> usize {
        self.biases.len()
    }

    /// Iterates over the biases.
    pub(crate) fn biases(self) -> impl Iterator<Item = i32> + Clone + use<'a> {
        self.biases.iter().map(|bias| i32::from_le_bytes(bias.0))
    }

    /// Iterates over the multipliers.
    pub(crate) fn multipliers(self) -> impl Iterator<Item = u16> + Clone + use<'a> {
        self.multipliers
            .iter()
            .map(|multiplier| u16::from_le_bytes(multiplier.0))
    }

    /// Returns the channels from index `first` on.
    pub(crate) fn skip(self, first: usize) -> Self {
        let biases = self.biases.get(first..).unwrap_or_default();
        let multipliers = self.multipliers.get(first..).unwrap_or_default();
        Self {
            biases,
            multipliers,
            ..self
        }
    }

    /// Iterates over the requantizers of the channels.
    pub(crate) fn iter(self) -> impl Iterator<Item = Requantizer> + Clone + use<'a> {
        let scale = move |multiplier| Scale::new(multiplier, self.shift);
        self.biases()
            .zip(self.multipliers().map(scale))
            .map(|(bias, scale)| Requantizer { bias, scale })
    }
}

impl Requantizer {
    /// Returns the activation, 0 to 127, of a sum of products without its bias.
    #[inline]
    pub(crate) fn relu(self, sum: i32) -> i8 {
        let accumulator = sum.wrapping_add(self.bias);
        // The scale is not negative, and more than half of the accumulators are.
        if !cfg!(product = "signed-high") && accumulator < 0 {
            0
        } else {
            relu(self.scale.apply(accumulator))
        }
    }

    /// Returns the pixel, 0 to 255, of a sum of products without its bias.
    #[inline]
    pub(crate) fn sigmoid(self, sum: i32) -> u8 {
        sigmoid(self.scale.apply(sum.wrapping_add(self.bias)))
    }
}

impl<'a> Parameters<'a> {
    /// Returns the bytes of the packed weights: tiles of four rows, the last one filled up.
    const fn weight_bytes(shape: LayerShape) -> u64 {
        shape.rows().next_multiple_of(TILE_ROWS) as u64 * shape.columns() as u64
    }

    /// Returns the bytes that the parameters of a layer occupy in the file.
    pub(crate) const fn file_bytes(shape: LayerShape) -> u64 {
        let channels = shape.channels() as u64;
        Self::weight_bytes(shape) + 4 * channels + (2 * channels).next_multiple_of(4)
    }

    /// Splits the parameters of a layer off the front of `data`.
    pub(crate) fn take(shape: LayerShape, data: &mut &'a [u8]) -> Result<Self, ParametersError> {
        let parameters = Self::split(shape, data)?;
        if parameters.filler_is_zero(shape) {
            Ok(parameters)
        } else {
            Err(ParametersError::Padding)
        }
    }

    /// Splits the parameters of a layer, of any values, off the front of `data`.
    pub(crate) fn split(shape: LayerShape, data: &mut &'a [u8]) -> Result<Self, ParametersError> {
        let weight_bytes =
            usize::try_from(Self::weight_bytes(shape)).map_err(|_| ParametersError::Truncated)?;
        Ok(Self {
            weights: section(data, weight_bytes)?,
            biases: section(data, 4 * shape.channels())?,
            multipliers: section(data, 2 * shape.channels())?,
        })
    }

    /// Returns true if the rows that fill up the last tile have weight 0.
    fn filler_is_zero(&self, shape: LayerShape) -> bool {
        let used = (shape.rows() % TILE_ROWS) as usize;
        let columns = usize::from(shape.columns());
        used == 0 || {
            let last_tile = self
                .weights
                .rchunks(columns.max(1))
                .next()
                .unwrap_or_default();
            let filler = |column: &Column| {
                let rows = column.0.iter().enumerate().skip(used);
                rows.fold(true, |zero, (row, &byte)| zero && byte == pack(row, 0))
            };
            last_tile.iter().all(filler)
        }
    }

    /// Returns true if no accumulator of `fan_in` products and a bias can exceed 32 bits, for any inputs and any
    /// weights including -128. The bound is on the sum of magnitudes, so it holds for partial sums in any order.
    pub(crate) fn accumulators_fit(&self, fan_in: i64) -> bool {
        let largest = i64::from(INT8_MAX);
        let products = fan_in * largest * (largest + 1);
        self.biases.iter().all(|bias| {
            products + i64::from(i32::from_le_bytes(bias.0)).abs() <= i64::from(i32::MAX)
        })
    }

    /// Returns the channels of a layer with this right shift.
    pub(super) const fn channels(&self, shift: u8) -> Channels<'a> {
        Channels {
            biases: self.biases,
            multipliers: self.multipliers,
            shift,
        }
    }
}

/// Returns the byte that stores a weight in row `row` of a tile: even rows have 128 added.
pub(crate) const fn pack(row: usize, weight: i8) -> u8 {
    let byte = weight.cast_unsigned();
    if row.is_multiple_of(2) {
        byte.wrapping_add(128)
    } else {
        byte
    }
}

/// Returns the weight that a byte in row `row` of a tile stores.
#[cfg(feature = "encode")]
pub(crate) const fn unpack(row: usize, byte: u8) -> i8 {
    let byte = if row.is_multiple_of(2) {
        byte.wrapping_sub(128)
    } else {
        byte
    };
    byte.cast_signed()
}

/// Splits `length` bytes and their zero padding to a multiple of four off the front of `data`.
fn section<'a, T: Pod>(data: &mut &'a [u8], length: usize) -> Result<&'a [T], ParametersError> {
    let padded = length
        .checked_next_multiple_of(4)
        .ok_or(ParametersError::Truncated)?;
    let (section, rest) = data
        .split_at_checked(padded)
        .ok_or(ParametersError::Truncated)?;
    *data = rest;
    let (section, padding) = section
        .split_at_checked(length)
        .ok_or(ParametersError::Truncated)?;
    if padding.iter().all(|&byte| byte == 0) {
        bytemuck::try_cast_slice(section).map_err(|_| ParametersError::Alignment)
    } else {
        Err(ParametersError::Padding)
    }
}
