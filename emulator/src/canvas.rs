//! A display of any size and color in memory.

use std::convert::Infallible;

use anyhow::{Result, ensure};
use embedded_graphics::{pixelcolor::Rgb888, prelude::*};
use image::{Rgb, RgbImage};
use thumbgan_app::App;
use thumbgan_core::graphics::GrayscaleColor;

/// The pixels of a display, row by row.
#[derive(Clone, Debug)]
pub struct Canvas<C> {
    size: Size,
    pixels: Vec<C>,
    /// Number of pixels drawn outside the display.
    outside: usize,
}

impl<C: GrayscaleColor> Canvas<C> {
    /// Renders all of what a display of this size must show of `app`.
    ///
    /// # Errors
    /// If the app draws outside the display.
    pub fn render(app: &mut App<'_>, size: Size) -> Result<Self> {
        let pixels = vec![C::nearest([0; 3]); (size.width * size.height) as usize];
        let mut canvas = Self {
            size,
            pixels,
            outside: 0,
        };
        app.redraw();
        let Ok(_) = app.draw(&mut canvas);
        ensure!(
            canvas.outside == 0,
            "{} pixels of {} lie outside a display of {size}",
            canvas.outside,
            app.view()
        );
        Ok(canvas)
    }

    /// Returns the pixel at column `x` and row `y`.
    pub fn pixel(&self, x: u32, y: u32) -> C {
        self.pixels[(y * self.size.width + x) as usize]
    }
}

impl<C: GrayscaleColor + Into<Rgb888>> Canvas<C> {
    /// Returns the display as an image.
    pub fn image(&self) -> RgbImage {
        RgbImage::from_fn(self.size.width, self.size.height, |x, y| {
            let color: Rgb888 = self.pixel(x, y).into();
            Rgb([color.r(), color.g(), color.b()])
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
        for Pixel(at, color) in pixels {
            if self.bounding_box().contains(at) {
                self.pixels[at.y as usize * self.size.width as usize + at.x as usize] = color;
            } else {
                self.outside += 1;
            }
        }
        Ok(())
    }
}
