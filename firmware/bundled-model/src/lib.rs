//! Model file that this firmware carries.
//!
//! The environment variable `THUMBGAN_MODEL` (an absolute path; default `models/digits.tgan`) selects it at build time. The
//! build fails for an invalid model, or one that needs more scratch memory than the firmware has.
#![no_std]

/// Bytes of the model file, aligned to 4 bytes.
pub static BYTES: &[u8] = thumbgan_core::include_model!(env!("THUMBGAN_MODEL"));
