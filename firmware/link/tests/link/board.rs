//! A board in memory, and a computer that talks to it.

use thumbgan_core::{Generator, Model, SCRATCH, crc32, include_model};
use thumbgan_link::{
    Answer, Device, Link, MAX_ANSWER, MAX_REQUEST, Mode, Parcel, Receiver, Request,
    frame::{self, decode},
};

/// A model with ten classes.
pub static MODEL: &[u8] = include_model!("../../../../models/digits-nano.tgan");
/// A model without.
pub static UNCONDITIONAL: &[u8] = include_model!("../../../../models/seed.tgan");

/// A device whose clock advances by one tick whenever it is looked at.
pub struct Board {
    pub generator: Option<Generator<'static, SCRATCH>>,
    pub mode: Option<Mode>,
    ticks: std::cell::Cell<u32>,
    link: Option<Link>,
}

impl Board {
    /// A board whose clock is about to wrap; no sound model is no generator.
    pub fn new(model: &'static [u8]) -> Self {
        let generator = Model::parse(model).ok().map(|model| Generator::new(model).unwrap());
        Self { generator, mode: None, ticks: (u32::MAX - 2).into(), link: Some(Link::new()) }
    }

    /// Puts bytes on the wire and gives all that the board sends.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut link = self.link.take().unwrap();
        let mut sent = Vec::new();
        for byte in bytes {
            sent.extend_from_slice(link.receive(*byte, self).unwrap_or_default());
        }
        self.link = Some(link);
        sent
    }

    /// Asks, and shows `see` the one answer.
    pub fn ask<T>(&mut self, request: Request<'_>, see: impl FnOnce(Answer<'_>) -> T) -> T {
        let sent = self.hear(&request_frame(7, request));
        let mut answers = frames(&sent);
        assert_eq!(answers.len(), 1, "{sent:?}");
        let Parcel { number, message } = decode(&mut answers[0]).unwrap();
        assert_eq!(number, 7);
        see(message)
    }
}

impl Device<'static> for Board {
    const HERTZ: u32 = 1000;
    const BOARD: &'static str = "memory";

    fn generator(&mut self) -> Option<&mut Generator<'static, SCRATCH>> {
        self.generator.as_mut()
    }

    fn ticks(&self) -> u32 {
        self.ticks.set(self.ticks.get().wrapping_add(1));
        self.ticks.get()
    }

    fn set_mode(&mut self, mode: Mode) {
        self.mode = Some(mode);
    }
}

/// The frame of a request.
pub fn request_frame(number: u8, message: Request<'_>) -> Vec<u8> {
    frame::encode(&Parcel { number, message }, &mut [0; MAX_REQUEST]).unwrap().to_vec()
}

/// The frame of any body, with its check.
pub fn checked(body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0];
    frame.extend(cobs::encode_vec(&[body, &crc32(body).to_le_bytes()].concat()));
    frame.push(0);
    frame
}

/// What lies between zeros, still stuffed.
pub fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut receiver = Receiver::<MAX_ANSWER>::new();
    bytes.iter().filter_map(|byte| receiver.receive(*byte).map(|frame| frame.to_vec())).collect()
}
