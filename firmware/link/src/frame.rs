//! Frames: messages on a wire that also carries text.
//!
//! A frame is a zero byte, then COBS (Cheshire and Baker, 1999) of: [`PROTOCOL`], the number of the request,
//! the postcard message, CRC-32 (as in zip, little endian) of all before it; then a zero byte. COBS leaves no
//! zero inside, and text has none either: whatever lies between two zeros is one frame or noise, and noise
//! passes the check once in 2^32 times.

use core::fmt;

use serde::{Deserialize, Serialize};
use thumbgan_core::crc32;

use crate::{MAX_ANSWER, PROTOCOL};

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parcel<M> {
    /// The request's number: its answer has the same.
    pub number: u8,
    /// The request or answer.
    pub message: M,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// No frame, or a damaged one.
    Noise,
    /// A whole frame of another protocol version.
    Version {
        /// The frame's version.
        found: u8,
    },
    /// A whole frame of this version, but no message that it knows.
    Message {
        /// The request's number.
        number: u8,
    },
    /// The message does not fit in the buffer for its frame.
    TooLong,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noise => write!(f, "no frame, or a damaged one"),
            Self::Version { found } => write!(f, "protocol version {found}, but this is version {PROTOCOL}"),
            Self::Message { .. } => write!(f, "a message that this version does not know"),
            Self::TooLong => write!(f, "the message is too long for its frame"),
        }
    }
}

impl core::error::Error for FrameError {}

/// Writes the frame of a message into `buffer` and gives it, delimiters included.
///
/// # Errors
/// [`FrameError::TooLong`] when `buffer` is too short.
pub fn encode<'b, M: Serialize>(parcel: &Parcel<M>, buffer: &'b mut [u8]) -> Result<&'b [u8], FrameError> {
    let mut body = [0; MAX_ANSWER];
    let [version, number, rest @ ..] = &mut body;
    (*version, *number) = (PROTOCOL, parcel.number);
    let message = postcard::to_slice(&parcel.message, rest).map_err(|_| FrameError::TooLong)?.len();
    let (checked, rest) = body.split_at_mut(2 + message);
    let check = rest.first_chunk_mut().ok_or(FrameError::TooLong)?;
    *check = crc32(checked).to_le_bytes();
    let length = checked.len() + check.len();

    let (start, rest) = buffer.split_first_mut().ok_or(FrameError::TooLong)?;
    let written = cobs::try_encode(&body[..length], rest).map_err(|_| FrameError::TooLong)?;
    let end = rest.get_mut(written).ok_or(FrameError::TooLong)?;
    (*start, *end) = (0, 0);
    buffer.get(..written + 2).ok_or(FrameError::TooLong)
}

/// Reads, in place, what lies between two zeros.
///
/// # Errors
/// All of [`FrameError`] but the last.
pub fn decode<'b, M: Deserialize<'b>>(stuffed: &'b mut [u8]) -> Result<Parcel<M>, FrameError> {
    let length = cobs::decode_in_place(stuffed).map_err(|_| FrameError::Noise)?;
    let stuffed: &'b [u8] = stuffed;
    let (body, check) =
        stuffed.get(..length).and_then(|bytes| bytes.split_last_chunk()).ok_or(FrameError::Noise)?;
    if crc32(body) != u32::from_le_bytes(*check) {
        return Err(FrameError::Noise);
    }
    match body {
        [PROTOCOL, number, message @ ..] => match postcard::take_from_bytes(message) {
            Ok((message, [])) => Ok(Parcel { number: *number, message }),
            _ => Err(FrameError::Message { number: *number }),
        },
        [found, ..] if *found != PROTOCOL => Err(FrameError::Version { found: *found }),
        _ => Err(FrameError::Noise),
    }
}
