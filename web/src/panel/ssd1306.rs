//! Controller SSD1306 of OLEDs with 128x64 pixels (data sheet, sections 8 to 10).

use embedded_graphics::{
    geometry::Point,
    pixelcolor::{BinaryColor, Rgb888},
};

use super::{
    bus::Controller,
    window::{Address, Window},
};

/// Number of columns, and of segment lines.
const WIDTH: u16 = 128;
/// Number of rows, and of common lines.
const HEIGHT: u16 = 64;
/// Number of pages: bytes in a column, of eight rows each.
const PAGES: u16 = HEIGHT / 8;

/// SSD1306 of a module whose top left pixel is on the last segment line and the last common line, the usual wiring.
#[expect(
    clippy::struct_excessive_bools,
    reason = "bits of the controller's registers"
)]
pub struct Ssd1306 {
    /// Pixels of the segment lines, page by page.
    memory: [u8; WIDTH as usize * PAGES as usize],
    /// Columns and pages that pixels are written to.
    window: Window,
    /// True if column 0 is the last segment line; applies to bytes that are written later.
    is_remapped: bool,
    /// True if the rows go from the last common line to the first.
    is_reversed: bool,
    /// Row with which the scan begins.
    start_line: u8,
    is_inverted: bool,
    is_on: bool,
}

impl Default for Ssd1306 {
    /// State after a reset.
    fn default() -> Self {
        Self {
            memory: [0; _],
            window: Window::new(WIDTH, PAGES),
            is_remapped: false,
            is_reversed: false,
            start_line: 0,
            is_inverted: false,
            is_on: false,
        }
    }
}

impl Controller for Ssd1306 {
    fn name(&self) -> &'static str {
        "SSD1306"
    }

    fn execute(&mut self, command: &[u8]) -> Option<()> {
        match *command {
            [0x21, first, last] => {
                self.window.set_columns(first.into()..=last.into(), WIDTH)?;
            }
            [0x22, first, last] => self.window.set_rows(first.into()..=last.into(), PAGES)?,
            [line @ 0x40..=0x7f] => self.start_line = line - 0x40,
            [bit @ (0xa0 | 0xa1)] => self.is_remapped = bit == 0xa1,
            [bit @ (0xa6 | 0xa7)] => self.is_inverted = bit == 0xa7,
            [bit @ (0xae | 0xaf)] => self.is_on = bit == 0xaf,
            [bit @ (0xc0 | 0xc8)] => self.is_reversed = bit == 0xc8,
            // Wiring of these modules: charge pump, 64 common lines in alternate order.
            [0x8d, 0x14] | [0xa8, 63] | [0xda, 0x12]
            // Horizontal addressing and no offset of the rows.
            | [0x20 | 0xd3, 0]
            // The memory is shown and does not scroll.
            | [0xa4 | 0x2e]
            // Contrast, clock, pre-charge period and deselect level do not change which pixels are lit.
            | [0x81 | 0xd5 | 0xd9 | 0xdb, _] => {}
            _ => return None,
        }
        Some(())
    }

    fn write(&mut self, pixels: &[u8]) -> Option<()> {
        for byte in pixels {
            let Address { column, row } = self.window.advance();
            let segment = if self.is_remapped {
                WIDTH - 1 - column
            } else {
                column
            };
            *self.memory.get_mut(index(segment, row))? = *byte;
        }
        Some(())
    }

    fn color(&self, at: Point) -> Rgb888 {
        let (segment, common) = (WIDTH - 1 - at.x as u16, HEIGHT - 1 - at.y as u16);
        let scanned = if self.is_reversed {
            HEIGHT - 1 - common
        } else {
            common
        };
        let row = (scanned + u16::from(self.start_line)) % HEIGHT;
        let byte = self.memory.get(index(segment, row / 8));
        let is_set = byte.is_some_and(|byte| byte >> (row % 8) & 1 == 1);
        BinaryColor::from(self.is_on && is_set != self.is_inverted).into()
    }
}

