//! Colors for grayscale images, and palettes.

use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
};

use super::{Dither, Scaling, Theme, dither::div_255};

/// Color of a display that grayscale images can be drawn with.
pub trait GrayscaleColor: PixelColor {
    /// Number of distinguishable gray levels, 2 to 256.
    const LEVELS: u16;
    /// Themes to choose from, the default first.
    const THEMES: &'static [Theme];

    /// Returns the color nearest to red, green and blue of 0 to 255.
    fn nearest(rgb: [u8; 3]) -> Self;
}

/// Color gradient from background to foreground: three stops, linearly interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Red, green and blue of the gray levels 0, 127.5 and 255.
    pub stops: [[u8; 3]; 3],
}

impl Palette {
    /// White on black.
    pub const WHITE_ON_BLACK: Self = Self {
        stops: [[0; 3], [128; 3], [255; 3]],
    };
    /// Black on white.
    pub const BLACK_ON_WHITE: Self = Self {
        stops: [[255; 3], [127; 3], [0; 3]],
    };
    /// Light yellow and orange on dark red.
    pub const EMBER: Self = Self {
        stops: [[8, 0, 0], [216, 72, 0], [255, 240, 176]],
    };
    /// Light and medium blue on dark blue.
    pub const FROST: Self = Self {
        stops: [[0, 8, 40], [24, 120, 200], [232, 252, 255]],
    };

    /// Returns the color of a gray level of `C`.
    pub(super) fn color<C: GrayscaleColor>(&self, gray: u8) -> C {
        let [background, middle, foreground] = self.stops;
        let (from, to, t) = if gray < 128 {
            (background, middle, gray)
        } else {
            (middle, foreground, gray - 127)
        };
        let mut rgb = from;
        for (value, to) in rgb.iter_mut().zip(to) {
            *value = interpolate(*value, to, t);
        }
        C::nearest(rgb)
    }
}

/// Returns `from + (to - from) * t / 128`.
fn interpolate(from: u8, to: u8, t: u8) -> u8 {
    let step = ((i32::from(to) - i32::from(from)) * i32::from(t)) >> 7;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between two bytes"
    )]
    let value = (i32::from(from) + step) as u8;
    value
}

/// Returns the luma of red, green and blue (ITU-R BT.601 weights in units of 1/256).
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    #[expect(clippy::cast_possible_truncation, reason = "the weights add up to 256")]
    let luma = (sum >> 8) as u8;
    luma
}

/// Returns the level, 0 to `last`, that is nearest to a value of 0 to 255.
fn level(value: u8, last: u8) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "no more than `last`")]
    let level = div_255(u32::from(value) * u32::from(last) + 127) as u8;
    level
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            palette: Palette::WHITE_ON_BLACK,
            dither: Dither::None,
            scaling: Scaling::Bilinear,
        }
    }
}

const WHITE_ON_BLACK: Theme = Theme {
    palette: Palette::WHITE_ON_BLACK,
    dither: Dither::None,
    scaling: Scaling::Bilinear,
};
const BLACK_ON_WHITE: Theme = Theme {
    palette: Palette::BLACK_ON_WHITE,
    ..WHITE_ON_BLACK
};
const INTEGER: Theme = Theme {
    scaling: Scaling::Integer,
    ..WHITE_ON_BLACK
};

impl GrayscaleColor for Gray8 {
    const LEVELS: u16 = 256;
    const THEMES: &'static [Theme] = &[WHITE_ON_BLACK, INTEGER, BLACK_ON_WHITE];

    fn nearest(rgb: [u8; 3]) -> Self {
        Self::new(luma(rgb))
    }
}

impl GrayscaleColor for Gray4 {
    const LEVELS: u16 = 16;
    const THEMES: &'static [Theme] = &[WHITE_ON_BLACK, INTEGER, BLACK_ON_WHITE];

    fn nearest(rgb: [u8; 3]) -> Self {
        Self::new(level(luma(rgb), 15))
    }
}

impl GrayscaleColor for Rgb565 {
    const LEVELS: u16 = 256;
    const THEMES: &'static [Theme] = &[
        WHITE_ON_BLACK,
        Theme {
            palette: Palette::EMBER,
            ..WHITE_ON_BLACK
        },
        Theme {
            palette: Palette::FROST,
            ..WHITE_ON_BLACK
        },
        BLACK_ON_WHITE,
        INTEGER,
    ];

    fn nearest([red, green, blue]: [u8; 3]) -> Self {
        Self::new(level(red, 31), level(green, 63), level(blue, 31))
    }
}

impl GrayscaleColor for BinaryColor {
    const LEVELS: u16 = 2;
    const THEMES: &'static [Theme] = &[
        Theme {
            dither: Dither::Ordered,
            ..WHITE_ON_BLACK
        },
        Theme {
            dither: Dither::FloydSteinberg,
            ..WHITE_ON_BLACK
        },
        WHITE_ON_BLACK,
        Theme {
            dither: Dither::FloydSteinberg,
            ..BLACK_ON_WHITE
        },
    ];

    fn nearest(rgb: [u8; 3]) -> Self {
        (luma(rgb) > 127).into()
    }
}
