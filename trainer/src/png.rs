//! Grayscale bitmaps: image grids as PNG and as text.

use std::path::Path;

use crate::data::{PIXELS, SIDE};
use anyhow::{Context, Result};

use crate::files::write_whole;

/// Pixels between the images of a grid.
const GAP: usize = 2;
/// Gray level of the lines between the images.
const LINE: u8 = 64;

/// Grayscale bitmap, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrayBitmap {
    /// Width in pixels.
    pub width: usize,
    /// Pixels of all rows, `width * height` bytes.
    pub grays: Vec<u8>,
}

/// Arranges 28x28 images in a grid with `columns` columns and dark lines between them.
pub fn grid(grays: &[u8], columns: usize) -> GrayBitmap {
    let (cell, lines) = (SIDE + GAP, (grays.len() / PIXELS).div_ceil(columns));
    let width = columns * cell + GAP;
    let mut picture = GrayBitmap {
        width,
        grays: vec![LINE; width * (lines * cell + GAP)],
    };
    for (index, digit) in grays.chunks_exact(PIXELS).enumerate() {
        let (left, top) = (index % columns * cell + GAP, index / columns * cell + GAP);
        for (y, row) in digit.chunks_exact(SIDE).enumerate() {
            picture.grays[(top + y) * width + left..][..SIDE].copy_from_slice(row);
        }
    }
    picture
}

impl GrayBitmap {
    /// Writes the bitmap atomically to a PNG file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_whole(path, &self.png()?)
    }

    /// Encodes the bitmap as PNG.
    ///
    /// # Errors
    /// If the bitmap is empty.
    pub fn png(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let (width, height) = (self.width as u32, (self.grays.len() / self.width) as u32);
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().context("cannot encode a PNG")?;
        writer
            .write_image_data(&self.grays)
            .context("cannot encode a PNG")?;
        writer.finish().context("cannot encode a PNG")?;
        Ok(bytes)
    }
}

/// Returns the first `count` images as text in rows that fit the terminal, two rows of pixels per line.
pub fn rows(grays: &[u8], count: usize) -> String {
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    let digits: Vec<&[u8]> = grays.chunks_exact(PIXELS).take(count).collect();
    digits
        .chunks((width / SIDE).clamp(1, 4))
        .map(text)
        .collect()
}

/// Returns images side by side as text.
fn text(digits: &[&[u8]]) -> String {
    let mut lines = String::new();
    for top in (0..SIDE).step_by(2) {
        let line: String = digits
            .iter()
            .flat_map(|digit| line_of(digit, top))
            .collect();
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

/// Returns the characters for the rows `top` and `top + 1` of an image.
fn line_of(digit: &[u8], top: usize) -> impl Iterator<Item = char> {
    let rows = &digit[top * SIDE..][..2 * SIDE];
    (0..SIDE).map(|x| shade(u16::midpoint(rows[x].into(), rows[x + SIDE].into())))
}

/// Returns a character whose density corresponds to a gray level of 0 to 255.
pub fn shade(gray: u16) -> char {
    const SHADES: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];
    SHADES[usize::from(gray) * SHADES.len() / 256]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_shows_each_image_in_its_cell() {
        let digits: Vec<u8> = (0..6_u8).flat_map(|n| [n * 10 + 100; PIXELS]).collect();
        let picture = grid(&digits, 3);
        let at = |x: usize, y: usize| picture.grays[y * picture.width + x];
        assert_eq!((picture.width, picture.grays.len()), (92, 92 * 62));
        assert_eq!((at(2, 2), at(29, 29)), (100, 100));
        assert_eq!(at(91 - 2, 61 - 2), 150);
        assert_eq!(at(30, 10), LINE, "a line between the digits");
    }

    #[test]
    fn text_shows_foreground_and_leaves_background_blank() {
        let mut digit = vec![0; PIXELS];
        digit[0] = 255;
        digit[SIDE] = 255;
        let text = text(&[&digit, &digit]);
        assert_eq!(text.lines().count(), 14);
        assert_eq!(
            text.lines().next().unwrap(),
            format!("@{}@", " ".repeat(27))
        );
        assert_eq!(text.lines().nth(1).unwrap(), "");
    }
}
