//! Test support: builds the firmware, runs it on emulated machines, and compares the results with the host's.
//!
//! In come model files from `models/` and the table of boards; out go images of the emulated display, lines of its
//! UART, instruction counts and sizes. The crate has three layers, each of which uses only those before it:
//!
//! 1. [`files`], [`process`], [`models`] and [`machines`]: files, other programs, model files, and the table of
//!    emulated machines.
//! 2. [`firmware`] builds ELF files, [`semihosting`] and [`board`] run them in QEMU, [`pico`] in rp2040js, [`labwired`] those
//!    of the ESP32-C3, [`noise`] disturbs their serial ports, [`screen`] and [`contact_sheet`] render the expected images on
//!    the host, [`film`] encodes a GIF, [`browser`] runs Chromium, and [`web`] builds and serves the page.
//! 3. [`measure`] counts instructions, measures sizes and writes the tables in `docs/`.
//!
//! The emulated checks are the test targets in `emulator/tests/`. They need the feature `qemu`, so that a plain
//! `cargo test` runs without QEMU; `cargo xtask test` installs the tools and runs them.

pub mod board;
pub mod browser;
pub mod contact_sheet;
pub mod files;
pub mod film;
pub mod firmware;
pub mod labwired;
pub mod machines;
pub mod measure;
pub mod models;
pub mod noise;
pub mod pico;
pub mod process;
pub mod render;
pub mod screen;
pub mod semihosting;
pub mod web;
