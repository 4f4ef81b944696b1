//! Controller SSD0323 of an OLED with 128x64 pixels and 16 gray levels (data sheet, sections 7 to 10).

use embedded_graphics::{
    geometry::Point,
    pixelcolor::{Gray4, Rgb888},
};

use super::wire::Controller;

/// Number of columns of the memory, of two pixels each.
const COLUMNS: u8 = 64;
/// Number of rows of the memory.
const ROWS: u8 = 80;
/// Number of rows that the panel shows.
const HEIGHT: u8 = 64;

/// SSD0323 of an OSRAM Pictiva 128x64, the panel of the EK-LM3S6965.
pub struct Ssd0323 {
    /// Pixels row by row, two per byte, the left one in the low nibble.
    memory: [u8; COLUMNS as usize * ROWS as usize],
    /// First and last column of the window that is written.
    columns: [u8; 2],
    /// First and last row of the window that is written.
    rows: [u8; 2],
    /// Column and row of the next byte.
    next: [u8; 2],
    /// True if the left pixel of a byte is in its high nibble; applies to bytes that are written from now on.
    is_swapped: bool,
    /// True if the rows go from the last common line to the first.
    is_reversed: bool,
    is_inverted: bool,
    is_on: bool,
}

impl Default for Ssd0323 {
    /// State after a reset.
    fn default() -> Self {
        Self {
            memory: [0; _],
            columns: [0, COLUMNS - 1],
            rows: [0, ROWS - 1],
            next: [0; 2],
            is_swapped: false,
            is_reversed: false,
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
            [0x15, first, last] if first <= last && last < COLUMNS => {
                self.columns = [first, last];
                self.next[0] = first;
            }
            [0x75, first, last] if first <= last && last < ROWS => {
                self.rows = [first, last];
                self.next[1] = first;
            }
            // The panel's common lines are split; columns are not remapped, and addresses count along the rows.
            [0xa0, remap] if remap & !0x12 == 0x40 => {
                self.is_swapped = remap & 0x02 != 0;
                self.is_reversed = remap & 0x10 != 0;
            }
            [bit @ (0xa4 | 0xa7)] => self.is_inverted = bit == 0xa7,
            [bit @ (0xae | 0xaf)] => self.is_on = bit == 0xaf,
            // Wiring of the panel: start line, offset and number of its common lines, DC-DC converter.
            [0xa1, 0] | [0xa2, 76] | [0xa8, 63] | [0xad, 0x03]
            // Current, timing and voltages do not change the gray levels' order.
            | [0x84..=0x86]
            | [0x81 | 0xb1 | 0xb2 | 0xb3 | 0xbc | 0xbe | 0xbf, _]
            | [0xb8, _, _, _, _, _, _, _, _] => {}
            _ => return None,
        }
        Some(())
    }

    fn write(&mut self, pixels: &[u8]) -> Option<()> {
        for byte in pixels {
            let [column, row] = self.next;
            let swap = if self.is_swapped { 4 } else { 0 };
            *self.memory.get_mut(index(column, row))? = byte.rotate_left(swap);
            self.next = if column < self.columns[1] {
                [column + 1, row]
            } else if row < self.rows[1] {
                [self.columns[0], row + 1]
            } else {
                [self.columns[0], self.rows[0]]
            };
        }
        Some(())
    }

    fn color(&self, at: Point) -> Rgb888 {
        let (x, y) = (at.x as u8, at.y as u8);
        let row = if self.is_reversed { y } else { HEIGHT - 1 - y };
        let byte = self.memory.get(index(x / 2, row)).copied();
        let level = byte.unwrap_or_default() >> (x % 2 * 4) & 15;
        let level = match (self.is_on, self.is_inverted) {
            (false, _) => 0,
            (true, false) => level,
            (true, true) => 15 - level,
        };
        Gray4::new(level).into()
    }
}

/// Returns the index of a byte of the memory.
fn index(column: u8, row: u8) -> usize {
    usize::from(row) * usize::from(COLUMNS) + usize::from(column)
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
