//! The Pico's UF2 file in rp2040js: display, buttons and USB serial port.

mod bit_flips;
mod display;
mod host;
mod runner;
mod speed;
mod upload;
mod usb;
mod watchdog;
