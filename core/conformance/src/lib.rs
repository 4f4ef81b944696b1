//! Conformance tests of `thumbgan-core` against its specifications, in `tests/`; its host benchmark, in `benches/`.
//!
//! The library is what the tests share with the fuzz targets in `fuzz/`: the specification as a program ([`mod@reference`]), the
//! properties that hold for every input ([`properties`]), and changed copies of a fuzz target's corpus ([`corpus`]).
#![allow(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a check fails by panicking"
)]

pub mod corpus;
pub mod properties;
pub mod reference;
