//! JPEG images: complete files in color spaces that viewers agree on.

use anyhow::{Context, Result, ensure};
use image::{DynamicImage, ImageFormat};

use super::pixels;

/// Decodes a JPEG file.
///
/// # Errors
/// If it is cut, damaged or in CMYK; the message has the remedy.
pub(super) fn decode(bytes: &[u8]) -> Result<DynamicImage> {
    let components = components(bytes)
        .context("it ends before the end of the image: cut or damaged; copy it again")?;
    ensure!(
        components < 4,
        "it has the color space CMYK; save it as RGB"
    );
    pixels::decode(bytes, ImageFormat::Jpeg, None)
}

/// Returns the number of color components of a JPEG file; `None` if the file ends before the marker that ends the
/// image (ITU-T T.81, annex B). The decoder fills what is missing with gray.
pub(super) fn components(bytes: &[u8]) -> Option<u8> {
    let mut components = None;
    let mut rest = bytes.get(2..)?;
    loop {
        // Entropy-coded data contain 0xff only before 0 and restart markers; fill bytes may precede a marker.
        let marker = match *rest {
            [0xff, 0xff | 0x00 | 0xd0..=0xd7, ..] => {
                rest = &rest[1..];
                continue;
            }
            [0xff, marker, ..] => marker,
            [_, ..] => {
                rest = &rest[1..];
                continue;
            }
            [] => return None,
        };
        if marker == 0xd9 {
            return components;
        }
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            components = rest.get(9).copied();
        }
        rest = rest.get(2 + length..)?;
    }
}
