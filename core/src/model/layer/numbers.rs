//! A layer's numbers, read where they lie in the model file.

use super::LayerShape;
use crate::arithmetic::{INT8_MAX, requantise};

/// Weights, biases and multipliers of one layer; in the file each begins on a multiple of four.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Numbers<'a> {
    /// Weights: int8 in two's complement.
    pub(super) weights: &'a [u8],
    biases: &'a [[u8; 4]],
    multipliers: &'a [[u8; 2]],
}

/// What the outputs of one channel share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Channel {
    /// Where its sums begin.
    pub(crate) bias: i32,
    multiplier: u16,
    shift: u8,
}

impl Channel {
    /// A whole sum, bias included, in units of the output.
    #[inline]
    pub(crate) fn scale(self, sum: i32) -> i32 {
        requantise(sum, self.multiplier, self.shift)
    }
}

impl<'a> Numbers<'a> {
    /// Bytes that the numbers of a layer take.
    pub(in crate::model) fn bytes(shape: LayerShape) -> u64 {
        let channels = shape.channels() as u64;
        shape.weights().next_multiple_of(4) + 4 * channels + (2 * channels).next_multiple_of(4)
    }

    /// Takes a layer's numbers off the front of `data`; `None` when it is too short.
    pub(in crate::model) fn take(shape: LayerShape, data: &mut &'a [u8]) -> Option<Self> {
        let weights = section(data, usize::try_from(shape.weights()).ok()?)?;
        let (biases, _) = section(data, 4 * shape.channels())?.as_chunks();
        let (multipliers, _) = section(data, 2 * shape.channels())?.as_chunks();
        Some(Self { weights, biases, multipliers })
    }

    /// No sum of `fan_in` products and a bias leaves 32 bits, whatever the inputs. As the bound is on the
    /// products' magnitudes, nor does a sum of some of them, in any order.
    pub(in crate::model) fn sums_fit(&self, fan_in: i64) -> bool {
        let largest = i64::from(INT8_MAX);
        let products = fan_in * largest * (largest + 1);
        self.biases().all(|bias| products + i64::from(bias).abs() <= i64::from(i32::MAX))
    }

    /// The channels in order.
    pub(super) fn channels(&self, shift: u8) -> impl Iterator<Item = Channel> + Clone + use<'a> {
        let multipliers = self.multipliers.iter().map(|&bytes| u16::from_le_bytes(bytes));
        self.biases().zip(multipliers).map(move |(bias, multiplier)| Channel { bias, multiplier, shift })
    }

    fn biases(&self) -> impl Iterator<Item = i32> + Clone + use<'a> {
        self.biases.iter().map(|&bytes| i32::from_le_bytes(bytes))
    }
}

/// The first `length` bytes of `data`, which then goes on at the next multiple of four.
fn section<'a>(data: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (padded, rest) = data.split_at_checked(length.checked_next_multiple_of(4)?)?;
    *data = rest;
    padded.get(..length)
}
