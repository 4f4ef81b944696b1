//! A computer and a board on one wire, and what noise does to them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod board;
mod noise;
mod responses;
