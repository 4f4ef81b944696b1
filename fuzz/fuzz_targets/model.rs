//! Model files: bytes, as they are and with the right CRC-32.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thumbgan_core_conformance::properties::check_file;

fuzz_target!(|file: &[u8]| check_file(file));
