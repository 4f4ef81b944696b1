//! Animated GIFs of the emulated display.

use std::borrow::Cow;

use anyhow::{Context, Result};
use gif::{Encoder, Repeat};
use image::GrayImage;

use crate::{board::EmulatedBoard, screen};

/// Scale of the film: each pixel of the display is a block of 3x3.
const SCALE: usize = 3;
/// Shortest time for which an image is shown: two frames of the latent walk, so that images are evenly spaced even if
/// the host misses a frame.
const MIN_MILLIS: u64 = 50;

/// An image of the display and the time for which it is shown.
#[derive(Clone, Debug)]
pub struct Shot {
    /// The image.
    pub image: GrayImage,
    /// Time in milliseconds.
    pub millis: u64,
}

/// Records the display for `millis` milliseconds of the board's time.
///
/// # Errors
/// If QEMU has ended, or its screenshot is not one of the display.
pub fn record(board: &mut EmulatedBoard, millis: u64) -> Result<Vec<Shot>> {
    let (first, screenshot) = board.capture()?;
    let mut current = Shot {
        image: screen::from_screenshot(&screenshot)?,
        millis: 0,
    };
    let (mut shots, mut at) = (Vec::new(), first.at);
    loop {
        let (frame, screenshot) = board.capture()?;
        if frame.at < at + MIN_MILLIS {
            continue;
        }
        current.millis = frame.at - at;
        shots.push(current);
        at = frame.at;
        if at >= first.at + millis {
            return Ok(shots);
        }
        current = Shot {
            image: screen::from_screenshot(&screenshot)?,
            millis: 0,
        };
    }
}

/// Encodes shots as a GIF that repeats; each image stores only the rectangle that has changed.
///
/// # Errors
/// If there are no shots, or the encoder fails.
pub fn encode(shots: &[Shot]) -> Result<Vec<u8>> {
    let first = &shots
        .first()
        .context("a film needs at least one image")?
        .image;
    let mut gif = Vec::new();
    let side = |pixels: u32| pixels as u16 * SCALE as u16;
    let palette: Vec<u8> = (0..16)
        .flat_map(|level| [level * screen::LEVEL_STEP; 3])
        .collect();
    let mut encoder = Encoder::new(
        &mut gif,
        side(first.width()),
        side(first.height()),
        &palette,
    )?;
    encoder.set_repeat(Repeat::Infinite)?;
    let mut before: Option<&GrayImage> = None;
    let (mut end, mut shown) = (0, 0);
    for Shot { image, millis } in shots {
        // GIF counts in hundredths of a second: rounding errors carry over to the next image.
        end += millis;
        let delay = (end / 10 - shown) as u16;
        shown = end / 10;
        let changed = changed_rectangle(before, image);
        let (x, y, width, height) = changed;
        encoder.write_frame(&gif::Frame {
            delay,
            left: side(x),
            top: side(y),
            width: side(width),
            height: side(height),
            buffer: Cow::Owned(levels(image, changed)),
            ..gif::Frame::default()
        })?;
        before = Some(image);
    }
    drop(encoder);
    Ok(gif)
}

/// Left, top, width and height of a rectangle in pixels.
type Rectangle = (u32, u32, u32, u32);

/// Returns the smallest rectangle that contains all differences of two images, at least one pixel.
fn changed_rectangle(before: Option<&GrayImage>, image: &GrayImage) -> Rectangle {
    let Some(before) = before else {
        return (0, 0, image.width(), image.height());
    };
    let changed = || {
        image
            .enumerate_pixels()
            .filter(|(x, y, pixel)| before.get_pixel(*x, *y) != *pixel)
    };
    let (columns, rows) = (
        || changed().map(|(x, ..)| x),
        || changed().map(|(_, y, _)| y),
    );
    let ends = |first: Option<u32>, last: Option<u32>| (first.unwrap_or(0), last.unwrap_or(0));
    let (left, right) = ends(columns().min(), columns().max());
    let (top, bottom) = ends(rows().min(), rows().max());
    (left, top, right - left + 1, bottom - top + 1)
}

/// Returns the gray levels of a part of an image at the film's scale.
fn levels(image: &GrayImage, (left, top, width, height): Rectangle) -> Vec<u8> {
    let level = |x, y| image.get_pixel(left + x, top + y).0[0] / screen::LEVEL_STEP;
    let row = |y| {
        (0..width)
            .flat_map(move |x| [level(x, y); SCALE])
            .collect::<Vec<_>>()
    };
    (0..height).flat_map(|y| row(y).repeat(SCALE)).collect()
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn stores_changed_rectangles_and_carries_rounding_errors_over() {
        let mut image = GrayImage::new(128, 64);
        let mut shots = vec![Shot {
            image: image.clone(),
            millis: 75,
        }];
        image.put_pixel(5, 7, Luma([0x77]));
        image.put_pixel(9, 6, Luma([0xff]));
        shots.push(Shot {
            image: image.clone(),
            millis: 84,
        });
        shots.push(Shot { image, millis: 81 });
        let gif = encode(&shots).unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::Indexed);
        let mut decoder = options.read_info(&*gif).unwrap();
        assert_eq!((decoder.width(), decoder.height()), (384, 192));
        let mut delays = Vec::new();
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            delays.push(frame.delay);
            frames.push(frame.clone());
        }
        assert_eq!(delays, [7, 8, 9], "hundredths of a second, 0.24 s in all");
        let second = &frames[1];
        assert_eq!(
            (second.left, second.top, second.width, second.height),
            (15, 18, 15, 6)
        );
        let row = |y: usize| &second.buffer[y * 15..][..15];
        assert_eq!(row(0), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 15, 15]);
        assert_eq!(row(5), [7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            frames[2].buffer.len(),
            9,
            "an unchanged image stores one pixel"
        );
    }

    #[test]
    fn rejects_a_film_without_images() {
        assert!(
            encode(&[])
                .unwrap_err()
                .to_string()
                .contains("at least one image")
        );
    }
}
