//! Layouts of datasets: splits, wrapper folders, unused files, unpacked archives, options and their conflicts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod folders;
mod idx;
mod options;
mod support;
