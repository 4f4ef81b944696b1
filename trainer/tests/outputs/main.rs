//! Output files of the commands: names, formats, and files of others that are not replaced.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod contact_sheets;
mod other_commands;
mod samples;
mod support;
#[cfg(unix)]
#[path = "../common/terminal.rs"]
#[allow(dead_code, reason = "each test file uses some of it")]
mod terminal;
