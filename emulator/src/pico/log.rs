//! The firmware's log: defmt frames in the encoding rzCOBS, in a buffer in RAM that a debug probe reads (RTT).
//!
//! Of the log only the lines `frame {view} ...` and `watchdog reset ...` are read. A frame begins with the index of its format
//! string, which is the address of a symbol of the ELF file; the view, displayed as text, is the first argument.

use anyhow::{Context, Result};
use object::{Endianness, Object, ObjectSymbol, read::elf::ElfFile32};
use serde_json::Value;
use thumbgan_app::ViewState;

use super::firmware::PicoFirmware;
use crate::board::parse_view;

/// Symbol of RTT's control block.
const CONTROL_BLOCK: &str = "_SEGGER_RTT";
/// Beginning of the format string of the lines with a view.
const FRAME: &str = "frame {}";
/// Beginning of the format string of the line after a reset by the watchdog.
const RESET: &str = "watchdog reset";
/// Length of a format string's index.
const INDEX: usize = 2;
/// Byte after a text.
const END: u8 = 0xff;

/// Reader of a log.
#[derive(Debug)]
pub struct Log {
    /// Address of RTT's control block.
    address: u64,
    /// Index of the format string of the frame lines.
    frame: u16,
    /// Index of the format string of the line after a reset by the watchdog.
    reset: u16,
    /// Encoded bytes of an incomplete frame.
    rest: Vec<u8>,
}

/// Lines of a log that are read.
#[derive(Debug, Default, PartialEq)]
pub struct Lines {
    /// States in the frame lines.
    pub views: Vec<ViewState>,
    /// Number of lines that report a reset by the watchdog.
    pub resets: u64,
}

impl Log {
    /// Returns the reader for a firmware.
    ///
    /// # Errors
    /// If the ELF file has no log or not the lines that are read.
    pub fn new(firmware: &PicoFirmware) -> Result<Self> {
        let elf = ElfFile32::<Endianness>::parse(&*firmware.elf).context("not an ELF file")?;
        let find = |has_name: &dyn Fn(&str) -> bool| {
            let mut symbols = elf.symbols();
            let symbol = symbols.find(|symbol| symbol.name().is_ok_and(has_name));
            symbol.map(|symbol| symbol.address())
        };
        let has_format = |name: &str, start: &str| {
            let symbol: Option<Value> = serde_json::from_str(name).ok();
            let format = symbol.as_ref().and_then(|symbol| symbol["data"].as_str());
            format.is_some_and(|format| format.starts_with(start))
        };
        Ok(Self {
            address: find(&|name| name == CONTROL_BLOCK)
                .context("the firmware has no log in RAM (RTT)")?,
            frame: find(&|name| has_format(name, FRAME))
                .context("the firmware does not log its frames")? as u16,
            reset: find(&|name| has_format(name, RESET))
                .context("the firmware does not log resets by the watchdog")?
                as u16,
            rest: Vec::new(),
        })
    }

    /// Returns the address of RTT's control block.
    pub fn address(&self) -> u64 {
        self.address
    }

    /// Forgets an incomplete frame.
    pub fn restart(&mut self) {
        self.rest.clear();
    }

    /// Returns the lines that these bytes complete.
    ///
    /// # Errors
    /// If a state is invalid.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Lines> {
        self.rest.extend(bytes);
        let mut frames: Vec<_> = self
            .rest
            .split(|byte| *byte == 0)
            .map(<[u8]>::to_vec)
            .collect();
        self.rest = frames.pop().unwrap_or_default();
        let mut lines = Lines::default();
        for frame in frames.iter().filter_map(|frame| decode_rzcobs(frame)) {
            let Some((index, arguments)) = frame.split_first_chunk::<INDEX>() else {
                continue;
            };
            let index = u16::from_le_bytes(*index);
            lines.resets += u64::from(index == self.reset);
            if index == self.frame
                && let Some(text) = arguments.get(INDEX..)
            {
                let text = text.split(|byte| *byte == END).next().unwrap_or_default();
                lines
                    .views
                    .push(parse_view(&String::from_utf8_lossy(text))?);
            }
        }
        Ok(lines)
    }
}

/// Decodes a frame in rzCOBS, which replaces zeros: from its end, a byte below 0x80 has one bit for each of the seven
/// bytes before it, which is set if that byte is a zero and absent, and a larger one counts bytes that are not zero.
/// Returns `None` for a damaged frame.
fn decode_rzcobs(frame: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = frame.iter().rev().copied();
    let mut reversed = Vec::new();
    while let Some(head) = bytes.next() {
        match head {
            0 => return None,
            1..0x80 => {
                for bit in (0..7).rev() {
                    let is_zero = head & (1 << bit) != 0;
                    match if is_zero { Some(0) } else { bytes.next() } {
                        Some(byte) => reversed.push(byte),
                        None => break,
                    }
                }
            }
            0x80..0xff => {
                reversed.push(0);
                for _ in 0..(head & 0x7f) + 7 {
                    reversed.push(bytes.next()?);
                }
            }
            0xff => {
                for _ in 0..134 {
                    reversed.push(bytes.next()?);
                }
            }
        }
    }
    reversed.reverse();
    Some(reversed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line `frame walk class=0 ...` of a Pico, as it was in its buffer.
    const ENCODED: &[u8] =
        b"\x05\x04wal\nk class=0 seed=967298 step=29 frames=- micros=-\xff\x02\xaa\"d|";

    #[test]
    fn reads_the_state_of_a_frame_line() {
        let mut log = Log {
            address: 0,
            frame: 5,
            reset: 6,
            rest: Vec::new(),
        };
        assert_eq!(log.read(&ENCODED[..20]).unwrap(), Lines::default());
        let rest = [&ENCODED[20..], b"\0\x06\x01\x02\0\x06\x7e\0"].concat();
        let expected = ViewState::Walk {
            class: Some(0),
            seed: 967_298,
            step: 29,
            rate: None,
        };
        let lines = log.read(&rest).unwrap();
        assert_eq!((lines.views, lines.resets), (vec![expected], 1));
    }

    #[test]
    fn decodes_zeros_and_long_runs() {
        // A frame is filled up with zeros.
        let filled = decode_rzcobs(&[0x11, 0x22, 0x7a]).unwrap();
        assert_eq!(filled, [0x11, 0, 0x22, 0, 0, 0, 0]);
        let run: Vec<u8> = (1..=134).chain([0xff]).collect();
        assert_eq!(decode_rzcobs(&run).unwrap(), (1..=134).collect::<Vec<_>>());
        assert_eq!(decode_rzcobs(&[1, 0xff]), None);
    }
}
