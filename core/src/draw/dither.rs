//! From 256 greys to the few of a colour.

use embedded_graphics::{geometry::Point, primitives::Rectangle};

use super::Ink;

/// Widest area, in pixels, that [`Dither::FloydSteinberg`] has memory for.
const WIDEST: usize = 320;

/// How a colour of few levels shows the greys between them. It changes nothing for one of 256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dither {
    /// Not at all.
    None,
    /// By the 4x4 matrix of Bayer ("An optimum method for two-level rendition of continuous-tone pictures",
    /// 1973).
    Ordered,
    /// By handing each pixel's error on to its neighbours (Floyd and Steinberg, "An adaptive algorithm for
    /// spatial greyscale", 1976). Areas wider than 320 pixels are dithered in order instead.
    FloydSteinberg,
}

/// Turns the greys of an area, row by row, into those that a colour has.
pub struct Quantiser {
    dither: Dither,
    left: i32,
    /// Errors in 1/16 grey, one place further right than their columns: before the current pixel those of the
    /// next row, from it on those of its own.
    errors: [i16; WIDEST + 1],
    /// What the pixel before hands to this one, and to the one below this one.
    ahead: i16,
    corner: i16,
}

impl Quantiser {
    /// For the pixels of `area`.
    pub fn new(dither: Dither, area: &Rectangle) -> Self {
        let narrow = usize::try_from(area.size.width).is_ok_and(|width| width <= WIDEST);
        let dither = if dither == Dither::FloydSteinberg && !narrow { Dither::Ordered } else { dither };
        Self { dither, left: area.top_left.x, errors: [0; WIDEST + 1], ahead: 0, corner: 0 }
    }

    /// The grey that a `C` shows for `grey` at `at`; pixels come row by row.
    pub fn shown<C: Ink>(&mut self, grey: u8, at: Point) -> u8 {
        if C::LEVELS > u16::from(u8::MAX) {
            return grey;
        }
        match self.dither {
            Dither::None => plain::<C>(grey),
            Dither::Ordered => quantised::<C>(grey, threshold(at)),
            Dither::FloydSteinberg => self.diffuse::<C>(grey, at.x),
        }
    }

    fn diffuse<C: Ink>(&mut self, grey: u8, x: i32) -> u8 {
        if x == self.left {
            (self.ahead, self.corner) = (0, 0);
        }
        let place = usize::try_from(x - self.left).unwrap_or_default();
        let Some([before, here]) = self.errors.get_mut(place..).and_then(<[i16]>::first_chunk_mut) else {
            return plain::<C>(grey);
        };
        let error = (*here + self.ahead + 8) >> 4;
        #[expect(clippy::cast_sign_loss, reason = "clamped to a byte")]
        let wanted = (i16::from(grey) + error).clamp(0, 255) as u8;
        let shown = quantised::<C>(wanted, 127);
        let rest = i16::from(wanted) - i16::from(shown);
        *before += 3 * rest;
        *here = 5 * rest + self.corner;
        (self.ahead, self.corner) = (7 * rest, rest);
        shown
    }
}

/// The grey that a `C` shows for `grey`, without dithering: all its levels for equally many greys.
pub fn plain<C: Ink>(grey: u8) -> u8 {
    level_grey::<C>((u32::from(grey) * u32::from(C::LEVELS)) >> 8)
}

/// The grey that a `C` shows: rounded down for a `bias` of 0, up for 254.
fn quantised<C: Ink>(grey: u8, bias: u8) -> u8 {
    level_grey::<C>(over_255(u32::from(grey) * u32::from(C::LEVELS - 1) + u32::from(bias)))
}

/// The grey of a level of `C`.
fn level_grey<C: Ink>(level: u32) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "the last level is 255")]
    let grey = (level * 255 / u32::from(C::LEVELS - 1)) as u8;
    grey
}

/// `x` / 255 for `x` below 65,535, without a division.
pub const fn over_255(x: u32) -> u32 {
    (x + 1 + (x >> 8)) >> 8
}

/// The bias of ordered dithering at `at`: 6 to 246 in steps of 16.
fn threshold(at: Point) -> u8 {
    const BAYER: [[u8; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
    #[expect(clippy::cast_sign_loss, clippy::indexing_slicing, reason = "masked to 0..=3")]
    let rank = BAYER[(at.y & 3) as usize][(at.x & 3) as usize];
    246 - rank * 16
}
