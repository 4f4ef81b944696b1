//! Splitting of a byte stream into frames.

use heapless::Vec;

/// Receiver that collects bytes until a zero. `N` is the maximum length of a frame, including delimiters.
#[derive(Debug, Default)]
pub struct Receiver<const N: usize> {
    bytes: Vec<u8, N>,
    /// True if the last byte was a zero, so that the next byte starts anew.
    closed: bool,
    /// True if more bytes came since the last zero than a frame can have.
    overlong: bool,
}

impl<const N: usize> Receiver<N> {
    /// Creates a receiver that has received nothing.
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            closed: false,
            overlong: false,
        }
    }

    /// Processes a byte. A zero returns the bytes since the last zero, for [`crate::frame::decode`]; `None` if there are
    /// none or more than a frame can have.
    pub fn receive(&mut self, byte: u8) -> Option<&mut [u8]> {
        if core::mem::take(&mut self.closed) {
            self.bytes.clear();
        }
        if byte == 0 {
            self.closed = true;
            let overlong = core::mem::take(&mut self.overlong);
            return (!overlong && !self.bytes.is_empty()).then_some(&mut self.bytes);
        }
        self.overlong |= self.bytes.push(byte).is_err();
        None
    }
}
