//! Colours that greys can be shown in, and the palettes that say which.

use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
};

use super::{Dither, Look, Scaling, dither::over_255};

/// A colour that greys can be shown in.
pub trait Ink: PixelColor {
    /// How many greys it tells apart, 2 to 256.
    const LEVELS: u16;
    /// The looks worth choosing from, the usual one first.
    const LOOKS: &'static [Look];

    /// The nearest colour to red, green and blue of 0 to 255.
    fn nearest(rgb: [u8; 3]) -> Self;
}

/// Colours from paper to ink: three stops, and straight lines between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Red, green and blue of paper, of half grey and of ink.
    pub stops: [[u8; 3]; 3],
}

impl Palette {
    /// White on black.
    pub const NIGHT: Self = Self { stops: [[0; 3], [128; 3], [255; 3]] };
    /// Black on white.
    pub const PAPER: Self = Self { stops: [[255; 3], [127; 3], [0; 3]] };
    /// A glowing wire.
    pub const EMBER: Self = Self { stops: [[8, 0, 0], [216, 72, 0], [255, 240, 176]] };
    /// A frozen window.
    pub const FROST: Self = Self { stops: [[0, 8, 40], [24, 120, 200], [232, 252, 255]] };

    /// The colour of a grey that `C` has.
    pub(super) fn colour<C: Ink>(&self, grey: u8) -> C {
        let [paper, half, ink] = self.stops;
        let (from, to, way) = if grey < 128 { (paper, half, grey) } else { (half, ink, grey - 127) };
        let mut rgb = from;
        for (value, to) in rgb.iter_mut().zip(to) {
            *value = between(*value, to, way);
        }
        C::nearest(rgb)
    }
}

/// The value `way`/128 of the way between two.
fn between(from: u8, to: u8, way: u8) -> u8 {
    let step = ((i32::from(to) - i32::from(from)) * i32::from(way)) >> 7;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
    let value = (i32::from(from) + step) as u8;
    value
}

/// How bright red, green and blue are together (the weights of ITU-R BT.601, in 1/256).
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    #[expect(clippy::cast_possible_truncation, reason = "the weights add up to 256")]
    let luma = (sum >> 8) as u8;
    luma
}

/// The level, of 0 to `last`, that is nearest to a value of 0 to 255.
fn level(value: u8, last: u8) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "no more than `last`")]
    let level = over_255(u32::from(value) * u32::from(last) + 127) as u8;
    level
}

impl Default for Look {
    fn default() -> Self {
        Self { palette: Palette::NIGHT, dither: Dither::None, scaling: Scaling::Smooth }
    }
}

const NIGHT: Look = Look { palette: Palette::NIGHT, dither: Dither::None, scaling: Scaling::Smooth };
const PAPER: Look = Look { palette: Palette::PAPER, ..NIGHT };
const BLOCKS: Look = Look { scaling: Scaling::Blocks, ..NIGHT };

impl Ink for Gray8 {
    const LEVELS: u16 = 256;
    const LOOKS: &'static [Look] = &[NIGHT, BLOCKS, PAPER];

    fn nearest(rgb: [u8; 3]) -> Self {
        Self::new(luma(rgb))
    }
}

impl Ink for Gray4 {
    const LEVELS: u16 = 16;
    const LOOKS: &'static [Look] = &[NIGHT, BLOCKS, PAPER];

    fn nearest(rgb: [u8; 3]) -> Self {
        Self::new(level(luma(rgb), 15))
    }
}

impl Ink for Rgb565 {
    const LEVELS: u16 = 256;
    const LOOKS: &'static [Look] = &[
        NIGHT,
        Look { palette: Palette::EMBER, ..NIGHT },
        Look { palette: Palette::FROST, ..NIGHT },
        PAPER,
        BLOCKS,
    ];

    fn nearest([red, green, blue]: [u8; 3]) -> Self {
        Self::new(level(red, 31), level(green, 63), level(blue, 31))
    }
}

impl Ink for BinaryColor {
    const LEVELS: u16 = 2;
    const LOOKS: &'static [Look] = &[
        Look { dither: Dither::Ordered, ..NIGHT },
        Look { dither: Dither::FloydSteinberg, ..NIGHT },
        NIGHT,
        Look { dither: Dither::FloydSteinberg, ..PAPER },
    ];

    fn nearest(rgb: [u8; 3]) -> Self {
        (luma(rgb) > 127).into()
    }
}
