//! Counters of a session with random events.

use std::{collections::BTreeMap, fmt};

/// Counters of a session.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    pub frames: u64,
    pub presses: u64,
    pub requests: u64,
    pub responses: u64,
    /// Responses that state an error, as those requests deserve.
    pub errors: u64,
    /// Requests that were sent again.
    pub repeated: u64,
    /// Images that were compared with the host's.
    pub images: u64,
    /// Damaged or half frames, which must get no response.
    pub rejected: u64,
    pub noise_bytes: u64,
    pub resets: u64,
    /// Starts of the board.
    pub greetings: u64,
    /// Milliseconds of still images.
    pub rest: u64,
    /// Largest stack in bytes.
    pub stack: u64,
    /// Frames by their modes.
    pub modes: BTreeMap<String, u64>,
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            frames,
            presses,
            requests,
            responses,
            errors,
            repeated,
            images,
            rejected,
            noise_bytes,
            resets,
            rest,
            stack,
            modes,
            ..
        } = self;
        let rest = rest / 60_000;
        write!(
            f,
            "{frames} frames {modes:?}, {rest} minutes of still images, {presses} presses, {requests} requests, {responses} responses ({errors} of them \
             errors, {images} images equal to the host's), {repeated} requests sent again, {rejected} damaged or half frames \
             rejected, {noise_bytes} bytes of noise, {resets} resets within an exchange, {stack} bytes of stack"
        )
    }
}
