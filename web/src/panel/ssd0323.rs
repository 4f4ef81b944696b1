//! Controller SSD0323 of an OLED with 128x64 pixels and 16 gray levels (data sheet, sections 7 to 10).

use embedded_graphics::{
    geometry::Point,
    pixelcolor::{Gray4, Rgb888},
};

use super::{
    bus::Controller,
    window::{Address, Window},
};

/// Number of columns of the memory, each two pixels wide.
const COLUMNS: u16 = 64;
/// Number of rows of the memory.
const ROWS: u16 = 80;
/// Number of rows that the panel shows.
const HEIGHT: u16 = 64;

/// Bit of the remap register: the left pixel of a byte is in its high nibble. Applies to bytes that are written later.
const NIBBLES: u8 = 0x02;
/// Bit of the remap register: the rows go from the last common line to the first.
const COMMON_LINES: u8 = 0x10;
/// Bit of the remap register: odd and even common lines are on different sides of the panel.
const SPLIT: u8 = 0x40;

/// SSD0323 of an OSRAM Pictiva 128x64, the panel of the EK-LM3S6965.
pub struct Ssd0323 {
    /// Pixels row by row, two per byte, the left one in the low nibble.
    memory: [u8; COLUMNS as usize * ROWS as usize],
    /// Columns and rows that pixels are written to.
    window: Window,
    /// Remap register.
    remap: u8,
    is_inverted: bool,
    is_on: bool,
}

impl Default for Ssd0323 {
    /// State after a reset.
    fn default() -> Self {
        Self {
            memory: [0; _],
            window: Window::new(COLUMNS, ROWS),
            remap: 0,
            is_inverted: false,
            is_on: false,
        }
    }
}

impl Controller for Ssd0323 {
    fn name(&self) -> &'static str {
        "SSD0323"
    }

    fn execute(&mut self, command: &[u8]) -> Option<()> {
        match *command {
            [0x15, first, last] => {
                self.window.set_columns(first.into()..=last.into(), COLUMNS)?;
            }
            [0x75, first, last] => self.window.set_rows(first.into()..=last.into(), ROWS)?,
            // The other bits do not fit the panel's wiring or its driver.
            [0xa0, remap] if remap & !(NIBBLES | COMMON_LINES) == SPLIT => self.remap = remap,
            [bit @ (0xa4 | 0xa7)] => self.is_inverted = bit == 0xa7,
            [bit @ (0xae | 0xaf)] => self.is_on = bit == 0xaf,
            // Wiring of the panel: start line, offset and number of its common lines, DC-DC converter.
            [0xa1, 0] | [0xa2, 76] | [0xa8, 63] | [0xad, 0x03]
            // Current, timing and voltages do not change the order of the gray levels.
            | [0x84..=0x86]
            | [0x81 | 0xb1 | 0xb2 | 0xb3 | 0xbc | 0xbe | 0xbf, _]
            | [0xb8, _, _, _, _, _, _, _, _] => {}
            _ => return None,
        }
        Some(())
    }

    fn write(&mut self, pixels: &[u8]) -> Option<()> {
        for byte in pixels {
            let index = self.window.advance().index(COLUMNS);
            let is_swapped = self.remap & NIBBLES != 0;
            *self.memory.get_mut(index)? = byte.rotate_left(if is_swapped { 4 } else { 0 });
        }
        Some(())
    }

    fn color(&self, at: Point) -> Rgb888 {
        let (x, y) = (at.x as u16, at.y as u16);
        let is_reversed = self.remap & COMMON_LINES != 0;
        let address = Address {
            column: x / 2,
            row: if is_reversed { y } else { HEIGHT - 1 - y },
        };
        let byte = self.memory.get(address.index(COLUMNS)).copied();
        let level = byte.unwrap_or_default() >> (x % 2 * 4) & 15;
        let level = match (self.is_on, self.is_inverted) {
            (false, _) => 0,
            (true, false) => level,
            (true, true) => 15 - level,
        };
        Gray4::new(level).into()
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::pixelcolor::RgbColor;

    use super::*;

    /// Returns a controller that is on, after a remap command.
    fn controller(remap: u8) -> Ssd0323 {
        let mut controller = Ssd0323::default();
        controller.execute(&[0xa0, remap]).unwrap();
        controller.execute(&[0xaf]).unwrap();
        controller
    }

    /// Returns the points that are not black, with their gray levels.
    fn lit(controller: &Ssd0323) -> Vec<(i32, i32, u8)> {
        let points = (0..64).flat_map(|y| (0..128).map(move |x| (x, y)));
        points
            .map(|(x, y)| (x, y, controller.color(Point::new(x, y)).r()))
            .filter(|(.., gray)| *gray > 0)
            .collect()
    }

    #[test]
    fn a_window_is_filled_row_by_row_and_then_again() {
        let mut controller = controller(0x52);
        controller.execute(&[0x15, 10, 11]).unwrap();
        controller.execute(&[0x75, 3, 4]).unwrap();
        controller.write(&[0x10, 0x02, 0xf0]).unwrap();
        assert_eq!(lit(&controller), [(20, 3, 17), (23, 3, 34), (20, 4, 255)]);
        controller.write(&[0, 0x01]).unwrap();
        assert_eq!(lit(&controller), [(21, 3, 17), (23, 3, 34), (20, 4, 255)]);
    }

    #[test]
    fn nibbles_are_swapped_as_they_are_written_and_rows_reversed_as_they_are_shown() {
        let mut controller = controller(0x52);
        controller.write(&[0x30]).unwrap();
        controller.execute(&[0xa0, 0x50]).unwrap();
        assert_eq!(lit(&controller), [(0, 0, 51)]);
        controller.write(&[0x30]).unwrap();
        assert_eq!(lit(&controller), [(0, 0, 51), (3, 0, 51)]);
        controller.execute(&[0xa0, 0x42]).unwrap();
        assert_eq!(lit(&controller), [(0, 63, 51), (3, 63, 51)]);
    }

    #[test]
    fn inversion_reverses_the_levels_and_a_display_that_is_off_is_black() {
        let mut controller = controller(0x52);
        controller.write(&[0xff; 64]).unwrap();
        controller.execute(&[0xa7]).unwrap();
        assert_eq!(lit(&controller).len(), 128 * 63);
        controller.execute(&[0xae]).unwrap();
        assert_eq!(lit(&controller), []);
    }

    #[test]
    fn rejects_unknown_commands_and_invalid_windows() {
        let mut controller = Ssd0323::default();
        for command in [
            &[][..],
            &[0xff],
            &[0x15, 0],
            &[0x15, 1, 0],
            &[0x15, 0, 64],
            &[0x75, 0, 80],
            &[0xa0, 0x56],
        ] {
            assert_eq!(controller.execute(command), None, "{command:x?}");
        }
    }
}
