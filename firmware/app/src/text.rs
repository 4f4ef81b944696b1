//! Text on the display: never past its area.

use core::iter;

use embedded_graphics::{
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
    let columns = (area.size.width / font.character_size.width) as usize;
    let end = text.char_indices().nth(columns).map_or(text.len(), |(end, _)| end);
    let text = Text::with_baseline(&text[..end], area.top_left, style, Baseline::Top);
    let written = text.bounding_box().size.width.min(area.size.width);
    text.draw(target)?;
    let rest = Size::new(area.size.width - written, area.size.height);
    target.fill_solid(&Rectangle::new(area.top_left + Size::new(written, 0), rest), paper)
}

/// Writes `text` into `area`, wrapped, in `largest` or the largest smaller font that all of it fits in.
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
    let columns = |font: &MonoFont<'_>| (area.size.width / font.character_size.width) as usize;
    let fits = |font: &&&MonoFont<'_>| {
        let (cell, lines) = (font.character_size, wrap(text, columns(font)).count() as u32);
        cell.height <= largest.character_size.height && lines * cell.height <= area.size.height
    };
    let font = FONTS.iter().find(fits).or(FONTS.last()).copied().unwrap_or(largest);
    let cell = font.character_size;
    let lines = area.rows().step_by(cell.height as usize).take((area.size.height / cell.height) as usize);
    for (y, text) in lines.zip(wrap(text, columns(font))) {
        let place = Rectangle::new(Point::new(area.top_left.x, y), Size::new(area.size.width, cell.height));
        line(text, font, place, look, target)?;
    }
    Ok(())
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
