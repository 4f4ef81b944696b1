//! Model file that this firmware carries, and the region of flash memory for another one.
//!
//! The environment variable `THUMBGAN_MODEL` (an absolute path; default `models/digits.tgan`) selects it at build time. The
//! build fails for an invalid model, or one that needs more scratch memory than the firmware has.
#![no_std]

use core::ops::Range;

/// Bytes of the model file, aligned to 4 bytes.
pub static BYTES: &[u8] = thumbgan_core::include_model!(env!("THUMBGAN_MODEL"));

/// Scratch memory that the model needs, in 32-bit words.
pub const SCRATCH_LEN: usize = match usize::from_str_radix(env!("THUMBGAN_MODEL_SCRATCH"), 10) {
    Ok(len) => len,
    Err(_) => panic!("the build script passes a number"),
};

#[expect(unsafe_code, reason = "the memory map of the chip defines the symbols")]
// SAFETY: the symbols are declared as bytes, of which only the addresses are used.
unsafe extern "C" {
    safe static __model_region_start: u8;
    safe static __model_region_end: u8;
}

/// Returns the addresses of the model region, where the program has nothing (`firmware/build-support/memory`).
pub fn region() -> Range<usize> {
    (&raw const __model_region_start).addr()..(&raw const __model_region_end).addr()
}
