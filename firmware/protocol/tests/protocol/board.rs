//! Test support: a board in memory and the host's side of the protocol.

use std::cell::Cell;

use thumbgan_app::{App, SCRATCH_LEN};
use thumbgan_core::{crc32, include_model};
use thumbgan_protocol::{
    MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, Receiver, Request, Response, Server,
    frame::{self, decode},
};

/// Model with ten classes.
pub static MODEL: &[u8] = include_model!("../../../../models/digits-nano.tgan");
/// Unconditional model.
pub static UNCONDITIONAL: &[u8] = include_model!("../../../../models/seed.tgan");

/// Device whose clock advances by one tick with every reading.
pub struct Board {
    pub app: App<'static>,
    server: Server,
}

impl Board {
    /// Creates a board with a model file.
    pub fn new(model: &'static [u8]) -> Self {
        Self {
            app: App::new(model, vec![0; SCRATCH_LEN].leak(), ticks),
            server: Server::new("memory", ticks),
        }
    }

    /// Processes received bytes and returns everything that the board sends, including the response of a benchmark.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Self { app, server } = self;
        let mut sent = Vec::new();
        for byte in bytes {
            sent.extend_from_slice(server.receive(*byte, app).unwrap_or_default());
        }
        while server.is_busy() {
            sent.extend_from_slice(server.work(app).unwrap_or_default());
        }
        sent
    }

    /// Processes received bytes without working on a benchmark and returns what the board sends.
    pub fn receive_only(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Self { app, server } = self;
        bytes
            .iter()
            .flat_map(|byte| server.receive(*byte, app).unwrap_or_default().to_vec())
            .collect()
    }

    /// Calls [`Server::work`] once and returns what the board sends.
    pub fn work(&mut self) -> Vec<u8> {
        self.server.work(&mut self.app).unwrap_or_default().to_vec()
    }

    /// Sends a request and calls `check` with the one response.
    pub fn request<T>(&mut self, request: Request<'_>, check: impl FnOnce(Response<'_>) -> T) -> T {
        let sent = self.receive(&request_frame(7, request));
        let mut responses = frames(&sent);
        assert_eq!(responses.len(), 1, "{sent:?}");
        let Message { sequence, body } = decode(&mut responses[0]).unwrap();
        assert_eq!(sequence, 7);
        check(body)
    }
}

thread_local! {
    /// Clock of this thread's boards.
    static TICKS: Cell<u64> = const { Cell::new(0) };
}

/// Returns the ticks of the thread's clock.
pub fn ticks() -> u64 {
    TICKS.replace(TICKS.get() + 1)
}

/// Advances the thread's clock.
pub fn wait(ticks: u64) {
    TICKS.set(TICKS.get() + ticks);
}

/// Returns the frame of a request.
pub fn request_frame(sequence: u8, body: Request<'_>) -> Vec<u8> {
    frame::encode(&Message { sequence, body }, &mut [0; MAX_REQUEST_LEN])
        .unwrap()
        .to_vec()
}

/// Returns the frame of arbitrary bytes with the right CRC-32.
pub fn checked(body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0];
    frame.extend(cobs::encode_vec(
        &[body, &crc32(body).to_le_bytes()].concat(),
    ));
    frame.push(0);
    frame
}

/// Returns the frames between zeros, still COBS-encoded.
pub fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut receiver = Receiver::<MAX_RESPONSE_LEN>::new();
    bytes
        .iter()
        .filter_map(|byte| receiver.receive(*byte).map(|frame| frame.to_vec()))
        .collect()
}
