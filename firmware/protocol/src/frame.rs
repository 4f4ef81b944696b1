//! Frames: messages on a wire that also carries text.
//!
//! A frame is a zero byte, then the COBS encoding (Cheshire and Baker, 1999) of [`PROTOCOL_VERSION`], the sequence number, the
//! postcard message and the CRC-32 (as in zip, little-endian) of all before it, then a zero byte. Neither COBS nor text
//! contains zeros, so the bytes between two zeros are one frame or noise. Noise passes the check once in 2^32 times.

use core::fmt;

use serde::{Deserialize, Serialize};
use thumbgan_core::crc32;

use crate::{MAX_RESPONSE_LEN, PROTOCOL_VERSION};

/// Content of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<B> {
    /// Sequence number of the request, repeated in the response.
    pub sequence: u8,
    /// Request or response.
    pub body: B,
}

/// Reason why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// No frame, or a damaged one.
    Noise,
    /// Valid frame of another protocol version.
    Version {
        /// Version of the frame.
        found: u8,
    },
    /// Valid frame of this version with an unknown message.
    Unknown {
        /// Sequence number of the request.
        sequence: u8,
    },
    /// Message that does not fit into the buffer.
    TooLong,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noise => write!(f, "no frame or a damaged one"),
            Self::Version { found } => {
                write!(
                    f,
                    "protocol version {found}, this program has version {PROTOCOL_VERSION}"
                )
            }
            Self::Unknown { .. } => write!(f, "unknown message"),
            Self::TooLong => write!(f, "message does not fit into the frame buffer"),
        }
    }
}

impl core::error::Error for FrameError {}

/// Encodes a message into `buffer` and returns the frame including its delimiters.
///
/// # Errors
/// [`FrameError::TooLong`] if `buffer` is too short.
pub fn encode<'b, B: Serialize>(
    message: &Message<B>,
    buffer: &'b mut [u8],
) -> Result<&'b [u8], FrameError> {
    let mut payload = [0; MAX_RESPONSE_LEN];
    let [version, sequence, rest @ ..] = &mut payload;
    (*version, *sequence) = (PROTOCOL_VERSION, message.sequence);
    let body = postcard::to_slice(&message.body, rest)
        .map_err(|_| FrameError::TooLong)?
        .len();
    let (checked, rest) = payload.split_at_mut(2 + body);
    let check = rest.first_chunk_mut().ok_or(FrameError::TooLong)?;
    *check = crc32(checked).to_le_bytes();
    let length = checked.len() + check.len();

    let (start, rest) = buffer.split_first_mut().ok_or(FrameError::TooLong)?;
    let encoded = cobs::try_encode(&payload[..length], rest).map_err(|_| FrameError::TooLong)?;
    let end = rest.get_mut(encoded).ok_or(FrameError::TooLong)?;
    (*start, *end) = (0, 0);
    buffer.get(..encoded + 2).ok_or(FrameError::TooLong)
}

/// Decodes in place the bytes between two zeros.
///
/// # Errors
/// All of [`FrameError`] except [`FrameError::TooLong`].
pub fn decode<'b, B: Deserialize<'b>>(encoded: &'b mut [u8]) -> Result<Message<B>, FrameError> {
    let length = cobs::decode_in_place(encoded).map_err(|_| FrameError::Noise)?;
    let encoded: &'b [u8] = encoded;
    let (payload, check) = encoded
        .get(..length)
        .and_then(|bytes| bytes.split_last_chunk())
        .ok_or(FrameError::Noise)?;
    if crc32(payload) != u32::from_le_bytes(*check) {
        return Err(FrameError::Noise);
    }
    match payload {
        [PROTOCOL_VERSION, sequence, body @ ..] => match postcard::take_from_bytes(body) {
            Ok((body, [])) => Ok(Message {
                sequence: *sequence,
                body,
            }),
            _ => Err(FrameError::Unknown {
                sequence: *sequence,
            }),
        },
        [found, ..] if *found != PROTOCOL_VERSION => Err(FrameError::Version { found: *found }),
        _ => Err(FrameError::Noise),
    }
}
