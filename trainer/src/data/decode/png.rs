//! PNG images: gamma, orientation, and kinds that are no still image.

use std::io::Cursor;

use anyhow::{Result, anyhow, ensure};
use image::{DynamicImage, ImageError, ImageFormat, metadata::Orientation};
use png::DecodingError;

use super::pixels;

/// Gamma of sRGB images in a gAMA chunk.
const SRGB_GAMMA: f64 = 0.45455;
/// Relative deviation of the gamma up to which an image counts as sRGB.
const GAMMA_TOLERANCE: f64 = 0.02;

/// Decodes a PNG file.
///
/// # Errors
/// If it is cut, damaged, an animation or an HDR image; the message has the remedy.
pub(super) fn decode(bytes: &[u8]) -> Result<DynamicImage> {
    decode_checked(bytes).map_err(|error| {
        // The decoder's messages contain Rust's debugging output.
        let is_damage = match (error.downcast_ref(), error.downcast_ref()) {
            (Some(ImageError::Decoding(_) | ImageError::IoError(_)), _) => true,
            (_, found) => matches!(
                found,
                Some(DecodingError::Format(_) | DecodingError::IoError(_))
            ),
        };
        if is_damage {
            anyhow!("it is cut or damaged; copy or download it again")
        } else {
            error
        }
    })
}

fn decode_checked(bytes: &[u8]) -> Result<DynamicImage> {
    let reader = png::Decoder::new(Cursor::new(bytes)).read_info()?;
    let info = reader.info();
    ensure!(
        info.animation_control.is_none(),
        "it is an animation; save one of its frames as a PNG file"
    );
    ensure!(
        info.coding_independent_code_points
            .is_none_or(|points| matches!(points.transfer_function, 1 | 6 | 13)),
        "it has the transfer function of HDR images; save it as sRGB"
    );
    let gamma = info
        .gama_chunk
        .filter(|_| info.srgb.is_none() && info.icc_profile.is_none())
        .map(|gamma| f64::from(gamma.into_scaled()) / 100_000.0);
    let image = pixels::decode(bytes, ImageFormat::Png, orientation(bytes))?;
    Ok(match gamma {
        Some(gamma) if (gamma / SRGB_GAMMA - 1.0).abs() > GAMMA_TOLERANCE => {
            with_gamma(&image, gamma)
        }
        _ => image,
    })
}

/// Returns the orientation, whose chunk may follow the pixels, where the decoder does not expect it.
fn orientation(bytes: &[u8]) -> Option<Orientation> {
    let exif = chunk(bytes, *b"eXIf")?;
    // Some programs write the prefix of JPEG files.
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    Orientation::from_exif_chunk(exif)
}

/// Returns the content of the first chunk of a type in a PNG file.
fn chunk(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (length, found) = (rest.first_chunk()?, rest.get(4..8)?);
        let end = (u32::from_be_bytes(*length) as usize).checked_add(8)?;
        let content = rest.get(8..end)?;
        if *found == kind {
            return Some(content);
        }
        rest = rest.get(end.checked_add(4)?..)?;
    }
}

/// Converts samples of a gamma to sRGB: light is `sample^(1 / gamma)` (PNG specification, section 11.3.2.2).
fn with_gamma(image: &DynamicImage, gamma: f64) -> DynamicImage {
    let table: Vec<u8> = (0..=255)
        .map(|sample| {
            let light = (f64::from(sample) / 255.0).powf(1.0 / gamma);
            let encoded = if light <= 0.003_130_8 {
                12.92 * light
            } else {
                1.055 * light.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0).round() as u8
        })
        .collect();
    let mut image = image.to_rgba8();
    for pixel in image.pixels_mut() {
        for sample in &mut pixel.0[..3] {
            *sample = table[usize::from(*sample)];
        }
    }
    image.into()
}
