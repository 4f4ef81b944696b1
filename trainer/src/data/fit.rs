//! Transformation of grayscale images of any size to the 28x28 pixels of a dataset.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use image::{
    DynamicImage, GrayImage,
    imageops::{self, FilterType},
};

use super::{PIXELS, ReadOptions, SIDE};

/// Returns the 784 pixels of an image: inverted, transposed and scaled as requested. An image that is not square gets
/// background margins.
///
/// # Errors
/// If it has another size and scaling is not requested; the message names `path`.
pub(super) fn fit(mut image: GrayImage, reading: &ReadOptions, path: &Path) -> Result<Vec<u8>> {
    let side = SIDE as u32;
    let (width, height) = image.dimensions();
    ensure!(
        reading.resize || (width, height) == (side, side),
        "{} has {width}x{height} pixels; pass --resize to scale all images to fit {side}x{side}",
        path.display()
    );
    if reading.invert {
        imageops::invert(&mut image);
    }
    if reading.transpose {
        image = imageops::flip_horizontal(&imageops::rotate90(&image));
    }
    if image.dimensions() == (side, side) {
        return Ok(image.into_raw());
    }
    let image = DynamicImage::from(image)
        .resize(side, side, FilterType::Triangle)
        .into_luma8();
    let mut pixels = vec![0; PIXELS];
    let (left, top) = ((side - image.width()) / 2, (side - image.height()) / 2);
    for (x, y, gray) in image.enumerate_pixels() {
        pixels[((top + y) * side + left + x) as usize] = gray.0[0];
    }
    Ok(pixels)
}

/// Returns the image of `width` x `height` pixels.
///
/// # Errors
/// If the number of pixels is another one.
pub(super) fn gray_image(pixels: &[u8], [width, height]: [usize; 2]) -> Result<GrayImage> {
    GrayImage::from_raw(width as u32, height as u32, pixels.to_vec())
        .context("the buffer has another size than the image")
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn rows_and_columns_are_swapped_before_scaling() {
        // Light rows 0 and 1 of an image of 28 columns and 14 rows.
        let image = GrayImage::from_fn(28, 14, |_, y| Luma([if y < 2 { 255 } else { 0 }]));
        let reading = ReadOptions {
            resize: true,
            transpose: true,
            ..ReadOptions::default()
        };
        let path = Path::new("digits/a.png");
        let pixels = fit(image.clone(), &reading, path).unwrap();
        let columns: Vec<_> = (0..SIDE).filter(|&x| pixels[5 * SIDE + x] == 255).collect();
        assert_eq!(columns, [7, 8], "the margins are seven columns wide");
        let error = fit(image, &ReadOptions::default(), path)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("a.png has 28x14 pixels; pass --resize"),
            "{error}"
        );
    }
}
