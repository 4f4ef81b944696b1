//! Decoding of image files as viewers show them: orientation, transparency, color space.

mod jpeg;
mod pixels;
mod png;

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use image::{DynamicImage, GrayImage};

use super::format::{Format, Needed};
use crate::files::read;

/// Decoded image in the gray levels of sRGB.
pub(super) struct Decoded {
    pub image: GrayImage,
    /// True if all gray levels are equal but the alpha channel is not.
    pub is_alpha_only: bool,
    /// True if a pixel is transparent.
    pub is_transparent: bool,
}

/// Decodes a PNG or JPEG file. Transparent pixels show the gray level `background`.
///
/// # Errors
/// If the file is not such an image, is damaged or cut, or has colors that cannot be converted; the message names the
/// file, the cause and the remedy.
pub(super) fn decode(path: &Path, background: u8) -> Result<Decoded> {
    let bytes = read(path)?;
    let unreadable = || format!("{} cannot be read as an image", path.display());
    let image = match Format::of(&bytes) {
        Format::Png => png::decode(&bytes).with_context(unreadable)?,
        Format::Jpeg => jpeg::decode(&bytes).with_context(unreadable)?,
        other => {
            return Err(anyhow!(
                "it is {}; {}",
                other.name(),
                other.remedy(Needed::Images)
            ))
            .with_context(unreadable);
        }
    };
    Ok(flatten(&image, background))
}

/// Converts an image to gray levels on a background.
fn flatten(image: &DynamicImage, background: u8) -> Decoded {
    let source = image.to_luma_alpha8();
    let blended = GrayImage::from_fn(source.width(), source.height(), |x, y| {
        let [light, cover] = source.get_pixel(x, y).0.map(u32::from);
        let gray = light * cover + u32::from(background) * (255 - cover);
        image::Luma([(gray / 255) as u8])
    });
    let first = blended.as_raw().first();
    let alpha = source.pixels().next().map(|pixel| pixel.0[1]);
    let is_alpha_only = blended.as_raw().iter().all(|gray| Some(gray) == first)
        && source.pixels().any(|pixel| Some(pixel.0[1]) != alpha);
    Decoded {
        image: blended,
        is_alpha_only,
        is_transparent: source.pixels().any(|pixel| pixel.0[1] < u8::MAX),
    }
}

#[cfg(test)]
mod tests;
