//! Controller ST7789 of color TFTs with up to 240x320 pixels (data sheet, section 9).

use embedded_graphics::{
    geometry::Point,
    pixelcolor::{Rgb565, Rgb888, RgbColor, raw::RawU16},
};

use super::{
    bus::Controller,
    window::{Address, Window},
};

/// Number of columns of the memory.
const COLUMNS: u16 = 240;
/// Number of rows of the memory.
const ROWS: u16 = 320;

/// Bits of the address mode: mirrored rows, mirrored columns, rows exchanged with columns.
const MIRROR_ROWS: u8 = 0x80;
const MIRROR_COLUMNS: u8 = 0x40;
const EXCHANGE: u8 = 0x20;

/// ST7789 as mounted on Waveshare's Pico-LCD-1.3: its 240x240 panel needs inverted colors.
#[expect(
    clippy::struct_excessive_bools,
    reason = "bits of the controller's registers"
)]
pub struct St7789 {
    /// Colors in RGB565, row by row.
    memory: Box<[u16]>,
    /// Columns and rows that pixels are written to.
    window: Window,
    /// True during a memory write.
    is_writing: bool,
    /// First byte of a pixel whose second byte is missing.
    high: Option<u8>,
    /// Address mode: order of rows and columns for pixels that are written later.
    mode: u8,
    is_inverted: bool,
    is_asleep: bool,
    is_on: bool,
}

impl Default for St7789 {
    /// State after a reset.
    fn default() -> Self {
        Self {
            memory: vec![0; usize::from(COLUMNS) * usize::from(ROWS)].into(),
            window: Window::new(COLUMNS, ROWS),
            is_writing: false,
            high: None,
            mode: 0,
            is_inverted: false,
            is_asleep: true,
            is_on: false,
        }
    }
}

impl Controller for St7789 {
    fn name(&self) -> &'static str {
        "ST7789"
    }

    fn execute(&mut self, command: &[u8]) -> Option<()> {
        (self.is_writing, self.high) = (false, None);
        let (columns, rows) = if self.mode & EXCHANGE == 0 {
            (COLUMNS, ROWS)
        } else {
            (ROWS, COLUMNS)
        };
        let word = |high, low| u16::from_be_bytes([high, low]);
        match *command {
            [0x11] => self.is_asleep = false,
            [bit @ (0x20 | 0x21)] => self.is_inverted = bit == 0x21,
            [bit @ (0x28 | 0x29)] => self.is_on = bit == 0x29,
            [0x2a, a, b, c, d] => self.window.set_columns(word(a, b)..=word(c, d), columns)?,
            [0x2b, a, b, c, d] => self.window.set_rows(word(a, b)..=word(c, d), rows)?,
            [0x2c] => {
                self.is_writing = true;
                self.window.restart();
            }
            [0x36, mode] if mode & !(MIRROR_ROWS | MIRROR_COLUMNS | EXCHANGE) == 0 => {
                self.mode = mode;
            }
            // Normal mode; 16 bits per pixel.
            [0x13] | [0x3a, 0x55] => {}
            _ => return None,
        }
        Some(())
    }

    fn write(&mut self, pixels: &[u8]) -> Option<()> {
        if !self.is_writing {
            return None;
        }
        for &byte in pixels {
            let Some(high) = self.high.take() else {
                self.high = Some(byte);
                continue;
            };
            let address = self.window.advance();
            let address = self.map(address);
            if address.column >= COLUMNS {
                return None;
            }
            *self.memory.get_mut(address.index(COLUMNS))? = u16::from_be_bytes([high, byte]);
        }
        Some(())
    }

    fn color(&self, at: Point) -> Rgb888 {
        if self.is_asleep || !self.is_on {
            return Rgb888::BLACK;
        }
        // The panel is mounted a quarter turn from the memory.
        let address = Address {
            column: COLUMNS - 1 - at.y as u16,
            row: at.x as u16,
        };
        let color = self.memory.get(address.index(COLUMNS)).copied();
        let color = color.unwrap_or_default();
        let color = if self.is_inverted { color } else { !color };
        Rgb565::from(RawU16::new(color)).into()
    }
}

