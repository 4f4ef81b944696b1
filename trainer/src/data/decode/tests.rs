//! Images as viewers show them, and images that are refused.

use std::{fs, io::Cursor};

use ::png::{self as png_file, chunk::ChunkType};
use image::{
    ImageEncoder, ImageFormat, Luma, LumaA, Rgb, RgbImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};
use moxcms::ColorProfile;
use tempfile::tempdir;

use super::{jpeg::frame, *};

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
            let bytes = with_metadata(format, image, |encoder| encoder.exif(exif(*orientation)));
            let found = decode_bytes(&bytes).unwrap();
            assert!(
                !differ(&found, &upright),
                "{format:?}, orientation {orientation}"
            );
        }
    }
}

#[test]
fn orientation_after_the_pixels_is_applied() {
    let upright = drawing();
    let turned = image::imageops::rotate180(&upright);
    for prefix in [&b""[..], b"Exif\0\0"] {
        let mut bytes = Vec::new();
        let mut encoder = png_file::Encoder::new(&mut bytes, turned.width(), turned.height());
        encoder.set_color(png_file::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&turned).unwrap();
        let content = [prefix, &exif(3)].concat();
        writer.write_chunk(ChunkType(*b"eXIf"), &content).unwrap();
        writer.finish().unwrap();
        assert_eq!(decode_bytes(&bytes).unwrap(), upright);
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
    let mut encoder = png_file::Encoder::new(&mut bytes, 100_000, 100_000);
    encoder.set_color(png_file::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_chunk(png_file::chunk::IDAT, b"\x78\x9c\x03\0\0\0\0\x01")
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
    let mut encoder = png_file::Encoder::new(&mut bytes, 8, 8);
    encoder.set_source_gamma(png_file::ScaledFloat::new(1.0));
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
    assert!(on(255).is_alpha_only && !on(0).is_alpha_only);
    assert_eq!(on(0).image.as_raw()[..3], [255, 255, 0]);
}

#[test]
fn cmyk_and_other_formats_are_errors_with_a_remedy() {
    let mut bytes = encoded(ImageFormat::Jpeg, &DynamicImage::new_rgb8(8, 8));
    assert_eq!(frame(&bytes).unwrap().components, 3);
    let start = bytes
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    bytes[start + 9] = 4;
    let error = format!("{:#}", decode_bytes(&bytes).unwrap_err());
    assert!(error.contains("CMYK; save it as RGB"), "{error}");
    let error = format!("{:#}", decode_bytes(b"GIF89a").unwrap_err());
    assert!(
        error.contains("cannot be read as an image: it is a GIF image; convert"),
        "{error}"
    );
}

#[test]
fn unusual_and_damaged_files_are_errors_in_one_sentence_with_a_remedy() {
    let jpeg = encoded(ImageFormat::Jpeg, &drawing().into());
    let png = encoded(ImageFormat::Png, &drawing().into());
    let start = jpeg
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    let header = png.windows(4).position(|name| name == b"IHDR").unwrap();
    let again = "cut or damaged; copy or download it again";
    for (bytes, at, value, message) in [
        (
            &jpeg,
            start + 1,
            0xc3,
            "a lossless JPEG image; save it as PNG",
        ),
        (
            &jpeg,
            start + 1,
            0xc9,
            "a JPEG image with arithmetic coding; save it as PNG",
        ),
        (
            &jpeg,
            start + 1,
            0xcd,
            "a hierarchical JPEG image; save it as PNG",
        ),
        (
            &jpeg,
            start + 4,
            12,
            "a JPEG image with 12 bits per sample instead of 8; save it as PNG",
        ),
        (&jpeg, start + 11, 9, "copy it again or save it as PNG"),
        (&png, header + 18, 1, again),
        (&png, png.len() - 20, 1, again),
    ] {
        let mut bytes = bytes.clone();
        assert_ne!(bytes[at], value);
        bytes[at] = value;
        let error = format!("{:#}", decode_bytes(&bytes).unwrap_err());
        assert!(error.ends_with(message), "{error}");
        assert_eq!(error.matches(':').count(), 1, "{error}");
    }
}
