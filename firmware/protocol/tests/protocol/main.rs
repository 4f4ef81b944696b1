//! Host and board on one wire, with and without noise.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod board;
mod flash_board;
mod noise;
mod properties;
mod responses;
mod upload;
