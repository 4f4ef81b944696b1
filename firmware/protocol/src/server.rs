//! Board side of the protocol: bytes in, response frames out.

use core::fmt::Write as _;

use heapless::{String, Vec};
use thumbgan_app::{App, Clock, RegionState};
use thumbgan_core::{GenerateError, Generator, GrayImage, model::MAX_LATENT};

use crate::{
    ErrorResponse, FrameError, MAX_REQUEST_LEN, MAX_RESPONSE_LEN, Message, Mode, ModelInfo,
    Receiver, RegionStatus, Request, Response, frame,
    upload::{Command, ModelStore, Upload},
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
/// Ticks after which an upload without further requests ends.
const UPLOAD_TIMEOUT: u64 = 10 * HERTZ as u64;
/// Maximum length of the error of a model region in bytes.
const MAX_ERROR_LEN: usize = 160;

/// Buffer with space for one value more than the longest latent.
type Latent = Vec<i8, { MAX_LATENT + 1 }>;

/// Board side of the serial connection.
#[derive(Debug)]
pub struct Server {
    /// Name of the board in the board table.
    board: &'static str,
    clock: Clock,
    receiver: Receiver<MAX_REQUEST_LEN>,
    response: [u8; MAX_RESPONSE_LEN],
    bench: Option<Bench>,
    region: Region,
    /// Request that waits for the flash, with its sequence number.
    command: Option<(u8, Command)>,
    /// Upload in progress, with the time of its last request.
    upload: Option<(Upload, u64)>,
}

/// Board's model region.
#[derive(Clone, Copy, Debug)]
struct Region {
    /// Length in bytes; 0 without one.
    capacity: usize,
    /// True if the board can write it.
    is_writable: bool,
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
            region: Region {
                capacity: 0,
                is_writable: false,
            },
            command: None,
            upload: None,
        }
    }

    /// Sets the length of the board's model region, and whether the board can write it.
    #[must_use]
    pub const fn with_region(mut self, capacity: usize, is_writable: bool) -> Self {
        self.region = Region {
            capacity,
            is_writable,
        };
        self
    }

    /// Processes a received byte. If it completes a request, executes it and returns the response's frame, to be sent before
    /// anything else. A benchmark is only started; [`Server::work`] executes it, and any other request cancels it. Requests of
    /// an upload wait for [`Server::write_flash`]. Noise is ignored; a valid frame with an unknown request gets an error
    /// response.
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
            Ok(Message {
                sequence,
                body: Request::Region,
            }) => return self.describe_region(sequence, app),
            Ok(Message { sequence, body }) => match Command::new(&body, app.scratch_len()) {
                Some(command) => return self.accept(sequence, command, app),
                None => (sequence, execute(body, self.board, app)),
            },
            Err(FrameError::Unknown { sequence }) => (sequence, Err(ErrorResponse::UnknownRequest)),
            Err(FrameError::Version { .. }) => (0, Err(ErrorResponse::UnknownRequest)),
            Err(FrameError::Noise | FrameError::TooLong) => return None,
        };
        self.bench = None;
        self.encode(sequence, response.unwrap_or_else(Response::Error))
    }

    /// Returns the response with the description of the model region.
    fn describe_region(&mut self, sequence: u8, app: &App<'_>) -> Option<&[u8]> {
        self.bench = None;
        let mut error = String::<MAX_ERROR_LEN>::new();
        let status = match app.region() {
            _ if self.upload.is_some() => RegionStatus::Uploading,
            RegionState::Empty => RegionStatus::Empty,
            RegionState::Used => RegionStatus::Used,
            RegionState::Invalid(reason) => {
                // Text beyond the capacity is cut.
                let _ = write!(error, "{reason}");
                RegionStatus::Invalid
            }
        };
        let Region {
            capacity,
            is_writable,
        } = self.region;
        let response = Response::Region {
            capacity: capacity as u32,
            is_writable,
            scratch_len: app.scratch_len() as u32,
            status,
            error: &error,
        };
        self.encode(sequence, response)
    }

    /// Keeps a command of an upload for [`Server::write_flash`], or returns the response to one that does not need the flash.
    fn accept(&mut self, sequence: u8, command: Command, app: &App<'_>) -> Option<&[u8]> {
        self.bench = None;
        let response = match &command {
            _ if !self.region.is_writable => Response::Error(ErrorResponse::ReadOnly),
            Command::Begin { file_len } if *file_len > self.region.capacity => {
                Response::Error(ErrorResponse::TooLarge {
                    capacity: self.region.capacity as u32,
                })
            }
            Command::Begin { .. } => {
                self.command = Some((sequence, command));
                return None;
            }
            _ if self.upload.is_some() => {
                self.command = Some((sequence, command));
                return None;
            }
            // The response to the first commit was lost.
            Command::Commit { crc32, .. }
                if app.region() == RegionState::Used
                    && app.model().is_some_and(|model| model.crc32() == *crc32) =>
            {
                Response::Done
            }
            _ => Response::Error(ErrorResponse::NoUpload),
        };
        self.encode(sequence, response)
    }

    /// Returns true while an upload is in progress or to be started. The board then replaces the app by one that does not
    /// borrow from the model region and calls [`Server::write_flash`] after each call of [`Server::receive`].
    pub const fn is_uploading(&self) -> bool {
        self.upload.is_some() || self.command.is_some()
    }

    /// Executes a request of an upload and returns the response's frame; `None` without such a request. An upload ends after
    /// its last request, after an error and after 10 seconds without a request.
    pub fn write_flash(&mut self, store: &mut impl ModelStore) -> Option<&[u8]> {
        let now = (self.clock)();
        let Some((sequence, command)) = self.command.take() else {
            let is_active =
                |(_, since): &(Upload, u64)| now.saturating_sub(*since) < UPLOAD_TIMEOUT;
            self.upload = self.upload.take().filter(is_active);
            return None;
        };
        let upload = self.upload.take().map(|(upload, _)| upload);
        let response = match command.execute(upload, store) {
            Ok(upload) => {
                // Erasing takes time.
                let now = (self.clock)();
                self.upload = upload.map(|upload| (upload, now));
                Response::Done
            }
            Err(error) => Response::Error(error),
        };
        self.encode(sequence, response)
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
        // Handled before, because they need the server.
        Request::Region
        | Request::BeginUpload { .. }
        | Request::WriteBlock { .. }
        | Request::CommitUpload { .. } => Err(ErrorResponse::UnknownRequest),
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
