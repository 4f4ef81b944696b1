//! Quantization of 256 gray levels to the levels of a color.

use embedded_graphics::{geometry::Point, primitives::Rectangle};

use super::GrayscaleColor;

/// Maximum width in pixels of an area with error diffusion.
const WIDEST: usize = 320;

/// Dithering method for colors with fewer than 256 levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dither {
    /// No dithering: each pixel takes the nearest displayable level.
    None,
    /// Ordered dithering with the 4x4 matrix of Bayer ("An optimum method for two-level rendition of continuous-tone
    /// pictures", 1973).
    Ordered,
    /// Error diffusion (Floyd and Steinberg, "An adaptive algorithm for spatial greyscale", 1976). Areas wider than 320
    /// pixels use ordered dithering instead.
    FloydSteinberg,
}

/// Quantizer of the pixels of an area, in row-major order.
pub struct Quantizer {
    dither: Dither,
    left: i32,
    /// Errors in units of 1/16 gray level, one element to the right of their columns: before the current pixel those of the
    /// next row, from it on those of its own row.
    errors: [i16; WIDEST + 1],
    /// Error that the preceding pixel passes to this one.
    ahead: i16,
    /// Error that the preceding pixel passes to the one below this one.
    corner: i16,
}

impl Quantizer {
    /// Creates a quantizer for the pixels of `area`.
    pub fn new(dither: Dither, area: &Rectangle) -> Self {
        let narrow = usize::try_from(area.size.width).is_ok_and(|width| width <= WIDEST);
        let dither = if dither == Dither::FloydSteinberg && !narrow {
            Dither::Ordered
        } else {
            dither
        };
        Self {
            dither,
            left: area.top_left.x,
            errors: [0; WIDEST + 1],
            ahead: 0,
            corner: 0,
        }
    }

    /// Returns the gray level, among those of `C`, that is shown for `gray` at `at`. Pixels must come in row-major order.
    pub fn quantize<C: GrayscaleColor>(&mut self, gray: u8, at: Point) -> u8 {
        match self.dither {
            Dither::None => nearest_gray::<C>(gray),
            Dither::Ordered => with_bias::<C>(gray, threshold(at)),
            Dither::FloydSteinberg => self.diffuse::<C>(gray, at.x),
        }
    }

    fn diffuse<C: GrayscaleColor>(&mut self, gray: u8, x: i32) -> u8 {
        if x == self.left {
            (self.ahead, self.corner) = (0, 0);
        }
        let column = usize::try_from(x - self.left).unwrap_or_default();
        let Some([before, here]) = self
            .errors
            .get_mut(column..)
            .and_then(<[i16]>::first_chunk_mut)
        else {
            return nearest_gray::<C>(gray);
        };
        let error = (*here + self.ahead + 8) >> 4;
        #[expect(clippy::cast_sign_loss, reason = "clamped to a byte")]
        let corrected = (i16::from(gray) + error).clamp(0, 255) as u8;
        let shown = with_bias::<C>(corrected, 127);
        let rest = i16::from(corrected) - i16::from(shown);
        *before += 3 * rest;
        *here = 5 * rest + self.corner;
        (self.ahead, self.corner) = (7 * rest, rest);
        shown
    }
}

/// Returns the gray level of `C` for `gray` without dithering; each level covers equally many gray levels.
pub fn nearest_gray<C: GrayscaleColor>(gray: u8) -> u8 {
    level_gray::<C>((u32::from(gray) * u32::from(C::LEVELS)) >> 8)
}

/// Returns a gray level of `C` for `gray`: rounded down for a `bias` of 0, up for 254.
fn with_bias<C: GrayscaleColor>(gray: u8, bias: u8) -> u8 {
    level_gray::<C>(div_255(
        u32::from(gray) * u32::from(C::LEVELS - 1) + u32::from(bias),
    ))
}

/// Returns the gray level of a level of `C`.
fn level_gray<C: GrayscaleColor>(level: u32) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "the last level is 255")]
    let gray = (level * 255 / u32::from(C::LEVELS - 1)) as u8;
    gray
}

/// Returns `x / 255` for `x` below 65,535, without a division.
pub const fn div_255(x: u32) -> u32 {
    (x + 1 + (x >> 8)) >> 8
}

/// Returns the bias of ordered dithering at `at`: 6 to 246 in steps of 16.
fn threshold(at: Point) -> u8 {
    const BAYER: [[u8; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
    #[expect(
        clippy::cast_sign_loss,
        clippy::indexing_slicing,
        reason = "masked to 0..=3"
    )]
    let rank = BAYER[(at.y & 3) as usize][(at.x & 3) as usize];
    246 - rank * 16
}
