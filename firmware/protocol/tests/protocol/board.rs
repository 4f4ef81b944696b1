//! A board in memory, and a computer that talks to it.

use std::cell::Cell;

use thumbgan_app::App;
use thumbgan_core::{crc32, include_model};
use thumbgan_protocol::{
    Link, MAX_REQUEST, MAX_RESPONSE, Message, Receiver, Request, Response,
    frame::{self, decode},
};

/// A model with ten classes.
pub static MODEL: &[u8] = include_model!("../../../../models/digits-nano.tgan");
/// A model without.
pub static UNCONDITIONAL: &[u8] = include_model!("../../../../models/seed.tgan");

/// A device whose clock stands at one tick for each time that it was looked at.
pub struct Board {
    pub app: App<'static>,
    link: Link,
}

impl Board {
    /// A board with this model file.
    pub fn new(model: &'static [u8]) -> Self {
        Self {
            app: App::new(model, ticks),
            link: Link::new("memory", ticks),
        }
    }

    /// Puts bytes on the wire and gives all that the board sends until it rests.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Self { app, link } = self;
        let mut sent = Vec::new();
        for byte in bytes {
            sent.extend_from_slice(link.receive(*byte, app).unwrap_or_default());
        }
        while link.is_busy() {
            sent.extend_from_slice(link.work(app).unwrap_or_default());
        }
        sent
    }

    /// Puts bytes on the wire and makes no digit of a bench: gives what the board sends at once.
    pub fn hear_only(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Self { app, link } = self;
        bytes
            .iter()
            .flat_map(|byte| link.receive(*byte, app).unwrap_or_default().to_vec())
            .collect()
    }

    /// Lets the board work a little, and gives what it sends.
    pub fn work(&mut self) -> Vec<u8> {
        self.link.work(&mut self.app).unwrap_or_default().to_vec()
    }

    /// Asks, and shows `see` the one response.
    pub fn ask<T>(&mut self, request: Request<'_>, see: impl FnOnce(Response<'_>) -> T) -> T {
        let sent = self.hear(&request_frame(7, request));
        let mut responses = frames(&sent);
        assert_eq!(responses.len(), 1, "{sent:?}");
        let Message { number, message } = decode(&mut responses[0]).unwrap();
        assert_eq!(number, 7);
        see(message)
    }
}

/// The clock of a thread.
fn ticks() -> u64 {
    thread_local! { static TICKS: Cell<u64> = const { Cell::new(0) } }
    TICKS.replace(TICKS.get() + 1)
}

/// The frame of a request.
pub fn request_frame(number: u8, message: Request<'_>) -> Vec<u8> {
    frame::encode(&Message { number, message }, &mut [0; MAX_REQUEST])
        .unwrap()
        .to_vec()
}

/// The frame of any body, with its check.
pub fn checked(body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0];
    frame.extend(cobs::encode_vec(
        &[body, &crc32(body).to_le_bytes()].concat(),
    ));
    frame.push(0);
    frame
}

/// What lies between zeros, still stuffed.
pub fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut receiver = Receiver::<MAX_RESPONSE>::new();
    bytes
        .iter()
        .filter_map(|byte| receiver.receive(*byte).map(|frame| frame.to_vec()))
        .collect()
}
