//! Noise on a serial port.

/// Input that a board must survive: text, half a frame, a frame with a wrong checksum, zeros, and more bytes than its
/// buffers hold.
pub const NOISE: [&[u8]; 5] = [
    b"hello?\r\n",
    b"\0\x05\x01\x02",
    b"\0\x03\x01\x01\x06abcd\0",
    b"\0\0\0",
    &[0x55; 3000],
];
