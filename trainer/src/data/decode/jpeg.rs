//! JPEG images: complete files in color spaces that viewers agree on.

use anyhow::{Context, Result, anyhow, ensure};
use image::{DynamicImage, ImageError, ImageFormat};

use super::pixels;

/// Frame header of a JPEG file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Second byte of the marker, which names the process of compression.
    process: u8,
    /// Bits per sample.
    precision: u8,
    /// Number of color components.
    pub components: u8,
}

/// Decodes a JPEG file.
///
/// # Errors
/// If it is cut, damaged, in CMYK or compressed in an unusual way; the message has the remedy.
pub(super) fn decode(bytes: &[u8]) -> Result<DynamicImage> {
    let frame = frame(bytes)
        .context("it ends before the end of the image: cut or damaged; copy it again")?;
    if let Some(process) = frame.unsupported_process() {
        return Err(anyhow!("it is {process}; save it as PNG"));
    }
    ensure!(
        frame.precision == 8,
        "it is a JPEG image with {} bits per sample instead of 8; save it as PNG",
        frame.precision
    );
    ensure!(
        frame.components < 4,
        "it has the color space CMYK; save it as RGB"
    );
    pixels::decode(bytes, ImageFormat::Jpeg, None).map_err(|error| {
        if matches!(
            error.downcast_ref(),
            Some(ImageError::Decoding(_) | ImageError::IoError(_) | ImageError::Unsupported(_))
        ) {
            anyhow!("it is damaged or an unusual JPEG image; copy it again or save it as PNG")
        } else {
            error
        }
    })
}

impl Frame {
    /// Returns the name of a process that is not decoded, with its article (ITU-T T.81, table B.1).
    fn unsupported_process(self) -> Option<&'static str> {
        match self.process {
            0xc0..=0xc2 => None,
            0xc3 => Some("a lossless JPEG image"),
            0xc9 | 0xca => Some("a JPEG image with arithmetic coding"),
            0xcb => Some("a lossless JPEG image with arithmetic coding"),
            _ => Some("a hierarchical JPEG image"),
        }
    }
}

/// Returns the frame header of a JPEG file; `None` if there is none, or if the file ends before the marker that ends the
/// image (ITU-T T.81, annex B). The decoder fills what is missing with gray.
pub(super) fn frame(bytes: &[u8]) -> Option<Frame> {
    let mut frame = None;
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
            return frame;
        }
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            frame = Some(Frame {
                process: marker,
                precision: *rest.get(4)?,
                components: *rest.get(9)?,
            });
        }
        rest = rest.get(2 + length..)?;
    }
}
