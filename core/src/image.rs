//! The generated image.

use core::{array::TryFromSliceError, fmt};

use bytemuck::TransparentWrapper;

use crate::crc32::crc32;

/// 28x28 grayscale image, row by row from the top left: 0 is background, 255 is foreground.
#[derive(Clone, PartialEq, Eq, TransparentWrapper)]
#[repr(transparent)]
pub struct GrayImage([u8; GrayImage::PIXELS]);

impl GrayImage {
    /// Width and height in pixels.
    pub const SIDE: usize = 28;
    /// Number of pixels.
    pub const PIXELS: usize = Self::SIDE * Self::SIDE;

    /// Creates an image from its pixels, row by row.
    #[must_use]
    pub const fn new(pixels: [u8; Self::PIXELS]) -> Self {
        Self(pixels)
    }

    /// Returns the pixels, row by row.
    #[must_use]
    pub const fn pixels(&self) -> &[u8; Self::PIXELS] {
        &self.0
    }

    /// Returns the pixels for writing, row by row.
    pub const fn pixels_mut(&mut self) -> &mut [u8; Self::PIXELS] {
        &mut self.0
    }

    /// Returns the CRC-32 of the pixels, the fingerprint that golden vectors compare.
    #[must_use]
    pub fn crc32(&self) -> u32 {
        crc32(&self.0)
    }

    /// Views the pixels of `pixels` as an image.
    pub(crate) fn from_pixels_mut(pixels: &mut [u8; Self::PIXELS]) -> &mut Self {
        Self::wrap_mut(pixels)
    }
}

impl fmt::Debug for GrayImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GrayImage {{ crc32: {:08x} }}", self.crc32())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for GrayImage {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "GrayImage {{ crc32: {=u32:08x} }}", self.crc32());
    }
}

impl AsRef<[u8]> for GrayImage {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; Self::PIXELS]> for GrayImage {
    fn from(pixels: [u8; Self::PIXELS]) -> Self {
        Self(pixels)
    }
}

impl From<GrayImage> for [u8; GrayImage::PIXELS] {
    fn from(image: GrayImage) -> Self {
        image.0
    }
}

impl TryFrom<&[u8]> for GrayImage {
    type Error = TryFromSliceError;

    fn try_from(pixels: &[u8]) -> Result<Self, Self::Error> {
        pixels.try_into().map(Self)
    }
}
