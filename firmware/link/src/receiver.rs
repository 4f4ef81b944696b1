//! Cutting a stream of bytes into what lies between zeros.

use heapless::Vec;

/// Collects bytes until a zero. `N` is the longest frame to come, delimiters included.
#[derive(Debug, Default)]
pub struct Receiver<const N: usize> {
    bytes: Vec<u8, N>,
    /// The last zero closed what is collected: the next byte begins anew.
    closed: bool,
    /// What comes until the next zero is longer than any frame.
    overlong: bool,
}

impl<const N: usize> Receiver<N> {
    /// One that has received nothing.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), closed: false, overlong: false }
    }

    /// Takes a byte; a zero gives what came since the last one, for [`crate::frame::decode`]. Nothing at all,
    /// or more than a frame can have, gives `None`.
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
