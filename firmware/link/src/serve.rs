//! The board's side: a byte in, now and then a frame out.

use heapless::Vec;
use thumbgan_app::{App, Clock};
use thumbgan_core::{Generator, InputError, SCRATCH, model::MAX_LATENT};

use crate::{
    Answer, Card, FrameError, MAX_ANSWER, MAX_REQUEST, Mode, Parcel, Receiver, Refusal, Request, frame,
};

/// A bench that runs.
#[derive(Debug)]
struct Bench {
    /// The number of its request.
    number: u8,
    /// Digits to make.
    count: u16,
    /// Digits made.
    made: u16,
    /// Ticks that they took.
    ticks: u64,
}

/// Ticks a second of a board's clock.
const HERTZ: u32 = 1_000_000;

/// A latent, or one value more than any model's.
type Latent = Vec<i8, { MAX_LATENT + 1 }>;

/// The board's end of the wire.
#[derive(Debug)]
pub struct Link {
    /// The board, as `cargo xtask` calls it.
    board: &'static str,
    clock: Clock,
    receiver: Receiver<MAX_REQUEST>,
    answer: [u8; MAX_ANSWER],
    bench: Option<Bench>,
}

impl Link {
    /// One that has received nothing, of the board of this name and with this clock.
    pub const fn new(board: &'static str, clock: Clock) -> Self {
        Self { board, clock, receiver: Receiver::new(), answer: [0; MAX_ANSWER], bench: None }
    }

    /// Takes a byte from the wire. When it ends a request, `app` does that, and the frame of the answer is given,
    /// to be sent before anything else; a bench is only begun, for [`Link::work`] to do. Noise is passed over; a
    /// whole frame that is no request of this version is refused. A request ends a bench that still runs.
    pub fn receive(&mut self, byte: u8, app: &mut App<'_>) -> Option<&[u8]> {
        let (number, answer) = match frame::decode(self.receiver.receive(byte)?) {
            Ok(Parcel { number, message: Request::Bench { count } }) if app.model().is_some() => {
                self.bench = Some(Bench { number, count, made: 0, ticks: 0 });
                return None;
            }
            Ok(Parcel { number, message }) => (number, answer(message, self.board, app)),
            Err(FrameError::Message { number }) => (number, Err(Refusal::Unknown)),
            Err(FrameError::Version { .. }) => (0, Err(Refusal::Unknown)),
            Err(FrameError::Noise | FrameError::TooLong) => return None,
        };
        self.bench = None;
        self.send(number, answer.unwrap_or_else(Answer::Refused))
    }

    /// Whether a bench runs: [`Link::work`] is to be called again.
    pub const fn is_busy(&self) -> bool {
        self.bench.is_some()
    }

    /// Makes one digit of a bench, if one runs, so that the device goes on between two of them; gives the frame of
    /// the answer once all are made.
    pub fn work(&mut self, app: &mut App<'_>) -> Option<&[u8]> {
        let bench = self.bench.as_mut()?;
        let number = bench.number;
        let answer = bench.step(self.clock, app).unwrap_or_else(|refusal| Some(Answer::Refused(refusal)))?;
        self.bench = None;
        self.send(number, answer)
    }

    /// The frame of an answer.
    fn send(&mut self, number: u8, message: Answer<'_>) -> Option<&[u8]> {
        let fits = frame::encode(&Parcel { number, message }, &mut self.answer);
        debug_assert!(fits.is_ok(), "every answer fits in MAX_ANSWER");
        fits.ok()
    }
}

impl Bench {
    /// Makes one digit; the answer comes with the last.
    fn step(&mut self, clock: Clock, app: &mut App<'_>) -> Result<Option<Answer<'static>>, Refusal> {
        if self.made < self.count {
            let start = clock();
            seeded(self.made, app)?;
            self.ticks += clock().saturating_sub(start);
            self.made += 1;
        }
        let Self { count, made, ticks, .. } = *self;
        Ok((made == count).then_some(Answer::Bench { count, ticks, hertz: HERTZ }))
    }
}

/// Does what is asked.
fn answer<'a>(
    request: Request<'_>,
    board: &'static str,
    app: &'a mut App<'_>,
) -> Result<Answer<'a>, Refusal> {
    match request {
        Request::Hello => Ok(Answer::Hello {
            firmware: env!("CARGO_PKG_VERSION"),
            board,
            card: app.model().map(Card::from),
        }),
        Request::Generate { class, seed } => digit(app, |generator| make(generator, class, seed)),
        Request::GenerateLatent { class, latent } => digit(app, |generator| {
            // More values than any model takes are cut, and still too many for this one.
            let latent: Latent =
                latent.iter().take(MAX_LATENT + 1).map(|value| value.cast_signed()).collect();
            make_of(generator, class, &latent)
        }),
        // One that a model is there for is not answered here.
        Request::Bench { .. } => Err(Refusal::Model),
        Request::SetMode(mode) => {
            app.model().ok_or(Refusal::Model)?;
            app.set_mode(mode.into());
            Ok(Answer::Done)
        }
    }
}

/// The digit that `make` makes.
fn digit<'a, 'm>(
    app: &'a mut App<'m>,
    make: impl FnOnce(&mut Generator<'m, SCRATCH>) -> Result<(), InputError>,
) -> Result<Answer<'a>, Refusal> {
    let generator = app.generator().ok_or(Refusal::Model)?;
    make(generator)?;
    let digit = generator.digit();
    Ok(Answer::Digit { crc: digit.crc32(), pixels: digit.pixels() })
}

/// Makes the digit of a seed, the classes taking turns.
fn seeded(seed: u16, app: &mut App<'_>) -> Result<(), Refusal> {
    let generator = app.generator().ok_or(Refusal::Model)?;
    let class = seed.checked_rem(generator.model().classes().into()).map(|class| class as u8);
    Ok(make(generator, class, seed.into())?)
}

/// Makes the digit of a seed.
fn make(generator: &mut Generator<'_, SCRATCH>, class: Option<u8>, seed: u64) -> Result<(), InputError> {
    let wanted = generator.model().latent();
    let mut latent = Latent::new();
    // It fits: a model's latent is no longer.
    let _ = latent.resize_default(wanted.length.into());
    wanted.distribution.draw(seed, &mut latent);
    make_of(generator, class, &latent)
}

/// Makes the digit of a latent. All digits of the link are made here, so that its code is there once.
#[inline(never)]
fn make_of(
    generator: &mut Generator<'_, SCRATCH>,
    class: Option<u8>,
    latent: &[i8],
) -> Result<(), InputError> {
    generator.generate_latent(class, latent).map(drop)
}

impl From<Mode> for thumbgan_app::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Gallery => Self::Gallery,
            Mode::Digit => Self::Digit,
            Mode::Walk => Self::Walk,
            Mode::Clock => Self::Clock,
            Mode::About => Self::About,
        }
    }
}
