//! Text on the display: never past its area.

use core::iter;

use embedded_graphics::{
    geometry::AnchorY,
    mono_font::{MonoFont, MonoTextStyleBuilder},
    prelude::*,
    primitives::Rectangle,
    text::{Baseline, Text},
};
use thumbgan_core::{Ink, Look};

use crate::layout::FONTS;

/// Writes one line into `area`, and paper over the rest of it; what does not fit is left out.
pub fn line<D>(
    text: &str,
    font: &MonoFont<'_>,
    area: Rectangle,
    look: Look,
    target: &mut D,
) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let (paper, ink) = (look.colour::<D::Color>(0), look.colour(u8::MAX));
    let style = MonoTextStyleBuilder::new().font(font).text_color(ink).background_color(paper).build();
    let end = text.char_indices().nth(columns(font, area.size)).map_or(text.len(), |(end, _)| end);
    let text = Text::with_baseline(&text[..end], area.top_left, style, Baseline::Top);
    let written = text.bounding_box().size.width.min(area.size.width);
    text.draw(target)?;
    let rest = Size::new(area.size.width - written, area.size.height);
    target.fill_solid(&Rectangle::new(area.top_left + Size::new(written, 0), rest), paper)
}

/// Writes `text` into `area`, wrapped, in the largest font up to `largest` that all of it fits in, and paper over
/// the rest; what does not fit in the smallest font is left out.
pub fn paragraph<D>(
    text: &str,
    largest: &MonoFont<'_>,
    area: Rectangle,
    look: Look,
    target: &mut D,
) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let font = fitting(text, largest, area.size);
    let cell = font.character_size;
    let mut rest = area;
    for text in wrap(text, columns(font, area.size)).take((area.size.height / cell.height) as usize) {
        line(text, font, rest.resized_height(cell.height, AnchorY::Top), look, target)?;
        rest = rest.resized_height(rest.size.height - cell.height, AnchorY::Bottom);
    }
    target.fill_solid(&rest, look.colour(0))
}

/// The largest font up to `largest` that all of `text` fits in, best without breaking a word; else the smallest.
fn fitting(text: &str, largest: &MonoFont<'_>, size: Size) -> &'static MonoFont<'static> {
    let fits = |font: &&&MonoFont<'_>| {
        let (cell, lines) = (font.character_size, wrap(text, columns(font, size)).count() as u32);
        cell.height <= largest.character_size.height && lines * cell.height <= size.height
    };
    let longest = text.split([' ', '\n']).map(|word| word.chars().count()).max().unwrap_or_default();
    let breaks = |font: &&&MonoFont<'_>| longest > columns(font, size);
    FONTS.iter().filter(fits).min_by_key(breaks).copied().unwrap_or(FONTS[FONTS.len() - 1])
}

/// How many letters stand side by side.
fn columns(font: &MonoFont<'_>, size: Size) -> usize {
    (size.width / font.character_size.width) as usize
}

/// The lines of `text`, those longer than `columns` characters broken at a space if they have one.
fn wrap(text: &str, columns: usize) -> impl Iterator<Item = &str> {
    text.lines().flat_map(move |line| {
        let mut rest = Some(line);
        iter::from_fn(move || {
            let line = rest?;
            let Some((end, _)) = line.char_indices().nth(columns) else { return rest.take() };
            let spaces = line.char_indices().take(columns + 1).filter(|(_, letter)| *letter == ' ');
            let (head, tail) = line.split_at_checked(spaces.last().map_or(end, |(space, _)| space))?;
            rest = Some(tail.trim_start());
            Some(head)
        })
    })
}
