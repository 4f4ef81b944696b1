//! The emulated board in QEMU: its keys and its display over QMP, its UART as lines of text or as a TCP server.

mod frame;
mod keys;
mod qmp;
mod serial;
mod walk_through;

pub use self::{
    frame::{Frame, parse_view},
    keys::{Key, KeyPress},
    qmp::{EmulatedBoard, Speed, window_type},
    serial::SerialBoard,
    walk_through::{has_word, largest_stack, walk_through},
};
