//! Rendering of the app on the host.

use anyhow::{Context, Result};
use embedded_graphics::{pixelcolor::Rgb888, prelude::*};
use image::{Rgb, RgbImage};
use thumbgan_app::{App, Canvas};
use thumbgan_core::graphics::GrayscaleColor;

/// Renders everything that a display of this size must show of `app`.
///
/// # Errors
/// If the app draws outside of the display.
pub fn render<C: GrayscaleColor>(app: &mut App<'_>, size: Size) -> Result<Canvas<C>> {
    let mut canvas = Canvas::new(size);
    app.redraw();
    let view = app.view();
    app.draw(&mut canvas)
        .with_context(|| format!("the app cannot draw {view} on a display of {size}"))?;
    Ok(canvas)
}

/// Renders everything that a display of this size must show of `app`, as an image.
///
/// # Errors
/// As for [`render`].
pub fn render_rgb<C: GrayscaleColor + Into<Rgb888>>(
    app: &mut App<'_>,
    size: Size,
) -> Result<RgbImage> {
    Ok(rgb_image(&render::<C>(app, size)?.all(), size))
}

/// Returns an image of this size with these pixels in row-major order.
///
/// # Panics
/// If there are too few pixels.
pub fn rgb_image<C: Copy + Into<Rgb888>>(pixels: &[C], size: Size) -> RgbImage {
    RgbImage::from_fn(size.width, size.height, |x, y| {
        let color: Rgb888 = pixels[(y * size.width + x) as usize].into();
        Rgb([color.r(), color.g(), color.b()])
    })
}
