//! Grayscale bitmaps: image grids as PNG and as text.

use std::{io::Cursor, path::Path};

use crate::data::{PIXELS, SIDE};
use anyhow::{Context, Result, ensure};

use crate::files::{check_replaceable, write_whole};

/// Pixels between the images of a grid.
const GAP: usize = 2;
/// Gray level of the lines between the images.
const LINE: u8 = 64;

/// Keywords of the text chunks that mark a PNG file, and the program's name.
const SOFTWARE: &str = "Software";
const TITLE: &str = "Title";
const PROGRAM: &str = "thumbgan";

/// Purpose of a PNG file, which the file names in its text chunk `Title`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Contact sheet of a dataset.
    ContactSheet,
    /// Grid of a model's samples.
    SampleGrid,
    /// Contact sheet, sample grid or latent interpolations in the folder of a run.
    RunFigure,
    /// Image that a board has generated.
    BoardImage,
    /// Figure of a report.
    ReportFigure,
}

impl Purpose {
    /// Returns the title of such a file.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ContactSheet => "contact sheet",
            Self::SampleGrid => "sample grid",
            Self::RunFigure => "run figure",
            Self::BoardImage => "board image",
            Self::ReportFigure => "report figure",
        }
    }
}

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
    /// Writes the bitmap atomically to a PNG file with the mark of `purpose`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path, purpose: Purpose) -> Result<()> {
        write_whole(path, &self.png(purpose)?)
    }

    /// Encodes the bitmap as PNG with the mark of `purpose`.
    ///
    /// # Errors
    /// If the bitmap is empty.
    pub fn png(&self, purpose: Purpose) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let (width, height) = (self.width as u32, (self.grays.len() / self.width) as u32);
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        for (keyword, text) in [(SOFTWARE, PROGRAM), (TITLE, purpose.title())] {
            encoder
                .add_text_chunk(keyword.to_owned(), text.to_owned())
                .context("cannot encode a PNG")?;
        }
        let mut writer = encoder.write_header().context("cannot encode a PNG")?;
        writer
            .write_image_data(&self.grays)
            .context("cannot encode a PNG")?;
        writer.finish().context("cannot encode a PNG")?;
        Ok(bytes)
    }
}

/// Returns true for the content of a PNG file that this program has written for `purpose`.
pub fn is_own(content: &[u8], purpose: Purpose) -> bool {
    let Ok(reader) = png::Decoder::new(Cursor::new(content)).read_info() else {
        return false;
    };
    let texts = &reader.info().uncompressed_latin1_text;
    [(SOFTWARE, PROGRAM), (TITLE, purpose.title())]
        .iter()
        .all(|(keyword, text)| {
            texts
                .iter()
                .any(|chunk| chunk.keyword == *keyword && chunk.text == *text)
        })
}

/// Checks the path of a PNG file before it is made: its ending, and that the file would replace only an own one of the
/// same purpose.
///
/// # Errors
/// If the name does not end in .png, or another file would be replaced without `force`.
pub fn check_output(path: &Path, purpose: Purpose, force: bool) -> Result<()> {
    ensure!(
        has_ending(path, "png"),
        "{}: the output is a PNG image, so its name must end in .png",
        path.display()
    );
    check_replaceable(path, &format!("a {}", purpose.title()), force, |content| {
        is_own(content, purpose)
    })
}

/// Returns true if the name of a file has this ending, in lower or upper case.
pub fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
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
    fn files_of_the_same_purpose_are_recognized() {
        let bytes = grid(&[9; PIXELS], 1).png(Purpose::ContactSheet).unwrap();
        assert!(is_own(&bytes, Purpose::ContactSheet));
        assert!(!is_own(&bytes, Purpose::SampleGrid));
        assert!(!is_own(&bytes[..60], Purpose::ContactSheet));
        let mut foreign = Vec::new();
        let mut encoder = png::Encoder::new(&mut foreign, 1, 1);
        encoder
            .add_text_chunk("Title".into(), "contact sheet".into())
            .unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[0]).unwrap();
        writer.finish().unwrap();
        assert!(!is_own(&foreign, Purpose::ContactSheet));
        assert!(!is_own(b"", Purpose::ContactSheet));
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
