//! Model files: round trips, the error of each fault, and robustness against arbitrary bytes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod arbitrary;
#[path = "../common/mod.rs"]
mod common;
mod faults;
mod layers;
mod round_trips;
mod support;
