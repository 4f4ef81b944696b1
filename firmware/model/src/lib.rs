//! The model that this firmware carries, chosen while building by the environment's `THUMBGAN_MODEL` (an
//! absolute path; `models/digits.tgan` without it). The build fails on a file that is not a sound model, or one
//! that needs more scratch than the firmware has.
#![no_std]

/// The model file, on a 4-byte boundary.
pub static BYTES: &[u8] = thumbgan_core::include_model!(env!("THUMBGAN_MODEL"));
