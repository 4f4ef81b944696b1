//! Drawing a digit on any display that embedded-graphics knows, row by row, without a buffer of the picture.

mod dither;
mod ink;
mod scale;

use core::marker::PhantomData;

use embedded_graphics::{prelude::*, primitives::Rectangle};

pub use dither::Dither;
pub use ink::{Ink, Palette};
pub use scale::Scaling;

use crate::image::{Digit, SIDE};
use dither::Quantiser;
use scale::Greys;

/// How greys are shown: in which colours, mixed how, magnified how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The colours from paper to ink.
    pub palette: Palette,
    /// How a colour of few levels shows the greys between them.
    pub dither: Dither,
    /// How a digit comes to the size of its area.
    pub scaling: Scaling,
}

impl Look {
    /// The colour of `grey` (0 is paper, 255 is ink), without dithering.
    pub fn colour<C: Ink>(&self, grey: u8) -> C {
        self.palette.colour(dither::plain::<C>(grey))
    }
}

/// A digit at a place on a display.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a, C> {
    digit: &'a Digit,
    area: Rectangle,
    /// What of the area is drawn.
    part: Rectangle,
    look: Look,
    colour: PhantomData<C>,
}

impl Digit {
    /// This digit with its top left corner at `origin`, each of its pixels `scale` x `scale` large (0 counts as
    /// 1), in the first of the colour's looks.
    pub fn at<C: Ink>(&self, origin: Point, scale: u32) -> Placed<'_, C> {
        #[expect(clippy::cast_possible_truncation, reason = "28")]
        let side = SIDE as u32;
        let look = Look { scaling: Scaling::Blocks, ..C::LOOKS.first().copied().unwrap_or_default() };
        self.within(Rectangle::new(origin, Size::new_equal(side * scale.max(1))), look)
    }

    /// This digit filling `area`: as large as the longer side; what goes beyond the shorter one, a digit's
    /// empty margin as a rule, is cut off on both sides alike.
    pub fn within<C: Ink>(&self, area: Rectangle, look: Look) -> Placed<'_, C> {
        Placed { digit: self, area, part: area, look, colour: PhantomData }
    }
}

impl<C> Placed<'_, C> {
    /// The part of its area outside of which it is paper alone.
    pub fn ink(&self) -> Rectangle {
        // Errors that are handed on can put ink anywhere below what they come from.
        if self.look.dither == Dither::FloydSteinberg {
            return self.area;
        }
        let ink = scale::ink(self.digit, self.area.size, self.look.scaling);
        Rectangle::new(self.area.top_left + ink.top_left, ink.size)
    }

    /// The same digit, of which only `part` is drawn; all of it where Floyd and Steinberg's errors begin at the first
    /// pixel.
    #[must_use]
    pub fn only(self, part: &Rectangle) -> Self {
        match self.look.dither {
            Dither::FloydSteinberg => self,
            _ => Self { part: self.area.intersection(part), ..self },
        }
    }
}

impl<C> Dimensions for Placed<'_, C> {
    fn bounding_box(&self) -> Rectangle {
        self.part
    }
}

impl<C: Ink> Drawable for Placed<'_, C> {
    type Color = C;
    type Output = ();

    fn draw<D: DrawTarget<Color = C>>(&self, target: &mut D) -> Result<(), D::Error> {
        let Self { digit, area, part, look, .. } = self;
        let mut quantiser = Quantiser::new(look.dither, part);
        let within = Rectangle::new(part.top_left - area.top_left, part.size);
        let greys = Greys::new(digit, area.size, look.scaling, &within);
        // Neighbours are often alike.
        let mut last = (0, look.palette.colour(0));
        let colours = part.points().zip(greys).map(|(at, grey)| {
            let shown = quantiser.shown::<C>(grey, at);
            if shown != last.0 {
                last = (shown, look.palette.colour(shown));
            }
            last.1
        });
        target.fill_contiguous(part, colours)
    }
}
