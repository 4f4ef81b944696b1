//! Datasets in NumPy files and CSV tables, built byte by byte, compared with the same images in IDX files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod beside;
#[path = "../common/mod.rs"]
mod common;
mod csv;
mod numpy;
mod support;
