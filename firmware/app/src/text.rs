//! Text on the display: wrapped, and never past its area.

use core::iter;

use embedded_graphics::{
    mono_font::{MonoTextStyle, ascii::FONT_5X8},
    prelude::*,
    primitives::Rectangle,
    text::{Baseline, Text},
};
use thumbgan_core::Ink;

/// Writes `text` into `area` line by line; what does not fit is left out.
pub fn write<D>(text: &str, area: Rectangle, target: &mut D) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let style = MonoTextStyle::new(&FONT_5X8, D::Color::ink(u8::MAX, area.top_left));
    let cell = FONT_5X8.character_size;
    let columns = area.size.width / cell.width;
    let rows = area.rows().step_by(cell.height as usize).take((area.size.height / cell.height) as usize);
    for (y, line) in rows.zip(wrap(text, columns as usize)) {
        Text::with_baseline(line, Point::new(area.top_left.x, y), style, Baseline::Top).draw(target)?;
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
