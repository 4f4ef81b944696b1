//! Widget for images: half-block characters with two pixels per cell, or ASCII characters without colors.

use crate::data::{PIXELS, SIDE};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
    widgets::Widget,
};

use crate::png as picture;

/// Number of images that must fit in full size; otherwise all are shown at half size.
const ENOUGH: usize = 10;

/// Images, as many as fit into the area.
#[derive(Clone, Copy, Debug)]
pub struct Digits<'d> {
    /// Pixels, 784 per image.
    pub grays: &'d [u8],
    /// True for a terminal without colors.
    pub monochrome: bool,
}

impl Widget for Digits<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let room = |zoom: usize| {
            (
                usize::from(area.width) / (SIDE / zoom),
                usize::from(area.height) / (SIDE / zoom / 2),
            )
        };
        let (across, down) = room(1);
        let zoom = if across * down >= ENOUGH { 1 } else { 2 };
        let (across, down) = room(zoom);
        for (place, digit) in self
            .grays
            .chunks_exact(PIXELS)
            .take(across * down)
            .enumerate()
        {
            let left = area.x + (place % across * (SIDE / zoom)) as u16;
            let top = area.y + (place / across * (SIDE / zoom / 2)) as u16;
            self.render_one(digit, zoom, (left, top), buffer);
        }
    }
}

impl Digits<'_> {
    /// Renders one image, reduced by `zoom`, at a position.
    fn render_one(self, digit: &[u8], zoom: usize, (left, top): (u16, u16), buffer: &mut Buffer) {
        let gray = |x: usize, y: usize| {
            let places = (0..zoom * zoom)
                .map(|place| (y * zoom + place / zoom) * SIDE + x * zoom + place % zoom);
            let sum: usize = places.map(|place| usize::from(digit[place])).sum();
            (sum / (zoom * zoom)) as u8
        };
        for y in 0..SIDE / zoom / 2 {
            for x in 0..SIDE / zoom {
                let (upper, lower) = (gray(x, 2 * y), gray(x, 2 * y + 1));
                let cell = &mut buffer[(left + x as u16, top + y as u16)];
                if self.monochrome {
                    cell.set_char(picture::shade(u16::midpoint(upper.into(), lower.into())));
                } else {
                    cell.set_char('▀')
                        .set_style(Style::new().fg(shade(upper)).bg(shade(lower)));
                }
            }
        }
    }
}

/// Returns the nearest of the 24 gray levels of 256-color terminals.
const fn shade(gray: u8) -> Color {
    Color::Indexed(232 + (gray as u16 * 23 / 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_pixels_are_foreground_and_lower_ones_background() {
        let mut grays = vec![0; PIXELS * 2];
        grays[..SIDE].fill(255);
        // Ten images do not fit at full size, so four pixels become one.
        let area = Rect::new(0, 0, 30, 8);
        let mut buffer = Buffer::empty(area);
        Digits {
            grays: &grays,
            monochrome: false,
        }
        .render(area, &mut buffer);
        assert_eq!(
            (buffer[(0, 0)].fg, buffer[(0, 0)].bg),
            (shade(127), shade(0))
        );
        assert_eq!(
            (buffer[(14, 0)].symbol(), buffer[(28, 0)].symbol()),
            ("▀", " ")
        );
        assert_eq!(
            (buffer[(0, 6)].symbol(), buffer[(0, 7)].symbol()),
            ("▀", " ")
        );
        let area = Rect::new(0, 0, 28 * 5, 28);
        let mut buffer = Buffer::empty(area);
        Digits {
            grays: &grays,
            monochrome: false,
        }
        .render(area, &mut buffer);
        assert_eq!(
            (buffer[(27, 0)].fg, buffer[(27, 0)].bg),
            (shade(255), shade(0))
        );
    }

    #[test]
    fn without_colors_foreground_is_dense_and_background_is_blank() {
        let mut grays = vec![0; PIXELS];
        grays[..2 * SIDE].fill(255);
        let area = Rect::new(0, 0, 28 * 5, 28);
        let mut buffer = Buffer::empty(area);
        Digits {
            grays: &grays,
            monochrome: true,
        }
        .render(area, &mut buffer);
        assert_eq!(
            (buffer[(5, 0)].symbol(), buffer[(5, 1)].symbol()),
            ("@", " ")
        );
    }
}
