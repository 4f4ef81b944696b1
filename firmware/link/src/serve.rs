//! The board's side: a byte in, now and then a frame out.

use heapless::Vec;
use thumbgan_core::{Generator, InputError, SCRATCH, model::MAX_LATENT};

use crate::{
    Answer, Card, FrameError, MAX_ANSWER, MAX_REQUEST, Mode, Parcel, Receiver, Refusal, Request, frame,
};

/// What a link needs of its board.
pub trait Device<'m> {
    /// Ticks a second of [`Device::ticks`].
    const HERTZ: u32;
    /// The board, as `cargo xtask` calls it.
    const BOARD: &'static str;

    /// The generator; `None` when its model was refused.
    fn generator(&mut self) -> Option<&mut Generator<'m, SCRATCH>>;
    /// The time in ticks; wraps, but not within one digit.
    fn ticks(&self) -> u32;
    /// Shows a mode.
    fn set_mode(&mut self, mode: Mode);
}

/// The board's end of the wire.
#[derive(Debug)]
pub struct Link {
    receiver: Receiver<MAX_REQUEST>,
    answer: [u8; MAX_ANSWER],
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

impl Link {
    /// One that has received nothing.
    pub const fn new() -> Self {
        Self { receiver: Receiver::new(), answer: [0; MAX_ANSWER] }
    }

    /// Takes a byte from the wire. When it ends a request, that is done by `device` and the frame of the answer
    /// given, to be sent before anything else. Noise is passed over; a whole frame that is no request of this
    /// version is refused.
    pub fn receive<'m>(&mut self, byte: u8, device: &mut impl Device<'m>) -> Option<&[u8]> {
        let stuffed = self.receiver.receive(byte)?;
        let (number, answer) = match frame::decode(stuffed) {
            Ok(Parcel { number, message }) => (number, answer(message, device)),
            Err(FrameError::Message { number }) => (number, Answer::Refused(Refusal::Unknown)),
            Err(FrameError::Version { .. }) => (0, Answer::Refused(Refusal::Unknown)),
            Err(FrameError::Noise | FrameError::TooLong) => return None,
        };
        let fits = frame::encode(&Parcel { number, message: answer }, &mut self.answer);
        debug_assert!(fits.is_ok(), "every answer fits in MAX_ANSWER");
        fits.ok()
    }
}

/// Does what is asked.
fn answer<'a, 'm: 'a, D: Device<'m>>(request: Request<'_>, device: &'a mut D) -> Answer<'a> {
    match request {
        Request::Hello => Answer::Hello {
            firmware: env!("CARGO_PKG_VERSION"),
            board: D::BOARD,
            card: device.generator().map(|generator| Card::from(generator.model())),
        },
        Request::Generate { class, seed } => {
            digit(device, |generator| generator.generate(class, seed).map(drop))
        }
        Request::GenerateLatent { class, latent } => {
            // More values than any model takes are cut, and still too many or too few for this one.
            let latent: Vec<i8, { MAX_LATENT + 1 }> =
                latent.iter().take(MAX_LATENT + 1).map(|value| value.cast_signed()).collect();
            digit(device, |generator| generator.generate_latent(class, &latent).map(drop))
        }
        Request::Bench { count } => match bench(count, device) {
            Ok(ticks) => Answer::Bench { count, ticks, hertz: D::HERTZ },
            Err(refusal) => Answer::Refused(refusal),
        },
        Request::SetMode(mode) => {
            device.set_mode(mode);
            Answer::Done
        }
    }
}

fn digit<'a, 'm: 'a>(
    device: &'a mut impl Device<'m>,
    make: impl FnOnce(&mut Generator<'m, SCRATCH>) -> Result<(), InputError>,
) -> Answer<'a> {
    let Some(generator) = device.generator() else { return Answer::Refused(Refusal::Model) };
    match make(generator) {
        Ok(()) => Answer::Digit { crc: generator.digit().crc32(), pixels: generator.digit().pixels() },
        Err(error) => Answer::Refused(error.into()),
    }
}

/// The ticks that `count` digits take.
fn bench<'m>(count: u16, device: &mut impl Device<'m>) -> Result<u64, Refusal> {
    let mut total = 0;
    for seed in 0..count {
        let start = device.ticks();
        let generator = device.generator().ok_or(Refusal::Model)?;
        let class = seed.checked_rem(generator.model().classes().into()).map(|class| class as u8);
        generator.generate(class, seed.into())?;
        total += u64::from(device.ticks().wrapping_sub(start));
    }
    Ok(total)
}
