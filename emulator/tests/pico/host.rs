//! USB host of the emulated Pico that speaks the serial protocol.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use thumbgan_emulator::{
    models::ModelFile,
    pico::{Pico, PicoFirmware, Usb},
};
use thumbgan_protocol::{
    MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, Receiver, Request, Response, frame,
};

/// Longest time for configuring the board.
const CONFIGURATION: Duration = Duration::from_secs(2);
/// Time between two reads of the port.
const STEP: Duration = Duration::from_millis(1);

/// Instant of a power failure.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// Time on the board's clock.
    pub at: Duration,
    /// Selection of the bits that an interrupted operation of the flash has changed.
    pub seed: u32,
}

/// USB host of a board with the default model.
pub struct Host {
    pub pico: Pico,
    sequence: u8,
}

impl Host {
    /// Powers a board on by its USB connector.
    pub fn plug_in() -> Result<Self> {
        let firmware = PicoFirmware::build(&ModelFile::read(None)?)?;
        let mut host = Self {
            pico: Pico::boot(&firmware, Usb::Open)?,
            sequence: 0,
        };
        host.connect()?;
        Ok(host)
    }

    /// Connects the board, and waits until it is configured.
    pub fn connect(&mut self) -> Result<()> {
        self.pico.set_usb(Usb::Open)?;
        let end = self.pico.counters().time + CONFIGURATION;
        while !self.pico.is_configured() {
            ensure!(
                self.pico.counters().time < end,
                "the USB host cannot configure the board"
            );
            self.pico.run(STEP)?;
        }
        Ok(())
    }

    /// Returns the frame of a request with a new sequence number.
    pub fn request(&mut self, body: &Request<'_>) -> Result<Vec<u8>> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut buffer = [0; MAX_REQUEST_LEN];
        let message = Message {
            sequence: self.sequence,
            body: *body,
        };
        Ok(frame::encode(&message, &mut buffer)?.to_vec())
    }

    /// Sends a request and returns the result of `handle` for its response; `None` after the power failure.
    ///
    /// # Errors
    /// If the board does not respond within `timeout`, or `handle` fails.
    pub fn respond<T>(
        &mut self,
        request: &Request<'_>,
        timeout: Duration,
        failure: Option<Failure>,
        handle: impl Fn(&Response<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let encoded = self.request(request)?;
        self.pico.send(&encoded)?;
        let mut receiver = Receiver::<MAX_RESPONSE_LEN>::new();
        let end = self.pico.counters().time + timeout;
        while self.pico.counters().time < end {
            let now = self.pico.counters().time;
            if let Some(failure) = failure.filter(|failure| failure.at < now + STEP) {
                let rest = failure.at.saturating_sub(now);
                self.pico.fail_power(rest, failure.seed)?;
                return Ok(None);
            }
            self.pico.run(STEP)?;
            for byte in self.pico.take_received() {
                if let Some(encoded) = receiver.receive(byte)
                    && let Ok(Message { sequence, body }) = frame::decode::<Response<'_>>(encoded)
                    && sequence == self.sequence
                {
                    return handle(&body).map(Some);
                }
            }
        }
        bail!("the board does not respond to {request:?}")
    }
}
