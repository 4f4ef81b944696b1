//! Pictures of the 128x64 display in its 16 greys: as the host draws them, and as QEMU shows them.

use std::{io::Cursor, path::Path};

use anyhow::{Context, Result, ensure};
use embedded_graphics::{pixelcolor::Gray4, prelude::*};
use image::{GrayImage, ImageFormat, Luma, RgbImage, imageops};
use thumbgan_app::App;

use crate::canvas::Canvas;

const WIDTH: u32 = 128;
const HEIGHT: u32 = 64;

/// QEMU shows each pixel of the display this large.
const ZOOM: u32 = 4;
/// Grey of 0 to 255 for each of the display's 16 levels: QEMU shows level 3 as #333333.
pub const STEP: u8 = 0x11;

/// What the display must show of `app`.
///
/// # Errors
/// When the app draws beside it.
pub fn expected(app: &mut App<'_>) -> Result<GrayImage> {
    let canvas = Canvas::<Gray4>::showing(app, Size::new(WIDTH, HEIGHT))?;
    Ok(GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Luma([canvas.pixel(x, y).luma() * STEP])
    }))
}

/// What the display shows, from QEMU's enlarged picture of it.
///
/// # Errors
/// When that is not 16 greys in blocks of 4x4.
pub fn shown(screen: &RgbImage) -> Result<GrayImage> {
    let size = (WIDTH * ZOOM, HEIGHT * ZOOM);
    ensure!(
        screen.dimensions() == size,
        "QEMU's picture is {:?}, not {size:?}",
        screen.dimensions()
    );
    for (x, y, pixel) in screen.enumerate_pixels() {
        let (column, row) = (x / ZOOM, y / ZOOM);
        let [red, green, blue] = pixel.0;
        ensure!(
            red == green && green == blue && red % STEP == 0,
            "{column},{row} is no grey of 16: {:?}",
            pixel.0
        );
        let corner = screen.get_pixel(column * ZOOM, row * ZOOM);
        ensure!(
            pixel == corner,
            "{column},{row} is not uniform: {:?} and {:?}",
            corner.0,
            pixel.0
        );
    }
    Ok(GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Luma([screen.get_pixel(x * ZOOM, y * ZOOM).0[0]])
    }))
}

/// Where two pictures differ first, and how often: `pixel 12,5 expected level 3 got 4 (17 differ)`.
pub fn difference(expected: &GrayImage, got: &GrayImage) -> Option<String> {
    let differs = |(expected, got): &((u32, u32, &Luma<u8>), &Luma<u8>)| expected.2 != *got;
    let mut differing = expected
        .enumerate_pixels()
        .zip(got.pixels())
        .filter(differs);
    let ((x, y, expected), got) = differing.next()?;
    let (expected, got) = (expected.0[0] / STEP, got.0[0] / STEP);
    Some(format!(
        "pixel {x},{y} expected level {expected} got {got} ({} differ)",
        1 + differing.count()
    ))
}

/// A picture as the bytes of a PNG file.
///
/// # Errors
/// When it cannot be encoded.
pub fn png(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// Saves a picture as PNG, as large as QEMU shows it.
///
/// # Errors
/// When it cannot be written.
pub fn save(picture: &GrayImage, path: &Path) -> Result<()> {
    let large = imageops::resize(
        picture,
        WIDTH * ZOOM,
        HEIGHT * ZOOM,
        imageops::FilterType::Nearest,
    );
    large
        .save(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelFile;
    use image::Rgb;

    fn enlarged(picture: &GrayImage) -> RgbImage {
        RgbImage::from_fn(WIDTH * ZOOM, HEIGHT * ZOOM, |x, y| {
            Rgb([picture.get_pixel(x / ZOOM, y / ZOOM).0[0]; 3])
        })
    }

    fn digit() -> GrayImage {
        let model = ModelFile::read(None).unwrap();
        expected(&mut App::new(&model.bytes, || 0)).unwrap()
    }

    #[test]
    fn an_enlarged_picture_is_reduced_to_itself() {
        let picture = digit();
        assert!(
            picture.pixels().any(|pixel| pixel.0[0] == 255)
                && picture.pixels().any(|pixel| pixel.0[0] == 0)
        );
        assert_eq!(shown(&enlarged(&picture)).unwrap(), picture);
        assert_eq!(difference(&picture, &picture), None);
    }

    #[test]
    fn pictures_of_no_such_display_are_refused() {
        let screen = enlarged(&digit());
        let mut torn = screen.clone();
        torn.put_pixel(4 * 7 + 2, 4 * 9 + 3, Rgb([0x55; 3]));
        torn.put_pixel(4 * 7, 4 * 9, Rgb([0x44; 3]));
        assert!(
            shown(&torn)
                .unwrap_err()
                .to_string()
                .contains("7,9 is not uniform")
        );
        for colour in [[0x10, 0x10, 0x10], [0x11, 0x11, 0x22]] {
            let mut coloured = screen.clone();
            coloured.put_pixel(0, 0, Rgb(colour));
            assert!(
                shown(&coloured)
                    .unwrap_err()
                    .to_string()
                    .contains("0,0 is no grey of 16")
            );
        }
        assert!(shown(&RgbImage::new(128, 64)).is_err());
    }

    #[test]
    fn the_first_difference_is_named() {
        let picture = GrayImage::new(WIDTH, HEIGHT);
        let mut other = picture.clone();
        other.put_pixel(12, 5, Luma([4 * STEP]));
        other.put_pixel(3, 6, Luma([STEP]));
        let difference = difference(&picture, &other).unwrap();
        assert_eq!(difference, "pixel 12,5 expected level 0 got 4 (2 differ)");
    }
}
