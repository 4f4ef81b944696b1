//! Exchange of a board's model: uploads to simulated boards behind TCP ports, and UF2 files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod support;
mod uf2;
mod uploads;
