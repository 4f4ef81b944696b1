//! Board side of the serial protocol: requests, noise, uploads, pauses and restarts.
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
use properties::check_board;

fuzz_target!(|bytes: &[u8]| {
    check_board(bytes);
});
