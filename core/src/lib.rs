//! Runs an int8 GAN generator from flash and draws what it makes.
//!
//! The generator's weights stay where they are: [`Model::parse`] proves a model file sound once and borrows
//! from it, [`Generator::generate`] then needs no heap, no floating point and cannot panic. The same seed
//! gives the same 784 bytes on a laptop, in an emulator and on a microcontroller.
//!
//! ```
//! use thumbgan_core::{Generator, Model, SCRATCH, include_model};
//!
//! static BYTES: &[u8] = include_model!("../../models/digits.tgan");
//!
//! let model = Model::parse(BYTES)?;
//! let mut generator = Generator::<SCRATCH>::new(model)?;
//! let digit = generator.generate(Some(7), 42).expect("the model has the classes 0 to 9");
//! assert_eq!(digit.pixels().len(), 784);
//! # Ok::<(), thumbgan_core::ModelError>(())
//! ```
//!
//! The file format and the arithmetic are specified in `docs/model-format.md` and `docs/arithmetic.md`.
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

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

pub mod arithmetic;
mod draw;
mod generator;
mod image;
mod kernels;
pub mod latent;
pub mod model;

pub use draw::{Dither, Ink, Look, Palette, Placed, Scaling};
pub use generator::{Fitting, Generator, InputError, SCRATCH};
pub use image::{Digit, PIXELS, SIDE};
#[cfg(feature = "twins")]
pub use kernels::twins;
pub use model::{Model, ModelError, crc32};
