//! Generated images compared with the specification, for valid architectures that follow from the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thumbgan_core_conformance::properties::check_architecture;

fuzz_target!(|bytes: &[u8]| check_architecture(bytes));
