//! A board on a serial link, asked one thing after another (`thumbgan_protocol` has messages and frames).

mod port;

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use thumbgan_core::{PIXELS, crc32};
use thumbgan_protocol::{
    Answer, FrameError, MAX_ANSWER, MAX_REQUEST, Parcel, Receiver, Request, frame,
};

use port::Wire;

/// The longest that a board may take for a short answer: the slowest core needs a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a request is sent before the board is given up: one or its answer may be damaged on the wire.
const ATTEMPTS: u8 = 3;

/// A board that answers.
pub struct Board {
    wire: Box<dyn Wire>,
    port: String,
    receiver: Receiver<MAX_ANSWER>,
    /// The number of the last request: late answers to earlier ones have other numbers.
    number: u8,
}

impl Board {
    /// Opens `port`: a serial port's name, or `tcp:HOST:PORT`.
    ///
    /// # Errors
    /// When there is no such port or it is taken; the message names it and says what to look for.
    pub fn open(port: &str) -> Result<Self> {
        Ok(Self {
            wire: port::open(port)?,
            port: port.to_owned(),
            receiver: Receiver::new(),
            number: 0,
        })
    }

    /// Asks, and shows `see` the answer.
    ///
    /// # Errors
    /// When nothing answers, the answer is a refusal, or `see` fails.
    pub fn ask<T>(
        &mut self,
        request: &Request<'_>,
        see: impl FnOnce(&Answer<'_>) -> Result<T>,
    ) -> Result<T> {
        self.ask_patiently(request, PATIENCE, see)
    }

    /// As [`Self::ask`], for what takes longer.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub fn ask_patiently<T>(
        &mut self,
        request: &Request<'_>,
        patience: Duration,
        see: impl FnOnce(&Answer<'_>) -> Result<T>,
    ) -> Result<T> {
        for _ in 0..ATTEMPTS {
            self.number = self.number.wrapping_add(1);
            let mut buffer = [0; MAX_REQUEST];
            let frame = frame::encode(
                &Parcel {
                    number: self.number,
                    message: *request,
                },
                &mut buffer,
            )?;
            self.wire
                .write_all(frame)
                .with_context(|| format!("cannot write to {}", self.port))?;
            if let Some(mut stuffed) = self.receive(Instant::now() + patience)? {
                return match frame::decode(&mut stuffed)?.message {
                    Answer::Refused(refusal) => Err(refusal.into()),
                    answer => see(&answer),
                };
            }
        }
        bail!(
            "nothing answers on {}: is it the right port, and does the board run thumbgan's firmware?",
            self.port
        )
    }

    /// The pixels of a digit, whole as they lay in the board's memory.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub fn digit(&mut self, request: &Request<'_>) -> Result<Vec<u8>> {
        self.ask(request, |answer| match answer {
            Answer::Digit { crc, pixels } => {
                ensure!(
                    pixels.len() == PIXELS,
                    "the board sent {} pixels, not {PIXELS}",
                    pixels.len()
                );
                ensure!(
                    crc32(pixels) == *crc,
                    "the board's check of its pixels is not theirs"
                );
                Ok(pixels.to_vec())
            }
            other => Err(unexpected(other)),
        })
    }

    /// The frame, still stuffed, of the answer to the last request; `None` when none comes in time.
    fn receive(&mut self, deadline: Instant) -> Result<Option<Vec<u8>>> {
        let mut bytes = [0; 1024];
        while Instant::now() < deadline {
            let count = match self.wire.read(&mut bytes) {
                Ok(0) => bail!("{} has closed", self.port),
                Ok(count) => count,
                Err(error) if is_pause(error.kind()) => continue,
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot read from {}", self.port));
                }
            };
            // What follows an answer is text or the answer to an earlier attempt.
            for &byte in bytes.iter().take(count) {
                let Some(stuffed) = self.receiver.receive(byte) else {
                    continue;
                };
                let stuffed = stuffed.to_vec();
                match frame::decode::<Answer<'_>>(&mut stuffed.clone()) {
                    Ok(parcel) if parcel.number == self.number => return Ok(Some(stuffed)),
                    Err(error @ FrameError::Version { .. }) => {
                        return Err(anyhow!(error))
                            .with_context(|| format!("{} is another thumbgan", self.port));
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }
}

/// The error of an answer to another question.
pub fn unexpected(answer: &Answer<'_>) -> anyhow::Error {
    anyhow!("the board answers something else: {answer:?}")
}

/// Whether nothing has come, yet might.
const fn is_pause(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
    )
}
