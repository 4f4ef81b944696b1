//! Board side of the protocol: bytes in, response frames out.

use thumbgan_app::{App, Clock};
use thumbgan_core::{GenerateError, Generator, GrayImage, model::MAX_LATENT};

use crate::{
    ErrorResponse, FrameError, MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, Mode, ModelInfo,
    Receiver, Request, Response, frame,
};

/// Running benchmark.
#[derive(Debug)]
struct Bench {
    /// Sequence number of its request.
    sequence: u8,
    /// Number of images to generate.
    count: u16,
    /// Number of images generated.
    done: u16,
    /// Ticks that they took.
    ticks: u64,
}

/// Ticks per second of a board's clock.
const HERTZ: u32 = 1_000_000;

/// Buffer with space for one value more than the longest latent.
type Latent = heapless::Vec<i8, { MAX_LATENT + 1 }>;

/// Board side of the serial connection.
#[derive(Debug)]
pub struct Server {
    /// Name of the board in the board table.
    board: &'static str,
    clock: Clock,
    receiver: Receiver<MAX_REQUEST_LEN>,
    response: [u8; MAX_RESPONSE_LEN],
    bench: Option<Bench>,
}

impl Server {
    /// Creates the server of a board, by its name in the board table.
    pub const fn new(board: &'static str, clock: Clock) -> Self {
        let response = [0; MAX_RESPONSE_LEN];
        Self {
            board,
            clock,
            receiver: Receiver::new(),
            response,
            bench: None,
        }
    }

    /// Processes a received byte. If it completes a request, executes it and returns the response's frame, to be sent before
    /// anything else. A benchmark is only started; [`Server::work`] executes it, and any other request cancels it. Noise is
    /// ignored; a valid frame with an unknown request gets an error response.
    pub fn receive(&mut self, byte: u8, app: &mut App<'_>) -> Option<&[u8]> {
        let (sequence, response) = match frame::decode(self.receiver.receive(byte)?) {
            Ok(Message {
                sequence,
                body: Request::Bench { count },
            }) if app.model().is_some() => {
                self.bench = Some(Bench {
                    sequence,
                    count,
                    done: 0,
                    ticks: 0,
                });
                return None;
            }
            Ok(Message { sequence, body }) => (sequence, execute(body, self.board, app)),
            Err(FrameError::Unknown { sequence }) => (sequence, Err(ErrorResponse::UnknownRequest)),
            Err(FrameError::Version { .. }) => (0, Err(ErrorResponse::UnknownRequest)),
            Err(FrameError::Noise | FrameError::TooLong) => return None,
        };
        self.bench = None;
        self.encode(sequence, response.unwrap_or_else(Response::Error))
    }

    /// Returns true while a benchmark runs, which needs calls of [`Server::work`].
    pub const fn is_busy(&self) -> bool {
        self.bench.is_some()
    }

    /// Generates one image of a running benchmark, so that the device keeps running between images. Returns the response's
    /// frame after the last one.
    pub fn work(&mut self, app: &mut App<'_>) -> Option<&[u8]> {
        let bench = self.bench.as_mut()?;
        let sequence = bench.sequence;
        let step = bench.step(self.clock, app);
        let response = step.unwrap_or_else(|error| Some(Response::Error(error)))?;
        self.bench = None;
        self.encode(sequence, response)
    }

    /// Encodes the frame of a response.
    fn encode(&mut self, sequence: u8, body: Response<'_>) -> Option<&[u8]> {
        let frame = frame::encode(&Message { sequence, body }, &mut self.response);
        debug_assert!(frame.is_ok(), "every response fits into MAX_RESPONSE_LEN");
        frame.ok()
    }
}

impl Bench {
    /// Generates one image; returns the response after the last one.
    fn step(
        &mut self,
        clock: Clock,
        app: &mut App<'_>,
    ) -> Result<Option<Response<'static>>, ErrorResponse> {
        if self.done < self.count {
            let generator = app.generator().ok_or(ErrorResponse::InvalidModel)?;
            let seed = self.done.into();
            let start = clock();
            generate(generator, generator.model().class_for_seed(seed), seed)?;
            self.ticks += clock().saturating_sub(start);
            self.done += 1;
        }
        let Self {
            count, done, ticks, ..
        } = *self;
        Ok((done == count).then_some(Response::Bench {
            count,
            ticks,
            hertz: HERTZ,
        }))
    }
}

/// Executes a request.
fn execute<'a>(
    request: Request<'_>,
    board: &'static str,
    app: &'a mut App<'_>,
) -> Result<Response<'a>, ErrorResponse> {
    match request {
        Request::Hello => Ok(Response::Hello {
            firmware: env!("CARGO_PKG_VERSION"),
            board,
            model: app.model().map(ModelInfo::from),
        }),
        Request::Generate { class, seed } => {
            let generator = app.generator().ok_or(ErrorResponse::InvalidModel)?;
            Ok(image(generate(generator, class, seed)?))
        }
        Request::GenerateFromLatent { class, latent } => {
            let generator = app.generator().ok_or(ErrorResponse::InvalidModel)?;
            // Longer latents are cut to a length that is still wrong for every model.
            let latent: Latent = latent
                .iter()
                .take(MAX_LATENT + 1)
                .map(|value| value.cast_signed())
                .collect();
            Ok(image(generate_from_latent(generator, class, &latent)?))
        }
        // Only reached without a model.
        Request::Bench { .. } => Err(ErrorResponse::InvalidModel),
        Request::SetMode(mode) => {
            app.model().ok_or(ErrorResponse::InvalidModel)?;
            app.set_mode(mode.into());
            Ok(Response::Done)
        }
    }
}

/// Returns the response with an image.
fn image(image: &GrayImage) -> Response<'_> {
    Response::Image {
        crc32: image.crc32(),
        pixels: image.pixels(),
    }
}

/// Generates the image of a seed.
fn generate<'g>(
    generator: &'g mut Generator<'_>,
    class: Option<u8>,
    seed: u64,
) -> Result<&'g GrayImage, GenerateError> {
    let mut latent = [0; MAX_LATENT];
    let latent = &mut latent[..generator.model().latent_len()];
    generator.model().sample_latent(seed, latent);
    generate_from_latent(generator, class, latent)
}

/// Generates the image of a latent. All images of the server are generated here, so that the program contains this code once.
#[inline(never)]
fn generate_from_latent<'g>(
    generator: &'g mut Generator<'_>,
    class: Option<u8>,
    latent: &[i8],
) -> Result<&'g GrayImage, GenerateError> {
    generator.generate_from_latent(class, latent)
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
