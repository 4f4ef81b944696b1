//! Drawing of images on embedded-graphics displays, row by row and without a frame buffer.
//!
//! In: a [`GrayImage`], an area and a [`Theme`]. Out: pixels on a [`DrawTarget`].

mod color;
mod dither;
mod scale;

use core::marker::PhantomData;

use embedded_graphics::{prelude::*, primitives::Rectangle};

pub use color::{GrayscaleColor, Palette};
pub use dither::Dither;
pub use scale::Scaling;

use crate::image::GrayImage;
use dither::Quantizer;
use scale::ScaledPixels;

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

impl<C: GrayscaleColor> Drawable for ScaledImage<'_, C> {
    type Color = C;
    type Output = ();

    fn draw<D: DrawTarget<Color = C>>(&self, target: &mut D) -> Result<(), D::Error> {
        let Self {
            image,
            area,
            clip,
            theme,
            ..
        } = self;
        let mut quantizer = Quantizer::new(theme.dither, clip);
        let part = Rectangle::new(clip.top_left - area.top_left, clip.size);
        let grays = ScaledPixels::new(image, area.size, theme.scaling, &part);
        // Neighboring pixels are often equal, and a color costs more than a comparison.
        let mut last = (0, theme.palette.color(0));
        let colors = clip.points().zip(grays).map(|(at, gray)| {
            let shown = quantizer.quantize::<C>(gray, at);
            if shown != last.0 {
                last = (shown, theme.palette.color(shown));
            }
            last.1
        });
        target.fill_contiguous(clip, colors)
    }
}
