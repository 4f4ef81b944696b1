//! Complete training runs on a small dataset.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod configuration;
mod results;
mod resuming;
mod support;
