//! Board support for the EK-LM3S6965: clocks, pins, SPI, serial port and time.
//!
//! Register names are those of the LM3S6965 data sheet. QEMU's `lm3s6965evb` is this board.
#![no_std]

pub mod buttons;
pub mod gpio;
pub mod region;
pub mod ssi;
pub mod stack;
pub mod system;
pub mod timer;
pub mod uart;

mod peripheral;
