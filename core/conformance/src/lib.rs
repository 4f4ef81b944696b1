//! Conformance tests of `thumbgan-core` against its specifications, in `tests/`; its host benchmark, in `benches/`.
