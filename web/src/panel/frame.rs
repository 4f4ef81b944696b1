//! Frame buffer.

use std::convert::Infallible;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*};

/// Frame buffer.
pub struct Frame<C> {
    size: Size,
    pixels: Vec<C>,
}

impl<C: PixelColor + Default + Into<Rgb888>> Frame<C> {
    pub fn new(size: Size) -> Self {
        let pixels = vec![C::default(); (size.width * size.height) as usize];
        Self { size, pixels }
    }

    pub fn rgba(&self) -> Vec<u8> {
        let pixels = self.pixels.iter().flat_map(|color| {
            let color: Rgb888 = (*color).into();
            [color.r(), color.g(), color.b(), 255]
        });
        pixels.collect()
    }
}

impl<C> OriginDimensions for Frame<C> {
    fn size(&self) -> Size {
        self.size
    }
}

impl<C: PixelColor> DrawTarget for Frame<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, color) in pixels {
            let index = at.y as usize * self.size.width as usize + at.x as usize;
            if let Some(pixel) = self.pixels.get_mut(index) {
                *pixel = color;
            }
        }
        Ok(())
    }
}
