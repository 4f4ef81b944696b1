//! Drawing of images on embedded-graphics displays, row by row and without a frame buffer.
//!
//! In: a [`GrayImage`], an area and a [`Theme`]. Out: pixels on a [`DrawTarget`].

mod color;
mod dither;
mod rows;
mod scale;

use core::marker::PhantomData;

use embedded_graphics::{prelude::*, primitives::Rectangle};

pub use color::{GrayscaleColor, Palette};
pub use dither::Dither;
pub use rows::{ContiguousRows, RowTarget};
pub use scale::Scaling;

use crate::image::GrayImage;
use dither::Quantizer;
use rows::RUN;
use scale::ScaledRows;

/// Colors, dithering and scaling of an image on a display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Colors from background to foreground.
    pub palette: Palette,
    /// Dithering for colors with few levels.
    pub dither: Dither,
    /// Scaling of the image to its area.
    pub scaling: Scaling,
}

impl Theme {
    /// Returns the color of a gray level (0 background, 255 foreground), without dithering.
    #[must_use]
    pub fn color<C: GrayscaleColor>(&self, gray: u8) -> C {
        self.palette.color(dither::nearest_gray::<C>(gray))
    }
}

/// Drawable image that fills an area of a display.
#[derive(Clone, Copy, Debug)]
pub struct ScaledImage<'a, C> {
    image: &'a GrayImage,
    area: Rectangle,
    /// Part of the area that is drawn.
    clip: Rectangle,
    theme: Theme,
    color: PhantomData<C>,
}

impl<'a, C: GrayscaleColor> ScaledImage<'a, C> {
    /// Scales `image` to the longer side of `area` and crops it to the shorter one, equally on both sides.
    #[must_use]
    pub const fn new(image: &'a GrayImage, area: Rectangle, theme: Theme) -> Self {
        Self {
            image,
            area,
            clip: area,
            theme,
            color: PhantomData,
        }
    }

    /// Magnifies `image` by an integer factor (0 counts as 1), with its top left corner at `origin`, in the color's first
    /// theme.
    #[must_use]
    pub fn with_scale(image: &'a GrayImage, origin: Point, scale: u32) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "28")]
        let side = GrayImage::SIDE as u32;
        let theme = C::THEMES.first().copied().unwrap_or_default();
        let area = Rectangle::new(origin, Size::new_equal(side * scale.max(1)));
        Self::new(
            image,
            area,
            Theme {
                scaling: Scaling::Integer,
                ..theme
            },
        )
    }
}

impl<C> ScaledImage<'_, C> {
    /// Returns the part of the area outside of which every pixel is background.
    #[must_use]
    pub fn foreground_bounding_box(&self) -> Rectangle {
        // Error diffusion can put foreground anywhere below the pixel that it starts from.
        if self.theme.dither == Dither::FloydSteinberg {
            return self.area;
        }
        let foreground = scale::foreground(self.image, self.area.size, self.theme.scaling);
        Rectangle::new(self.area.top_left + foreground.top_left, foreground.size)
    }

    /// Restricts drawing to `part`. Has no effect with [`Dither::FloydSteinberg`], whose errors depend on all preceding pixels.
    #[must_use]
    pub fn clipped(self, part: &Rectangle) -> Self {
        match self.theme.dither {
            Dither::FloydSteinberg => self,
            _ => Self {
                clip: self.area.intersection(part),
                ..self
            },
        }
    }
}

impl<C> Dimensions for ScaledImage<'_, C> {
    fn bounding_box(&self) -> Rectangle {
        self.clip
    }
}

impl<C: GrayscaleColor> ScaledImage<'_, C> {
    /// Draws the image row by row.
    ///
    /// # Errors
    /// If the display fails.
    pub fn draw_rows<T: RowTarget<Color = C>>(&self, target: &mut T) -> Result<(), T::Error> {
        let mut gray = 0;
        let pixels = [(); 256].map(|()| {
            let pixel = T::pixel(match self.dither() {
                Dither::None => self.theme.color(gray),
                // Dithering has chosen one of the displayable levels.
                _ => self.theme.palette.color(gray),
            });
            gray = gray.wrapping_add(1);
            pixel
        });
        let mut rows = ScaledRows::new(self.image, self.area.size, self.theme.scaling);
        let origin = self.area.top_left;
        if self.dither() == Dither::None {
            return target.fill_rows(&self.clip, |at, run| {
                rows.fill(at - origin, run, |gray| pixel(&pixels, gray));
            });
        }
        let mut quantizer = Quantizer::new(self.theme.dither, &self.clip);
        target.fill_rows(&self.clip, |mut at, run| {
            let mut grays = [0; RUN];
            for run in run.chunks_mut(RUN) {
                let grays = grays.get_mut(..run.len()).unwrap_or_default();
                rows.fill(at - origin, grays, |gray| gray);
                for (shown, &gray) in run.iter_mut().zip(&*grays) {
                    *shown = pixel(&pixels, quantizer.quantize::<C>(gray, at));
                    at.x += 1;
                }
            }
        })
    }

    /// Returns the dithering method, none for a color with all gray levels.
    const fn dither(&self) -> Dither {
        if C::LEVELS > 255 {
            Dither::None
        } else {
            self.theme.dither
        }
    }
}

/// Returns the pixel of a gray level.
fn pixel<T: Copy>(pixels: &[T; 256], gray: u8) -> T {
    let [first, ..] = pixels;
    *pixels.get(usize::from(gray)).unwrap_or(first)
}

impl<C: GrayscaleColor> Drawable for ScaledImage<'_, C> {
    type Color = C;
    type Output = ();

    fn draw<D: DrawTarget<Color = C>>(&self, target: &mut D) -> Result<(), D::Error> {
        self.draw_rows(&mut ContiguousRows(target))
    }
}
