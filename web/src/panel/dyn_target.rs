//! Draw target that keeps the WebAssembly small.

use std::iter;

use embedded_graphics::{prelude::*, primitives::Rectangle};
use thumbgan_core::graphics::{GrayscaleColor, RowTarget};

/// Maximum width of a display in pixels.
const WIDEST: usize = 128;

/// Display with a frame buffer. Passes every iterator to the driver as one type, so that the driver's generic functions are
/// compiled once.
pub struct DynTarget<'a, D>(pub &'a mut D);

impl<D: DrawTarget> DynTarget<'_, D> {
    /// Draws the pixels that `next` returns.
    fn draw_pixels(
        &mut self,
        next: &mut dyn FnMut() -> Option<Pixel<D::Color>>,
    ) -> Result<(), D::Error> {
        self.0.draw_iter(iter::from_fn(next))
    }

    /// Fills an area with the colors that `next` returns.
    fn fill_area(
        &mut self,
        area: &Rectangle,
        next: &mut dyn FnMut() -> Option<D::Color>,
    ) -> Result<(), D::Error> {
        let mut points = area.points();
        self.draw_pixels(&mut || Some(Pixel(points.next()?, next()?)))
    }
}

impl<D: DrawTarget<Color: GrayscaleColor>> DynTarget<'_, D> {
    /// Draws an area whose rows `fill` computes.
    fn draw_rows(
        &mut self,
        area: &Rectangle,
        fill: &mut dyn FnMut(Point, &mut [D::Color]),
    ) -> Result<(), D::Error> {
        let mut row = [D::Color::nearest([0; 3]); WIDEST];
        let row = &mut row[..area.size.width as usize];
        for y in area.rows() {
            let start = Point::new(area.top_left.x, y);
            fill(start, row);
            let mut pixels = row.iter();
            let mut at = start - Point::new(1, 0);
            self.draw_pixels(&mut || {
                at.x += 1;
                Some(Pixel(at, *pixels.next()?))
            })?;
        }
        Ok(())
    }
}

impl<D: Dimensions> Dimensions for DynTarget<'_, D> {
    fn bounding_box(&self) -> Rectangle {
        self.0.bounding_box()
    }
}

impl<D: DrawTarget> DrawTarget for DynTarget<'_, D> {
    type Color = D::Color;
    type Error = D::Error;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), D::Error>
    where
        I: IntoIterator<Item = Pixel<D::Color>>,
    {
        let mut pixels = pixels.into_iter();
        self.draw_pixels(&mut || pixels.next())
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), D::Error>
    where
        I: IntoIterator<Item = D::Color>,
    {
        let mut colors = colors.into_iter();
        self.fill_area(area, &mut || colors.next())
    }
}

impl<D: DrawTarget<Color: GrayscaleColor>> RowTarget for DynTarget<'_, D> {
    type Pixel = D::Color;

    fn pixel(color: D::Color) -> D::Color {
        color
    }

    fn fill_rows(
        &mut self,
        area: &Rectangle,
        mut fill: impl FnMut(Point, &mut [D::Color]),
    ) -> Result<(), D::Error> {
        self.draw_rows(area, &mut fill)
    }
}
