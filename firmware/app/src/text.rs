//! Text drawing that stays within its area.

use core::iter;

use embedded_graphics::{
    geometry::AnchorY,
    mono_font::{MonoFont, MonoTextStyleBuilder},
    prelude::*,
    primitives::Rectangle,
    text::{Baseline, Text},
};
use thumbgan_core::graphics::{GrayscaleColor, Theme};

use crate::layout::FONTS;

/// Draws one line into `area` and clears the rest of it. Text that does not fit is cut.
pub fn line<D>(
    text: &str,
    font: &MonoFont<'_>,
    area: Rectangle,
    theme: Theme,
    target: &mut D,
) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: GrayscaleColor,
{
    let (background, foreground) = (theme.color::<D::Color>(0), theme.color(u8::MAX));
    let style = MonoTextStyleBuilder::new()
        .font(font)
        .text_color(foreground)
        .background_color(background)
        .build();
    let end = text
        .char_indices()
        .nth(columns(font, area.size))
        .map_or(text.len(), |(end, _)| end);
    let text = Text::with_baseline(&text[..end], area.top_left, style, Baseline::Top);
    let width = text.bounding_box().size.width.min(area.size.width);
    text.draw(target)?;
    let rest = Size::new(area.size.width - width, area.size.height);
    target.fill_solid(
        &Rectangle::new(area.top_left + Size::new(width, 0), rest),
        background,
    )
}

/// Draws `text` into `area`, wrapped, in the largest font up to `largest` in which it fits, and clears the rest. Text that
/// does not fit in the smallest font is cut.
pub fn paragraph<D>(
    text: &str,
    largest: &MonoFont<'_>,
    area: Rectangle,
    theme: Theme,
    target: &mut D,
) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: GrayscaleColor,
{
    let font = fitting(text, largest, area.size);
    let cell = font.character_size;
    let mut rest = area;
    for text in wrap(text, columns(font, area.size)).take((area.size.height / cell.height) as usize)
    {
        line(
            text,
            font,
            rest.resized_height(cell.height, AnchorY::Top),
            theme,
            target,
        )?;
        rest = rest.resized_height(rest.size.height - cell.height, AnchorY::Bottom);
    }
    target.fill_solid(&rest, theme.color(0))
}

/// Returns the largest font up to `largest` in which `text` fits, preferably without breaking a word, or the smallest.
fn fitting(text: &str, largest: &MonoFont<'_>, size: Size) -> &'static MonoFont<'static> {
    let fits = |font: &&&MonoFont<'_>| {
        let (cell, lines) = (
            font.character_size,
            wrap(text, columns(font, size)).count() as u32,
        );
        cell.height <= largest.character_size.height && lines * cell.height <= size.height
    };
    let longest = text
        .split([' ', '\n'])
        .map(|word| word.chars().count())
        .max()
        .unwrap_or_default();
    let breaks = |font: &&&MonoFont<'_>| longest > columns(font, size);
    FONTS
        .iter()
        .filter(fits)
        .min_by_key(breaks)
        .copied()
        .unwrap_or(FONTS[FONTS.len() - 1])
}

/// Returns the number of characters per line.
fn columns(font: &MonoFont<'_>, size: Size) -> usize {
    (size.width / font.character_size.width) as usize
}

/// Splits `text` into lines of at most `columns` characters, at a space if possible.
fn wrap(text: &str, columns: usize) -> impl Iterator<Item = &str> {
    text.lines().flat_map(move |line| {
        let mut rest = Some(line);
        iter::from_fn(move || {
            let line = rest?;
            let Some((end, _)) = line.char_indices().nth(columns) else {
                return rest.take();
            };
            let spaces = line
                .char_indices()
                .take(columns + 1)
                .filter(|(_, letter)| *letter == ' ');
            let (head, tail) =
                line.split_at_checked(spaces.last().map_or(end, |(space, _)| space))?;
            rest = Some(tail.trim_start());
            Some(head)
        })
    })
}
