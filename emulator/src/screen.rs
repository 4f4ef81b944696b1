//! Images of the emulated board's display in its 16 gray levels, rendered by the host or read back from QEMU.

use std::{io::Cursor, path::Path};

use anyhow::{Context, Result, ensure};
use embedded_graphics::{pixelcolor::Gray4, prelude::*};
use image::{GrayImage, ImageFormat, Luma, RgbImage, imageops};
use thumbgan_app::App;
use thumbgan_boards::EMULATED;

use crate::render::render;

/// Width of the display in pixels.
pub const WIDTH: u32 = EMULATED.display.width;
/// Height of the display in pixels.
pub const HEIGHT: u32 = EMULATED.display.height;
/// Scale of QEMU's screenshots: each pixel of the display is a block of 4x4.
const SCALE: u32 = 4;
/// Difference of two neighboring gray levels in an 8-bit image: QEMU shows level 3 as #333333.
pub const LEVEL_STEP: u8 = 0x11;

/// Renders on the host what the display must show of `app`.
///
/// # Errors
/// If the app draws outside the display.
pub fn expected(app: &mut App<'_>) -> Result<GrayImage> {
    let levels = render::<Gray4>(app, Size::new(WIDTH, HEIGHT))?.all();
    Ok(GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Luma([levels[(y * WIDTH + x) as usize].luma() * LEVEL_STEP])
    }))
}

/// Returns the display's pixels from QEMU's screenshot of it.
///
/// # Errors
/// If the screenshot has another size, or is not made of uniform blocks of 16 gray levels.
pub fn from_screenshot(screenshot: &RgbImage) -> Result<GrayImage> {
    let size = (WIDTH * SCALE, HEIGHT * SCALE);
    let found = screenshot.dimensions();
    ensure!(
        found == size,
        "the screenshot has {found:?} pixels instead of {size:?}"
    );
    for (x, y, pixel) in screenshot.enumerate_pixels() {
        let (column, row) = (x / SCALE, y / SCALE);
        let [red, green, blue] = pixel.0;
        ensure!(
            red == green && green == blue && red % LEVEL_STEP == 0,
            "pixel {column},{row} is {:?}, which is not one of 16 gray levels",
            pixel.0
        );
        let corner = screenshot.get_pixel(column * SCALE, row * SCALE);
        ensure!(
            pixel == corner,
            "pixel {column},{row} is not uniform: {:?} and {:?}",
            corner.0,
            pixel.0
        );
    }
    Ok(GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Luma([screenshot.get_pixel(x * SCALE, y * SCALE).0[0]])
    }))
}

/// Describes the first differing pixel of two images and the number of differing pixels:
/// `pixel 12,5: expected level 3, found 4 (17 of 8192 pixels differ)`. Returns `None` for equal images.
pub fn difference(expected: &GrayImage, found: &GrayImage) -> Option<String> {
    let pairs = expected.enumerate_pixels().zip(found.pixels());
    let mut differing = pairs.filter(|((_, _, expected), found)| expected != found);
    let ((x, y, first), found) = differing.next()?;
    let (first, found) = (first.0[0] / LEVEL_STEP, found.0[0] / LEVEL_STEP);
    let (count, all) = (1 + differing.count(), expected.len());
    Some(format!(
        "pixel {x},{y}: expected level {first}, found {found} ({count} of {all} pixels differ)"
    ))
}

/// Encodes an image as a PNG file.
///
/// # Errors
/// If the encoder fails.
pub fn png(image: &RgbImage) -> Result<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    image.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// Saves an image of the display as PNG, at the scale of QEMU's screenshots.
///
/// # Errors
/// If the file cannot be written.
pub fn save(image: &GrayImage, path: &Path) -> Result<()> {
    let (width, height) = (WIDTH * SCALE, HEIGHT * SCALE);
    let scaled = imageops::resize(image, width, height, imageops::FilterType::Nearest);
    scaled
        .save(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{self, ModelFile};
    use image::Rgb;

    fn screenshot(image: &GrayImage) -> RgbImage {
        RgbImage::from_fn(WIDTH * SCALE, HEIGHT * SCALE, |x, y| {
            Rgb([image.get_pixel(x / SCALE, y / SCALE).0[0]; 3])
        })
    }

    fn gallery() -> GrayImage {
        let model = ModelFile::read(None).unwrap();
        let mut scratch = models::scratch();
        expected(&mut App::new(&model.bytes, &mut scratch, || 0)).unwrap()
    }

    #[test]
    fn reads_an_image_back_from_its_screenshot() {
        let image = gallery();
        for level in [0, 255] {
            assert!(image.pixels().any(|pixel| pixel.0[0] == level));
        }
        assert_eq!(from_screenshot(&screenshot(&image)).unwrap(), image);
        assert_eq!(difference(&image, &image), None);
    }

    #[test]
    fn rejects_screenshots_of_another_display() {
        let screen = screenshot(&gallery());
        let mut torn = screen.clone();
        torn.put_pixel(4 * 7 + 2, 4 * 9 + 3, Rgb([0x55; 3]));
        torn.put_pixel(4 * 7, 4 * 9, Rgb([0x44; 3]));
        let error = from_screenshot(&torn).unwrap_err().to_string();
        assert!(error.contains("pixel 7,9 is not uniform"), "{error}");
        for color in [[0x10, 0x10, 0x10], [0x11, 0x11, 0x22]] {
            let mut colored = screen.clone();
            colored.put_pixel(0, 0, Rgb(color));
            let error = from_screenshot(&colored).unwrap_err().to_string();
            assert!(error.contains("not one of 16 gray levels"), "{error}");
        }
        assert!(from_screenshot(&RgbImage::new(128, 64)).is_err());
    }

    #[test]
    fn describes_the_first_difference() {
        let image = GrayImage::new(WIDTH, HEIGHT);
        let mut other = image.clone();
        other.put_pixel(12, 5, Luma([4 * LEVEL_STEP]));
        other.put_pixel(3, 6, Luma([LEVEL_STEP]));
        assert_eq!(
            difference(&image, &other).unwrap(),
            "pixel 12,5: expected level 0, found 4 (2 of 8192 pixels differ)"
        );
    }
}
