//! A display of any size and colour in memory.

use std::convert::Infallible;

use anyhow::{Result, ensure};
use embedded_graphics::{pixelcolor::Rgb888, prelude::*};
use image::{Rgb, RgbImage};
use thumbgan_app::App;
use thumbgan_core::Ink;

/// The pixels of a display, row by row.
#[derive(Clone, Debug)]
pub struct Canvas<C> {
    size: Size,
    pixels: Vec<C>,
    /// Pixels that were drawn beside it.
    beside: usize,
}

impl<C: Ink> Canvas<C> {
    /// All of what a display of this size must show of `app`.
    ///
    /// # Errors
    /// When the app draws beside the display.
    pub fn showing(app: &mut App<'_>, size: Size) -> Result<Self> {
        let pixels = vec![C::nearest([0; 3]); (size.width * size.height) as usize];
        let mut canvas = Self {
            size,
            pixels,
            beside: 0,
        };
        app.redraw();
        let Ok(_) = app.draw(&mut canvas);
        ensure!(
            canvas.beside == 0,
            "{} pixels of {} lie beside a display of {size}",
            canvas.beside,
            app.scene()
        );
        Ok(canvas)
    }

    /// The pixel in this column and row.
    pub fn pixel(&self, x: u32, y: u32) -> C {
        self.pixels[(y * self.size.width + x) as usize]
    }
}

impl<C: Ink + Into<Rgb888>> Canvas<C> {
    /// It as a picture.
    pub fn picture(&self) -> RgbImage {
        RgbImage::from_fn(self.size.width, self.size.height, |x, y| {
            let colour: Rgb888 = self.pixel(x, y).into();
            Rgb([colour.r(), colour.g(), colour.b()])
        })
    }
}

impl<C> OriginDimensions for Canvas<C> {
    fn size(&self) -> Size {
        self.size
    }
}

impl<C: PixelColor> DrawTarget for Canvas<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            if self.bounding_box().contains(at) {
                self.pixels[at.y as usize * self.size.width as usize + at.x as usize] = colour;
            } else {
                self.beside += 1;
            }
        }
        Ok(())
    }
}
