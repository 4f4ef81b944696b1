//! The serial link between a computer and a board: the computer asks, the board answers, one at a time.
//!
//! A [`Request`] and its [`Answer`] travel as postcard messages in frames that the firmware's own lines of text
//! on the same wire cannot be taken for (see [`frame`]). A board feeds the bytes that it receives to a
//! `Link` (feature `board`), lets it work while it is busy, and sends back what both give; a computer writes with
//! [`frame::encode`] and reads with a [`Receiver`]. Whatever arrives, nothing here panics or allocates.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod frame;
mod message;
mod receiver;
#[cfg(feature = "board")]
mod serve;

pub use frame::{FrameError, Parcel};
pub use message::{Answer, Card, Mode, Refusal, Request};
pub use receiver::Receiver;
#[cfg(feature = "board")]
pub use serve::Link;

/// Version of messages and frames; the first byte of every frame.
pub const PROTOCOL: u8 = 1;
/// The most bytes of a request's frame, delimiters included: a latent of 256 values and what goes round it.
pub const MAX_REQUEST: usize = 288;
/// The most bytes of an answer's frame, delimiters included: 784 pixels and what goes round them.
pub const MAX_ANSWER: usize = 832;
