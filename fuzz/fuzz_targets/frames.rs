//! Frames of the serial protocol in both directions: streams of bytes, and payloads with the right CRC-32.
#![no_main]
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "test support of the protocol"
)]

#[path = "../../firmware/protocol/tests/protocol/board.rs"]
mod board;
#[path = "../../firmware/protocol/tests/protocol/flash_board.rs"]
mod flash_board;
#[path = "../../firmware/protocol/tests/protocol/properties.rs"]
mod properties;

use libfuzzer_sys::fuzz_target;
use properties::{check_payload, check_stream};

fuzz_target!(|bytes: &[u8]| {
    check_stream(bytes);
    check_payload(bytes);
});
