//! Pixels of an image file in sRGB, upright.

use std::io::Cursor;

use anyhow::{Result, anyhow, ensure};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, metadata::Orientation};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Maximum number of pixels of an image, which bounds the memory for decoding.
const MAX_PIXELS: u64 = 8_192 * 8_192;

/// Decodes an image, converts its color profile to sRGB, and applies its orientation, by default that which the decoder
/// finds.
pub(super) fn decode(
    bytes: &[u8],
    format: ImageFormat,
    orientation: Option<Orientation>,
) -> Result<DynamicImage> {
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder()?;
    let (width, height) = decoder.dimensions();
    ensure!(
        u64::from(width) * u64::from(height) <= MAX_PIXELS,
        "it has {width}x{height} pixels, the maximum is {MAX_PIXELS} pixels; save it in a smaller size"
    );
    let (found, profile) = (decoder.orientation()?, decoder.icc_profile()?);
    let mut image = DynamicImage::from_decoder(decoder)?;
    if let Some(profile) = profile {
        image = to_srgb(&image, &profile).map_err(|error| {
            anyhow!("its color profile cannot be applied ({error}); save it as sRGB")
        })?;
    }
    image.apply_orientation(orientation.unwrap_or(found));
    Ok(image)
}

fn to_srgb(image: &DynamicImage, profile: &[u8]) -> Result<DynamicImage> {
    let profile = ColorProfile::new_from_slice(profile)?;
    let srgb = ColorProfile::new_srgb();
    ensure!(
        matches!(
            profile.color_space,
            DataColorSpace::Gray | DataColorSpace::Rgb
        ),
        "it is for another color space"
    );
    let (layout, source) = if profile.color_space == DataColorSpace::Gray {
        (Layout::GrayAlpha, image.to_luma_alpha8().into_raw())
    } else {
        (Layout::Rgba, image.to_rgba8().into_raw())
    };
    let transform =
        profile.create_transform_8bit(layout, &srgb, Layout::Rgba, TransformOptions::default())?;
    let mut converted = image::RgbaImage::new(image.width(), image.height());
    transform.transform(&source, &mut converted)?;
    Ok(converted.into())
}
