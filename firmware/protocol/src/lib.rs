//! Serial protocol between a host and a board: the host sends a request, the board responds, one at a time.
//!
//! A [`Request`] and its [`Response`] are postcard messages in frames that cannot be confused with the text lines that the
//! firmware prints on the same wire (see [`frame`]). A board feeds received bytes to a `Server` (feature `server`) and sends
//! the frames that it returns. A host writes with [`frame::encode`] and reads with a [`Receiver`]. No input makes this crate
//! panic or allocate.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod frame;
mod message;
mod receiver;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod upload;

pub use frame::{FrameError, Message};
pub use message::{ErrorResponse, Mode, ModelInfo, RegionStatus, Request, Response};
pub use receiver::Receiver;
#[cfg(feature = "server")]
pub use server::Server;
#[cfg(feature = "server")]
pub use upload::{FlashError, ModelStore};

/// Version of messages and frames, the first byte of every frame.
pub const PROTOCOL_VERSION: u8 = 1;
/// Length of the blocks of an upload in bytes, except for the last one of the file.
pub const BLOCK_LEN: usize = 256;
/// Maximum length of a request's frame in bytes, including delimiters: a latent of 256 values with its overhead.
pub const MAX_REQUEST_LEN: usize = 288;
/// Maximum length of a response's frame in bytes, including delimiters: 784 pixels with their overhead.
pub const MAX_RESPONSE_LEN: usize = 832;
