//! What the firmware says on its UART after each frame.

use anyhow::{Context, Result};

/// `frame seed=42 step=3 class=- micros=12345 stack=1820`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The app's state as it prints it: seed, step, class and microseconds.
    pub state: String,
    /// Microseconds that the digit took.
    pub micros: u32,
    /// Most bytes of stack used so far.
    pub stack: u64,
}

impl Frame {
    /// How every such line begins.
    pub const START: &str = "frame ";

    /// Reads such a line.
    ///
    /// # Errors
    /// When it is not of this form.
    pub fn parse(line: &str) -> Result<Self> {
        Self::read(line).with_context(|| format!("not a frame line: {line:?}"))
    }

    fn read(line: &str) -> Option<Self> {
        let (state, stack) = line.strip_prefix(Self::START)?.split_once(" stack=")?;
        let (_, micros) = state.split_once(" micros=")?;
        Some(Self { state: state.to_owned(), micros: micros.parse().ok()?, stack: stack.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_line_is_read() {
        let frame = Frame::parse("frame seed=42 step=3 class=7 micros=12345 stack=1820").unwrap();
        assert_eq!(frame.state, "seed=42 step=3 class=7 micros=12345");
        assert_eq!((frame.micros, frame.stack), (12345, 1820));
    }

    #[test]
    fn other_lines_are_refused() {
        for line in [
            "",
            "thumbgan 0.1.0 model seed 120000 bytes crc 0123abcd",
            "frame seed=42 step=3 class=- micros=12345",
            "frame seed=42 step=3 class=- micros= stack=1820",
            "frame seed=42 step=3 class=- micros=1 stack=-4",
        ] {
            assert!(Frame::parse(line).unwrap_err().to_string().contains(line), "{line}");
        }
    }
}
