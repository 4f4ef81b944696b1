//! Client of the serial protocol: sends requests to a board and checks its responses.
//!
//! In: a serial port. Out: responses and images. `thumbgan_protocol` defines messages and frames.

mod permission;
mod port;

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use thumbgan_core::{GrayImage, crc32};
use thumbgan_protocol::{
    FrameError, MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, Receiver, Request, Response, frame,
};

use port::Transport;

/// Timeout of a short response; the slowest core needs 0.1 s.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Number of times that a request is sent, since requests and responses can be damaged on the wire.
const ATTEMPTS: u8 = 3;

/// Connection to a board.
pub struct Board {
    transport: Box<dyn Transport>,
    port: String,
    receiver: Receiver<MAX_RESPONSE_LEN>,
    /// Sequence number of the last request. Late responses to earlier requests have other numbers.
    sequence: u8,
}

impl Board {
    /// Opens `port`: the name of a serial port, or `tcp:HOST:PORT`.
    ///
    /// # Errors
    /// If the port cannot be opened; the message names it, the cause and the remedy.
    pub fn open(port: &str) -> Result<Self> {
        Ok(Self {
            transport: port::open(port)?,
            port: port.to_owned(),
            receiver: Receiver::new(),
            sequence: 0,
        })
    }

    /// Sends a request and calls `handle` with the response.
    ///
    /// # Errors
    /// If no response arrives, the response is an error, or `handle` fails.
    pub fn request<T>(
        &mut self,
        request: &Request<'_>,
        handle: impl FnOnce(&Response<'_>) -> Result<T>,
    ) -> Result<T> {
        self.request_with_timeout(request, TIMEOUT, handle)
    }

    /// Sends a request whose response may take up to `timeout` and calls `handle` with the response.
    ///
    /// # Errors
    /// As for [`Self::request`].
    pub fn request_with_timeout<T>(
        &mut self,
        request: &Request<'_>,
        timeout: Duration,
        handle: impl FnOnce(&Response<'_>) -> Result<T>,
    ) -> Result<T> {
        for _ in 0..ATTEMPTS {
            self.sequence = self.sequence.wrapping_add(1);
            let mut buffer = [0; MAX_REQUEST_LEN];
            let message = Message {
                sequence: self.sequence,
                body: *request,
            };
            let frame = frame::encode(&message, &mut buffer)?;
            self.transport
                .write_all(frame)
                .with_context(|| format!("cannot write to {}", self.port))?;
            if let Some(mut encoded) = self.receive(Instant::now() + timeout)? {
                return match frame::decode(&mut encoded)?.body {
                    Response::Error(error) => Err(error.into()),
                    response => handle(&response),
                };
            }
        }
        bail!(
            "no response from {}: check that it is the right port and that the board runs thumbgan's firmware",
            self.port
        )
    }

    /// Requests an image and returns its pixels, whose CRC-32 is that of the board's memory.
    ///
    /// # Errors
    /// As for [`Self::request`].
    pub fn image(&mut self, request: &Request<'_>) -> Result<Vec<u8>> {
        self.request(request, |response| match response {
            Response::Image {
                crc32: expected,
                pixels,
            } => {
                ensure!(
                    pixels.len() == GrayImage::PIXELS,
                    "the board sent {} pixels instead of {}",
                    pixels.len(),
                    GrayImage::PIXELS
                );
                ensure!(
                    crc32(pixels) == *expected,
                    "the CRC-32 of the received pixels differs from the board's"
                );
                Ok(pixels.to_vec())
            }
            other => Err(unexpected(other)),
        })
    }

    /// Returns the encoded frame of the response to the last request; `None` if none arrives before the deadline.
    fn receive(&mut self, deadline: Instant) -> Result<Option<Vec<u8>>> {
        let mut bytes = [0; 1024];
        while Instant::now() < deadline {
            let count = match self.transport.read(&mut bytes) {
                Ok(0) => bail!(
                    "{} was closed: connect the board or start its emulator again",
                    self.port
                ),
                Ok(count) => count,
                Err(error) if is_temporary(error.kind()) => continue,
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot read from {}", self.port));
                }
            };
            // Bytes after the response are text or the response to an earlier attempt.
            for &byte in bytes.iter().take(count) {
                let Some(encoded) = self.receiver.receive(byte) else {
                    continue;
                };
                let encoded = encoded.to_vec();
                match frame::decode::<Response<'_>>(&mut encoded.clone()) {
                    Ok(message) if message.sequence == self.sequence => return Ok(Some(encoded)),
                    Err(error @ FrameError::Version { .. }) => {
                        return Err(anyhow!(error)).with_context(|| {
                            format!("the firmware on {} has another protocol version", self.port)
                        });
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }
}

/// Returns the error for a response of the wrong type.
pub fn unexpected(response: &Response<'_>) -> anyhow::Error {
    anyhow!("unexpected response of the board: {response:?}")
}

/// Returns true for errors after which reading can be repeated.
const fn is_temporary(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
    )
}
