//! Decoding of image files as viewers show them: orientation, transparency, color space.

use std::{io::Cursor, path::Path};

use anyhow::{Context, Result, anyhow, ensure};
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::format::Format;
use crate::files::read;

/// Maximum number of pixels of an image, which bounds the memory for decoding.
const MAX_PIXELS: u64 = 8_192 * 8_192;
/// Gamma of sRGB images in a gAMA chunk.
const SRGB_GAMMA: f64 = 0.45455;
/// Relative deviation of the gamma up to which an image counts as sRGB.
const GAMMA_TOLERANCE: f64 = 0.02;

/// Decoded image in the gray levels of sRGB.
pub(super) struct Decoded {
    pub image: GrayImage,
    /// True if the image has one gray level only, but a drawing in its transparency.
    pub is_hidden: bool,
}

/// Decodes a PNG or JPEG file. Transparent pixels show the gray level `background`.
///
/// # Errors
/// If the file is not such an image, is damaged or cut, or has colors that cannot be converted; the message says which
/// and the remedy, without the path.
pub(super) fn decode(path: &Path, background: u8) -> Result<Decoded> {
    let bytes = read(path)?;
    let unreadable = || format!("{} cannot be read as an image", path.display());
    let image = match Format::of(&bytes) {
        Format::Png => png(&bytes).with_context(unreadable)?,
        Format::Jpeg => jpeg(&bytes).with_context(unreadable)?,
        other => {
            return Err(anyhow!("it is {}; {}", other.name(), other.remedy()))
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
    let is_hidden = blended.as_raw().iter().all(|gray| Some(gray) == first)
        && source.pixels().any(|pixel| Some(pixel.0[1]) != alpha);
    Decoded {
        image: blended,
        is_hidden,
    }
}

fn png(bytes: &[u8]) -> Result<DynamicImage> {
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
    let image = decoded(bytes, ImageFormat::Png)?;
    Ok(match gamma {
        Some(gamma) if (gamma / SRGB_GAMMA - 1.0).abs() > GAMMA_TOLERANCE => {
            with_gamma(&image, gamma)
        }
        _ => image,
    })
}

fn jpeg(bytes: &[u8]) -> Result<DynamicImage> {
    let components = components(bytes)
        .context("it ends before the end of the image: cut or damaged; copy it again")?;
    ensure!(
        components < 4,
        "it has the color space CMYK; save it as RGB"
    );
    decoded(bytes, ImageFormat::Jpeg)
}

/// Decodes an image, converts its color profile to sRGB, and applies its orientation.
fn decoded(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage> {
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder()?;
    let (width, height) = decoder.dimensions();
    ensure!(
        u64::from(width) * u64::from(height) <= MAX_PIXELS,
        "it has {width}x{height} pixels, the maximum is {MAX_PIXELS} pixels; save it in a smaller size"
    );
    let (orientation, profile) = (decoder.orientation()?, decoder.icc_profile()?);
    let mut image = DynamicImage::from_decoder(decoder)?;
    if let Some(profile) = profile {
        image = to_srgb(&image, &profile).map_err(|error| {
            anyhow!("its color profile cannot be applied ({error}); save it as sRGB")
        })?;
    }
    image.apply_orientation(orientation);
    Ok(image)
}

fn to_srgb(image: &DynamicImage, profile: &[u8]) -> Result<DynamicImage> {
    let profile = ColorProfile::new_from_slice(profile)?;
    let srgb = ColorProfile::new_srgb();
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

/// Returns the number of color components of a JPEG file; `None` if the file ends before the marker that ends the
/// image (ITU-T T.81, annex B). The decoder fills what is missing with gray.
fn components(bytes: &[u8]) -> Option<u8> {
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

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{
        ImageEncoder, Luma, LumaA, Rgb, RgbImage,
        codecs::{jpeg::JpegEncoder, png::PngEncoder},
    };
    use tempfile::tempdir;

    use super::*;

    /// A dark L on a light background.
    fn drawing() -> GrayImage {
        GrayImage::from_fn(24, 32, |x, y| {
            Luma([if (4..8).contains(&x) || (24..28).contains(&y) {
                16
            } else {
                240
            }])
        })
    }

    fn decode_bytes(bytes: &[u8]) -> Result<GrayImage> {
        let folder = tempdir().unwrap();
        let path = folder.path().join("image");
        fs::write(&path, bytes).unwrap();
        Ok(decode(&path, 255)?.image)
    }

    fn encoded(format: ImageFormat, image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Returns a TIFF header with one entry, the orientation.
    fn exif(orientation: u8) -> Vec<u8> {
        let head = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0";
        [&head[..], &[orientation], &[0; 6]].concat()
    }

    fn with_metadata(
        format: ImageFormat,
        image: &GrayImage,
        set: impl Fn(&mut dyn ImageEncoderSettings),
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (width, height) = image.dimensions();
        if format == ImageFormat::Png {
            let mut encoder = PngEncoder::new(&mut bytes);
            set(&mut encoder);
            encoder
                .write_image(image, width, height, image::ExtendedColorType::L8)
                .unwrap();
        } else {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
            set(&mut encoder);
            encoder
                .write_image(image, width, height, image::ExtendedColorType::L8)
                .unwrap();
        }
        bytes
    }

    /// Metadata that both encoders accept.
    trait ImageEncoderSettings {
        fn exif(&mut self, exif: Vec<u8>);
        fn profile(&mut self, profile: Vec<u8>);
    }

    impl<E: ImageEncoder> ImageEncoderSettings for E {
        fn exif(&mut self, exif: Vec<u8>) {
            self.set_exif_metadata(exif).unwrap();
        }
        fn profile(&mut self, profile: Vec<u8>) {
            self.set_icc_profile(profile).unwrap();
        }
    }

    fn differ(a: &GrayImage, b: &GrayImage) -> bool {
        let far = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 8;
        a.dimensions() != b.dimensions() || a.as_raw().iter().zip(b.as_raw()).any(far)
    }

    #[test]
    fn orientation_is_applied() {
        let upright = drawing();
        let stored = [
            (1, upright.clone()),
            (3, image::imageops::rotate180(&upright)),
            (6, image::imageops::rotate270(&upright)),
            (8, image::imageops::rotate90(&upright)),
            (2, image::imageops::flip_horizontal(&upright)),
        ];
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            for (orientation, image) in &stored {
                let bytes =
                    with_metadata(format, image, |encoder| encoder.exif(exif(*orientation)));
                let found = decode_bytes(&bytes).unwrap();
                assert!(
                    !differ(&found, &upright),
                    "{format:?}, orientation {orientation}"
                );
            }
        }
    }

    #[test]
    fn files_that_end_early_are_errors_or_complete() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let bytes = encoded(format, &drawing().into());
            let complete = decode_bytes(&bytes).unwrap();
            let mut rejected = 0;
            for end in 0..bytes.len() {
                match decode_bytes(&bytes[..end]) {
                    Ok(image) => assert_eq!(image, complete, "{format:?} of {end} bytes"),
                    Err(_) => rejected += 1,
                }
            }
            assert!(
                rejected > bytes.len() - 32,
                "{format:?}: {rejected} of {}",
                bytes.len()
            );
        }
    }

    #[test]
    fn sizes_beyond_the_maximum_are_errors_before_memory_is_allocated() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 100_000, 100_000);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer
            .write_chunk(png::chunk::IDAT, b"\x78\x9c\x03\0\0\0\0\x01")
            .unwrap();
        drop(writer);
        let error = format!("{:#}", decode_bytes(&bytes).unwrap_err());
        assert!(
            error.contains("100000x100000 pixels, the maximum is"),
            "{error}"
        );
    }

    #[test]
    fn color_profiles_and_gamma_become_srgb() {
        let middle = GrayImage::from_pixel(8, 8, Luma([128]));
        let mut linear = ColorProfile::new_srgb();
        linear.cicp = None;
        for curve in [
            &mut linear.red_trc,
            &mut linear.green_trc,
            &mut linear.blue_trc,
        ] {
            // A gamma of 1 in units of 1/256.
            *curve = Some(moxcms::ToneReprCurve::Lut(vec![256]));
        }
        let gray = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        let profile = with_metadata(ImageFormat::Png, &middle, |encoder| {
            encoder.profile(gray.clone());
        });
        // Half of the light is level 188 of sRGB.
        let level = decode_bytes(&profile).unwrap().get_pixel(0, 0).0[0];
        assert!(level.abs_diff(188) <= 1, "{level}");
        let mut rgb = Vec::new();
        let mut encoder = PngEncoder::new(&mut rgb);
        encoder.set_icc_profile(linear.encode().unwrap()).unwrap();
        let image = RgbImage::from_pixel(8, 8, Rgb([128; 3]));
        encoder
            .write_image(&image, 8, 8, image::ExtendedColorType::Rgb8)
            .unwrap();
        let level = decode_bytes(&rgb).unwrap().get_pixel(0, 0).0[0];
        assert!(level.abs_diff(188) <= 1, "{level}");
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 8, 8);
        encoder.set_source_gamma(png::ScaledFloat::new(1.0));
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&middle)
            .unwrap();
        let level = decode_bytes(&bytes).unwrap().get_pixel(0, 0).0[0];
        assert!(level.abs_diff(188) <= 1, "{level}");
    }

    #[test]
    fn transparent_pixels_show_the_background() {
        let white =
            image::GrayAlphaImage::from_fn(8, 8, |x, _| LumaA([255, if x < 2 { 255 } else { 0 }]));
        let on = |background| flatten(&white.clone().into(), background);
        assert!(on(255).is_hidden && !on(0).is_hidden);
        assert_eq!(on(0).image.as_raw()[..3], [255, 255, 0]);
    }

    #[test]
    fn cmyk_and_other_formats_are_errors_with_a_remedy() {
        let mut bytes = encoded(ImageFormat::Jpeg, &DynamicImage::new_rgb8(8, 8));
        assert_eq!(components(&bytes), Some(3));
        let frame = bytes
            .windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .unwrap();
        bytes[frame + 9] = 4;
        let error = format!("{:#}", decode_bytes(&bytes).unwrap_err());
        assert!(error.contains("CMYK; save it as RGB"), "{error}");
        let error = format!("{:#}", decode_bytes(b"GIF89a").unwrap_err());
        assert!(
            error.contains("cannot be read as an image: it is a GIF image; convert"),
            "{error}"
        );
    }
}
