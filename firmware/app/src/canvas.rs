//! Display in memory for tests and host tools.

use alloc::{vec, vec::Vec};
use core::fmt;

use embedded_graphics::{prelude::*, primitives::Rectangle};

/// Display in memory that rejects pixels outside of its area and knows which pixels were never drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canvas<C> {
    size: Size,
    /// Pixels in row-major order; `None` if never drawn.
    pub pixels: Vec<Option<C>>,
    /// Number of pixels drawn so far, including those drawn again.
    pub drawn: u64,
    /// Value of `drawn` at which the canvas fails.
    pub limit: u64,
}

/// Reason why a canvas rejects a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanvasError {
    /// Pixel at this point, outside of the area.
    Outside(Point),
    /// Pixel beyond the limit.
    Limit,
}

impl<C: PixelColor> Canvas<C> {
    /// Creates a canvas on which nothing was drawn.
    pub fn new(size: Size) -> Self {
        Self {
            size,
            pixels: vec![None; (size.width * size.height) as usize],
            drawn: 0,
            limit: u64::MAX,
        }
    }

    /// Returns the pixel at a point; `None` outside of the area or if it was never drawn.
    pub fn pixel(&self, at: Point) -> Option<C> {
        self.pixels.get(self.index(at)?).copied().flatten()
    }

    /// Returns the pixels of `area` in row-major order.
    ///
    /// # Panics
    /// If one of them was never drawn or is outside of the canvas.
    pub fn area(&self, area: Rectangle) -> Vec<C> {
        let pixels = area.points().map(|at| self.pixel(at));
        pixels
            .map(|pixel| pixel.expect("every pixel was drawn"))
            .collect()
    }

    /// Returns all pixels in row-major order.
    ///
    /// # Panics
    /// If one of them was never drawn.
    pub fn all(&self) -> Vec<C> {
        self.area(self.bounding_box())
    }

    /// Returns the index of a point in [`Canvas::pixels`]; `None` outside of the area.
    fn index(&self, at: Point) -> Option<usize> {
        let inside = self.bounding_box().contains(at);
        inside.then(|| at.y as usize * self.size.width as usize + at.x as usize)
    }
}

impl<C> OriginDimensions for Canvas<C> {
    fn size(&self) -> Size {
        self.size
    }
}

impl<C: PixelColor> DrawTarget for Canvas<C> {
    type Color = C;
    type Error = CanvasError;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), CanvasError> {
        for Pixel(at, color) in pixels {
            let index = self.index(at).ok_or(CanvasError::Outside(at))?;
            if self.drawn >= self.limit {
                return Err(CanvasError::Limit);
            }
            self.drawn += 1;
            if let Some(pixel) = self.pixels.get_mut(index) {
                *pixel = Some(color);
            }
        }
        Ok(())
    }
}

impl fmt::Display for CanvasError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(at) => write!(f, "pixel {at} is outside of the display"),
            Self::Limit => write!(f, "the limit of drawn pixels is exceeded"),
        }
    }
}

impl core::error::Error for CanvasError {}
