//! Pictures of digits: grids as PNG, rows of them as text.

use std::path::Path;

use anyhow::{Context, Result};
use thumbgan_core::{PIXELS, SIDE};

use crate::files::write_whole;

/// Pixels between the digits of a grid.
const GAP: usize = 2;
/// Grey of the lines between.
const LINE: u8 = 64;

/// A grey picture, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels of a row.
    pub width: usize,
    /// The greys of all rows.
    pub greys: Vec<u8>,
}

/// A grid of 28x28 greys, `columns` wide, with dark lines between.
pub fn grid(greys: &[u8], columns: usize) -> Picture {
    let (cell, lines) = (SIDE + GAP, (greys.len() / PIXELS).div_ceil(columns));
    let width = columns * cell + GAP;
    let mut picture = Picture {
        width,
        greys: vec![LINE; width * (lines * cell + GAP)],
    };
    for (index, digit) in greys.chunks_exact(PIXELS).enumerate() {
        let (left, top) = (index % columns * cell + GAP, index / columns * cell + GAP);
        for (y, row) in digit.chunks_exact(SIDE).enumerate() {
            picture.greys[(top + y) * width + left..][..SIDE].copy_from_slice(row);
        }
    }
    picture
}

impl Picture {
    /// Writes the picture as PNG, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_whole(path, &self.png()?)
    }

    /// The picture as the bytes of a PNG file.
    ///
    /// # Errors
    /// When the picture is empty.
    pub fn png(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let (width, height) = (self.width as u32, (self.greys.len() / self.width) as u32);
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().context("cannot encode a PNG")?;
        writer
            .write_image_data(&self.greys)
            .context("cannot encode a PNG")?;
        writer.finish().context("cannot encode a PNG")?;
        Ok(bytes)
    }
}

/// Digits as text in rows that fit the terminal, two rows of pixels to a line.
pub fn rows(greys: &[u8], count: usize) -> String {
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    let digits: Vec<&[u8]> = greys.chunks_exact(PIXELS).take(count).collect();
    digits
        .chunks((width / SIDE).clamp(1, 4))
        .map(text)
        .collect()
}

/// Digits side by side as text.
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

/// The rows `top` and `top + 1` of a digit as characters.
fn line_of(digit: &[u8], top: usize) -> impl Iterator<Item = char> {
    let rows = &digit[top * SIDE..][..2 * SIDE];
    (0..SIDE).map(|x| shade(u16::midpoint(rows[x].into(), rows[x + SIDE].into())))
}

/// A character as dense as a grey, 0 to 255, is light.
pub fn shade(grey: u16) -> char {
    const SHADES: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];
    SHADES[usize::from(grey) * SHADES.len() / 256]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_shows_each_digit_in_its_place() {
        let digits: Vec<u8> = (0..6_u8).flat_map(|n| [n * 10 + 100; PIXELS]).collect();
        let picture = grid(&digits, 3);
        let at = |x: usize, y: usize| picture.greys[y * picture.width + x];
        assert_eq!((picture.width, picture.greys.len()), (92, 92 * 62));
        assert_eq!((at(2, 2), at(29, 29)), (100, 100));
        assert_eq!(at(91 - 2, 61 - 2), 150);
        assert_eq!(at(30, 10), LINE, "a line between the digits");
    }

    #[test]
    fn text_shows_ink_and_leaves_paper_blank() {
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
