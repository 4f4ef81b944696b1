//! Drawing a digit on any display that embedded-graphics knows.

use core::marker::PhantomData;

use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Gray8, Rgb565},
    prelude::*,
    primitives::Rectangle,
};

use crate::image::{Digit, SIDE};

/// A colour that ink of 0 to 255 can be shown in.
pub trait Ink: PixelColor {
    /// The colour of `grey` (255 is ink, drawn bright) at display position `at`, which dithering needs.
    fn ink(grey: u8, at: Point) -> Self;
}

impl Ink for Gray8 {
    fn ink(grey: u8, _: Point) -> Self {
        Self::new(grey)
    }
}

impl Ink for Gray4 {
    fn ink(grey: u8, _: Point) -> Self {
        Self::new(grey >> 4)
    }
}

impl Ink for Rgb565 {
    fn ink(grey: u8, _: Point) -> Self {
        Self::new(grey >> 3, grey >> 2, grey >> 3)
    }
}

impl Ink for BinaryColor {
    fn ink(grey: u8, at: Point) -> Self {
        (grey > threshold(at)).into()
    }
}

/// Ordered dithering: the 4x4 matrix of Bayer (1973), its 16 thresholds spread over 8 to 248.
fn threshold(at: Point) -> u8 {
    const BAYER: [[u8; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];
    #[expect(clippy::cast_sign_loss, clippy::indexing_slicing, reason = "masked to 0..=3")]
    let rank = BAYER[(at.y & 3) as usize][(at.x & 3) as usize];
    rank * 16 + 8
}

/// A digit at a place on a display, each of its pixels `scale` x `scale` large.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a, C> {
    digit: &'a Digit,
    origin: Point,
    scale: u32,
    colour: PhantomData<C>,
}

impl Digit {
    /// This digit with its top left corner at `origin`, magnified by `scale` (0 counts as 1).
    pub fn at<C: Ink>(&self, origin: Point, scale: u32) -> Placed<'_, C> {
        Placed { digit: self, origin, scale: scale.max(1), colour: PhantomData }
    }
}

impl<C> Dimensions for Placed<'_, C> {
    fn bounding_box(&self) -> Rectangle {
        #[expect(clippy::cast_possible_truncation, reason = "28")]
        let side = SIDE as u32;
        Rectangle::new(self.origin, Size::new_equal(side * self.scale))
    }
}

impl<C: Ink> Drawable for Placed<'_, C> {
    type Color = C;
    type Output = ();

    fn draw<D: DrawTarget<Color = C>>(&self, target: &mut D) -> Result<(), D::Error> {
        let area = self.bounding_box();
        let scale = self.scale as usize;
        let rows = self.digit.pixels().chunks_exact(SIDE);
        let greys = rows
            .flat_map(|row| core::iter::repeat_n(row, scale))
            .flat_map(|row| row.iter().flat_map(move |grey| core::iter::repeat_n(*grey, scale)));
        target.fill_contiguous(&area, area.points().zip(greys).map(|(at, grey)| C::ink(grey, at)))
    }
}
