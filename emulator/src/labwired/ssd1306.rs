//! Controller SSD1306 of an OLED: the pixels that follow from the bytes on its I2C bus (data sheet, sections 8.1.5 and 10).

use anyhow::{Context, Result, bail, ensure};

/// Width of the controller's memory in pixels.
const WIDTH: usize = 128;
/// Height of the controller's memory in pixels.
const HEIGHT: usize = 64;
/// Rows in a byte of the memory.
const PAGE: usize = 8;

/// Memory and state of the controller.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Bytes of eight rows each, from the top page on.
    bytes: [u8; WIDTH * HEIGHT / PAGE],
    /// First and last column of the window that is written.
    columns: [u8; 2],
    /// First and last page of the window that is written.
    pages: [u8; 2],
    /// Column and page of the next byte.
    next: (u8, u8),
    /// True if the panel shows the memory.
    pub is_on: bool,
    /// Number of bytes of the memory that were written.
    pub written: usize,
}

impl Memory {
    /// Returns the memory after transactions: a line of hexadecimal bytes each, without the address.
    ///
    /// # Errors
    /// If a transaction has an unknown format.
    pub fn from_transactions(text: &str) -> Result<Self> {
        let mut memory = Self {
            bytes: [0; _],
            columns: [0, WIDTH as u8 - 1],
            pages: [0, (HEIGHT / PAGE) as u8 - 1],
            next: (0, 0),
            is_on: false,
            written: 0,
        };
        for line in text.lines() {
            let bytes = line.split(' ').filter(|byte| !byte.is_empty());
            let bytes = bytes.map(|byte| u8::from_str_radix(byte, 16));
            let bytes: Vec<_> = bytes.collect::<Result<_, _>>().context(line.to_owned())?;
            memory.receive(&bytes).context(line.to_owned())?;
        }
        Ok(memory)
    }

    /// Returns true if the pixel is lit.
    pub fn is_lit(&self, x: usize, y: usize) -> bool {
        self.bytes[y / PAGE * WIDTH + x] >> (y % PAGE) & 1 == 1
    }

    /// Processes a transaction: a control byte, then commands or data.
    fn receive(&mut self, bytes: &[u8]) -> Result<()> {
        match bytes {
            [] => Ok(()),
            [0x00, commands @ ..] => self.command(commands),
            [0x40, data @ ..] => {
                for byte in data {
                    self.write(*byte);
                }
                Ok(())
            }
            _ => bail!("not a control byte of the SSD1306"),
        }
    }

    /// Executes the commands that matter for the pixels; the others set up the panel.
    fn command(&mut self, bytes: &[u8]) -> Result<()> {
        match *bytes {
            [0x20, mode] => ensure!(mode == 0, "the addressing mode {mode} is not emulated"),
            [0x21, first, last] => {
                ensure!(
                    first <= last && usize::from(last) < WIDTH,
                    "no such columns"
                );
                self.columns = [first, last];
                self.next.0 = first;
            }
            [0x22, first, last] => {
                ensure!(
                    first <= last && usize::from(last) < HEIGHT / PAGE,
                    "no such pages"
                );
                self.pages = [first, last];
                self.next.1 = first;
            }
            [0xae] => self.is_on = false,
            [0xaf] => self.is_on = true,
            _ => {}
        }
        Ok(())
    }

    /// Writes a byte and advances in the window.
    fn write(&mut self, byte: u8) {
        let (column, page) = self.next;
        self.bytes[usize::from(page) * WIDTH + usize::from(column)] = byte;
        self.written += 1;
        self.next = match self.next {
            (column, page) if column < self.columns[1] => (column + 1, page),
            (_, page) if page < self.pages[1] => (self.columns[0], page + 1),
            _ => (self.columns[0], self.pages[0]),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_filled_row_by_row() {
        let text = "00 20 00\n00 af\n00 21 1c 1d\n00 22 03 04\n40 81 02\n40 04\n";
        let memory = Memory::from_transactions(text).unwrap();
        assert!(memory.is_on);
        assert_eq!(memory.written, 3);
        let lit = |x, y| memory.is_lit(x, y);
        assert!(lit(28, 24) && lit(28, 31) && lit(29, 25) && lit(28, 34));
        let all = (0..WIDTH).flat_map(|x| (0..HEIGHT).map(move |y| (x, y)));
        assert_eq!(all.filter(|(x, y)| lit(*x, *y)).count(), 4);
    }

    #[test]
    fn rejects_what_is_not_for_the_controller() {
        assert!(Memory::from_transactions("80 ae\n").is_err());
        assert!(Memory::from_transactions("40 xy\n").is_err());
        assert!(Memory::from_transactions("00 20 02\n").is_err());
        assert!(Memory::from_transactions("00 22 00 08\n").is_err());
    }
}