impl St7789 {
    /// Returns the memory address of an address in the window, as the address mode maps it.
    fn map(&self, Address { column, row }: Address) -> Address {
        let (column, row) = if self.mode & EXCHANGE == 0 {
            (column, row)
        } else {
            (row, column)
        };
        let mirror = |bit, len: u16, at| {
            if self.mode & bit == 0 {
                at
            } else {
                (len - 1).wrapping_sub(at)
            }
        };
        Address {
            column: mirror(MIRROR_COLUMNS, COLUMNS, column),
            row: mirror(MIRROR_ROWS, ROWS, row),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a controller that shows its memory, with an address mode.
    fn controller(mode: u8) -> St7789 {
        let mut controller = St7789::default();
        for command in [&[0x11][..], &[0x21], &[0x29], &[0x36, mode]] {
            controller.execute(command).unwrap();
        }
        controller
    }

    /// Returns the points that are not black.
    fn lit(controller: &St7789) -> Vec<(i32, i32)> {
        let points = (0..240).flat_map(|y| (0..240).map(move |x| (x, y)));
        points
            .filter(|(x, y)| controller.color(Point::new(*x, *y)) != Rgb888::BLACK)
            .collect()
    }

    #[test]
    fn a_window_is_filled_row_by_row_and_then_again() {
        let mut controller = controller(MIRROR_COLUMNS | EXCHANGE);
        controller.execute(&[0x2a, 0, 20, 0, 21]).unwrap();
        controller.execute(&[0x2b, 0, 3, 0, 4]).unwrap();
        controller.execute(&[0x2c]).unwrap();
        controller.write(&[0xf8, 0, 0, 0, 0, 0x1f]).unwrap();
        assert_eq!(lit(&controller), [(20, 3), (20, 4)]);
        let color = |x, y| controller.color(Point::new(x, y));
        assert_eq!((color(20, 3), color(20, 4)), (Rgb888::RED, Rgb888::BLUE));
        controller.write(&[0, 0, 0, 0, 7]).unwrap();
        controller.write(&[0xe0]).unwrap();
        assert_eq!(lit(&controller), [(21, 3), (20, 4)]);
    }

    #[test]
    fn the_address_mode_turns_and_mirrors() {
        for (mode, at) in [
            (MIRROR_COLUMNS | EXCHANGE, (0, 0)),
            (0, (0, 239)),
            (EXCHANGE, (0, 239)),
            (MIRROR_COLUMNS, (0, 0)),
        ] {
            let mut controller = controller(mode);
            controller.execute(&[0x2c]).unwrap();
            controller.write(&[0xff, 0xff]).unwrap();
            assert_eq!(lit(&controller), [at], "{mode:x}");
        }
        // Beyond the rows that the panel shows.
        let mut controller = controller(MIRROR_ROWS);
        controller.execute(&[0x2c]).unwrap();
        controller.write(&[0xff, 0xff]).unwrap();
        assert_eq!(lit(&controller), []);
        assert_eq!(controller.memory[319 * 240], 0xffff);
    }

    #[test]
    fn shows_inverted_colors_unless_inverted_and_nothing_asleep_or_off() {
        let mut controller = controller(0);
        controller.execute(&[0x20]).unwrap();
        assert_eq!(lit(&controller).len(), 240 * 240);
        controller.execute(&[0x28]).unwrap();
        assert_eq!(lit(&controller), []);
        let mut controller = St7789::default();
        controller.execute(&[0x29]).unwrap();
        assert_eq!(lit(&controller), []);
    }

    #[test]
    fn rejects_unknown_commands_invalid_windows_and_pixels_without_a_memory_write() {
        let mut controller = controller(0);
        for command in [
            &[][..],
            &[0xff],
            &[0x2a, 0, 0],
            &[0x2a, 0, 1, 0, 0],
            &[0x2a, 0, 0, 0, 240],
            &[0x2b, 0, 0, 1, 64],
            &[0x36, 0x08],
            &[0x3a, 0x66],
        ] {
            assert_eq!(controller.execute(command), None, "{command:x?}");
        }
        assert_eq!(controller.write(&[0, 0]), None);
    }
}
