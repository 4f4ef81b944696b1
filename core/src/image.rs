//! A generated digit: 28x28 greys.

use crate::model::crc32;

/// Width and height of a digit in pixels.
pub const SIDE: usize = 28;
/// Pixels of a digit.
pub const PIXELS: usize = SIDE * SIDE;

/// 28x28 greys, row by row from the top left: 0 is paper, 255 is ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digit([u8; PIXELS]);

impl Digit {
    /// A digit of these pixels.
    pub const fn new(pixels: [u8; PIXELS]) -> Self {
        Self(pixels)
    }

    /// The greys, row by row.
    pub const fn pixels(&self) -> &[u8; PIXELS] {
        &self.0
    }

    /// The greys, row by row, to be written.
    pub const fn pixels_mut(&mut self) -> &mut [u8; PIXELS] {
        &mut self.0
    }

    /// CRC-32 of the pixels: what golden vectors compare.
    pub fn crc32(&self) -> u32 {
        crc32(&self.0)
    }
}
