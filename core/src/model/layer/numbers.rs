//! A layer's numbers, read where they lie in the model file.

use super::LayerShape;
use crate::arithmetic::{INT8_MAX, fraction, scale};

/// Weights of four rows for one input: a column of a tile (docs/model-format.md, section 4).
pub(crate) type Column = [u8; 4];

/// Weights, biases and multipliers of one layer; in the file each begins on a multiple of four.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Numbers<'a> {
    /// Tile by tile the columns of all inputs.
    pub(super) weights: &'a [Column],
    biases: &'a [[u8; 4]],
    multipliers: &'a [[u8; 2]],
}

/// What the outputs of each channel share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Channels<'a> {
    biases: &'a [[u8; 4]],
    multipliers: &'a [[u8; 2]],
    shift: u8,
}

/// What makes outputs of the sums of one channel.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scale {
    bias: i32,
    /// Multiplier and shift.
    fraction: i32,
}

impl<'a> Channels<'a> {
    /// How many there are.
    pub(crate) const fn len(self) -> usize {
        self.biases.len()
    }

    /// Those from the `first` on.
    pub(crate) fn from(self, first: usize) -> Self {
        let biases = self.biases.get(first..).unwrap_or_default();
        let multipliers = self.multipliers.get(first..).unwrap_or_default();
        Self { biases, multipliers, ..self }
    }

    /// One after the other.
    pub(crate) fn iter(self) -> impl Iterator<Item = Scale> + Clone + use<'a> {
        let multipliers = self.multipliers.iter().map(|&bytes| u16::from_le_bytes(bytes));
        let biases = self.biases.iter().map(|&bytes| i32::from_le_bytes(bytes));
        let fraction = move |multiplier| fraction(multiplier, self.shift);
        biases.zip(multipliers.map(fraction)).map(|(bias, fraction)| Scale { bias, fraction })
    }
}

impl Scale {
    /// A sum of products in units of the output; the bias comes to it here.
    #[inline]
    pub(crate) fn of(self, products: i32) -> i32 {
        scale(products.wrapping_add(self.bias), self.fraction)
    }
}

impl<'a> Numbers<'a> {
    /// Bytes that the numbers of a layer take.
    pub(in crate::model) fn bytes(shape: LayerShape) -> u64 {
        let channels = shape.channels() as u64;
        shape.packed() + 4 * channels + (2 * channels).next_multiple_of(4)
    }

    /// Takes a layer's numbers off the front of `data`; `None` when it is too short.
    pub(in crate::model) fn take(shape: LayerShape, data: &mut &'a [u8]) -> Option<Self> {
        let (weights, _) = section(data, usize::try_from(shape.packed()).ok()?)?.as_chunks();
        let (biases, _) = section(data, 4 * shape.channels())?.as_chunks();
        let (multipliers, _) = section(data, 2 * shape.channels())?.as_chunks();
        Some(Self { weights, biases, multipliers })
    }

    /// No sum of `fan_in` products and a bias leaves 32 bits, whatever the inputs. As the bound is on the
    /// products' magnitudes, nor does a sum of some of them, in any order.
    pub(in crate::model) fn sums_fit(&self, fan_in: i64) -> bool {
        let largest = i64::from(INT8_MAX);
        let products = fan_in * largest * (largest + 1);
        self.biases
            .iter()
            .all(|&bias| products + i64::from(i32::from_le_bytes(bias)).abs() <= i64::from(i32::MAX))
    }

    /// The channels, of a layer that shifts so far.
    pub(super) const fn channels(&self, shift: u8) -> Channels<'a> {
        Channels { biases: self.biases, multipliers: self.multipliers, shift }
    }
}

/// The first `length` bytes of `data`, which then goes on at the next multiple of four.
fn section<'a>(data: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (padded, rest) = data.split_at_checked(length.checked_next_multiple_of(4)?)?;
    *data = rest;
    padded.get(..length)
}
