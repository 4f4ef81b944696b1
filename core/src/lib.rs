#![doc = include_str!("../README.md")]
#![no_std]
#![deny(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing
)]

#[cfg(feature = "encode")]
extern crate alloc;
#[cfg(doctest)]
extern crate std;

#[doc(hidden)]
pub mod arithmetic;
mod crc32;
mod generator;
#[cfg(feature = "graphics")]
pub mod graphics;
mod image;
mod kernels;
#[doc(hidden)]
pub mod latent;
mod layers;
#[doc(hidden)]
pub mod model;

#[doc(hidden)]
pub use crc32::crc32;
pub use generator::{GenerateError, Generator, ScratchError};
pub use image::GrayImage;
pub use kernels::KERNEL;
#[cfg(feature = "reference-kernels")]
#[doc(hidden)]
pub use kernels::equivalence::{kernels_agree, requantization_agrees};
pub use model::{Model, ParseError};