/// Returns the index of a byte of the memory.
fn index(segment: u16, page: u16) -> usize {
    Address {
        column: segment,
        row: page,
    }
    .index(WIDTH)
}

#[cfg(test)]
mod tests {
    use embedded_graphics::pixelcolor::RgbColor;

    use super::*;

    /// Returns a controller after commands.
    fn controller(commands: &[&[u8]]) -> Ssd1306 {
        let mut controller = Ssd1306::default();
        for command in commands {
            controller.execute(command).unwrap();
        }
        controller
    }

    /// Returns the points that are lit.
    fn lit(controller: &Ssd1306) -> Vec<(i32, i32)> {
        let points = (0..64).flat_map(|y| (0..128).map(move |x| (x, y)));
        points
            .filter(|(x, y)| controller.color(Point::new(*x, *y)) == Rgb888::WHITE)
            .collect()
    }

    #[test]
    fn a_window_is_filled_page_by_page_and_then_again() {
        let mut controller = controller(&[&[0xa1], &[0xc8], &[0xaf]]);
        controller.execute(&[0x21, 28, 29]).unwrap();
        controller.execute(&[0x22, 3, 4]).unwrap();
        controller.write(&[0x81, 0x02, 0x04]).unwrap();
        let corner = [(28, 24), (29, 25), (28, 31), (28, 34)];
        assert_eq!(lit(&controller), corner);
        controller.write(&[0, 0x10]).unwrap();
        assert_eq!(lit(&controller), [(29, 25), (28, 28), (28, 34)]);
    }

    #[test]
    fn modules_are_mounted_for_remapped_segments_and_reversed_rows() {
        for (remap, scan, at) in [
            (0xa1, 0xc8, (0, 0)),
            (0xa0, 0xc8, (127, 0)),
            (0xa1, 0xc0, (0, 63)),
            (0xa0, 0xc0, (127, 63)),
        ] {
            let mut controller = controller(&[&[remap], &[scan], &[0xaf]]);
            controller.write(&[1]).unwrap();
            assert_eq!(lit(&controller), [at]);
        }
    }

    #[test]
    fn segment_remap_applies_to_later_bytes_and_scan_direction_at_once() {
        let mut controller = controller(&[&[0xa1], &[0xc8], &[0xaf]]);
        controller.write(&[1]).unwrap();
        controller.execute(&[0xa0]).unwrap();
        assert_eq!(lit(&controller), [(0, 0)]);
        controller.execute(&[0xc0]).unwrap();
        assert_eq!(lit(&controller), [(0, 63)]);
    }

    #[test]
    fn the_start_line_moves_the_rows_up() {
        let mut controller = controller(&[&[0xa1], &[0xc8], &[0xaf], &[0x41]]);
        controller.write(&[3]).unwrap();
        assert_eq!(lit(&controller), [(0, 0), (0, 63)]);
    }

    #[test]
    fn inversion_exchanges_black_and_white_and_a_display_that_is_off_is_black() {
        let mut controller = controller(&[&[0xa1], &[0xc8], &[0xa7]]);
        controller.write(&[1]).unwrap();
        assert_eq!(lit(&controller), []);
        controller.execute(&[0xaf]).unwrap();
        assert_eq!(lit(&controller).len(), 128 * 64 - 1);
        controller.execute(&[0xa6]).unwrap();
        assert_eq!(lit(&controller), [(0, 0)]);
        controller.execute(&[0xae]).unwrap();
        assert_eq!(lit(&controller), []);
    }

    #[test]
    fn rejects_unknown_commands_and_invalid_windows() {
        let mut controller = Ssd1306::default();
        for command in [
            &[][..],
            &[0xff],
            &[0x21, 0],
            &[0x21, 1, 0],
            &[0x21, 0, 128],
            &[0x22, 0, 8],
            &[0x20, 2],
        ] {
            assert_eq!(controller.execute(command), None, "{command:x?}");
        }
    }
}
