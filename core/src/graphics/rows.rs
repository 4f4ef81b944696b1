//! Displays that are drawn on in rows.

use embedded_graphics::{pixelcolor::PixelColor, prelude::*, primitives::Rectangle};

use super::GrayscaleColor;

/// Display that takes pixels in its own format and many at a time, for example into a buffer for direct memory access (DMA).
///
/// Images are drawn on it in fewer instructions than through the color iterators of [`DrawTarget`]. Implement it for a display
/// that is drawn on at a high frame rate; every [`DrawTarget`] works through [`ContiguousRows`].
pub trait RowTarget: DrawTarget {
    /// Pixel in the display's format.
    type Pixel: Copy;

    /// Converts a color to the display's format.
    fn pixel(color: Self::Color) -> Self::Pixel;

    /// Draws `area`, which must be within the display.
    ///
    /// `fill` computes pixels: the implementation calls it with a point and a slice for the pixels from that point to the right.
    /// The calls together cover `area` in row-major order, each of them a row or a part of a row.
    ///
    /// # Errors
    /// If the display fails.
    fn fill_rows(
        &mut self,
        area: &Rectangle,
        fill: impl FnMut(Point, &mut [Self::Pixel]),
    ) -> Result<(), Self::Error>;
}

/// Adapter that draws rows with [`DrawTarget::fill_contiguous`].
#[derive(Debug)]
pub struct ContiguousRows<'a, D>(pub &'a mut D);

/// Number of pixels that are computed at a time.
pub(super) const RUN: usize = 64;

impl<D: Dimensions> Dimensions for ContiguousRows<'_, D> {
    fn bounding_box(&self) -> Rectangle {
        self.0.bounding_box()
    }
}

impl<D: DrawTarget> DrawTarget for ContiguousRows<'_, D> {
    type Color = D::Color;
    type Error = D::Error;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), D::Error>
    where
        I: IntoIterator<Item = Pixel<D::Color>>,
    {
        self.0.draw_iter(pixels)
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), D::Error>
    where
        I: IntoIterator<Item = D::Color>,
    {
        self.0.fill_contiguous(area, colors)
    }

    fn fill_solid(&mut self, area: &Rectangle, color: D::Color) -> Result<(), D::Error> {
        self.0.fill_solid(area, color)
    }

    fn clear(&mut self, color: D::Color) -> Result<(), D::Error> {
        self.0.clear(color)
    }
}

impl<D: DrawTarget<Color: GrayscaleColor>> RowTarget for ContiguousRows<'_, D> {
    type Pixel = D::Color;

    fn pixel(color: D::Color) -> D::Color {
        color
    }

    fn fill_rows(
        &mut self,
        area: &Rectangle,
        fill: impl FnMut(Point, &mut [D::Color]),
    ) -> Result<(), D::Error> {
        let colors = Colors {
            area: *area,
            at: area.top_left,
            run: [D::Color::nearest([0; 3]); RUN],
            next: 0,
            len: 0,
            fill,
        };
        self.0.fill_contiguous(area, colors)
    }
}

/// Iterator over the colors of an area in row-major order.
struct Colors<C, F> {
    area: Rectangle,
    /// First pixel after those in `run`.
    at: Point,
    run: [C; RUN],
    /// Index of the next color in `run`.
    next: usize,
    /// Number of colors in `run`.
    len: usize,
    fill: F,
}

impl<C: PixelColor, F: FnMut(Point, &mut [C])> Colors<C, F> {
    /// Computes the pixels up to the end of the row, or as many as fit.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "64"
    )]
    #[inline(never)]
    fn refill(&mut self) {
        let Rectangle { top_left, size } = self.area;
        let end = top_left + size;
        if self.at.x >= end.x {
            self.at = Point::new(top_left.x, self.at.y + 1);
        }
        let columns = if self.at.y < end.y {
            (end.x - self.at.x).unsigned_abs() as usize
        } else {
            0
        };
        (self.next, self.len) = (0, columns.min(RUN));
        let run = self.run.get_mut(..self.len).unwrap_or_default();
        (self.fill)(self.at, run);
        self.at.x += run.len() as i32;
    }
}

impl<C: PixelColor, F: FnMut(Point, &mut [C])> Iterator for Colors<C, F> {
    type Item = C;

    #[inline]
    fn next(&mut self) -> Option<C> {
        if self.next >= self.len {
            self.refill();
        }
        let color = self.run.get(..self.len)?.get(self.next).copied();
        self.next += 1;
        color
    }
}
