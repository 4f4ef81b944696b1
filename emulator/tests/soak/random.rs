//! Random presses, requests, noise, damaged and half frames, and resets, in emulated time of which idle time is skipped.

use std::{collections::BTreeMap, env, fmt, time::Duration};

use anyhow::{Context, Result, ensure};
use thumbgan_app::ViewState;
use thumbgan_boards::EMULATED;
use thumbgan_core::{Generator, latent::SplitMix64};
use thumbgan_emulator::{
    board::{EmulatedBoard, Frame, Speed},
    firmware, models,
    noise::NOISE,
};
use thumbgan_protocol::{Mode, Request, Response};

use crate::connection::{Connection, Part, decode, encode};

/// Variable with the emulated minutes to run, and their number without it.
const VARIABLE: &str = "THUMBGAN_SOAK_MINUTES";
const MINUTES: u64 = 10;
/// Emulated milliseconds between two reports.
const HOUR: u64 = 60 * 60_000;
/// Seed of the events.
const SEED: u64 = 18;
/// Mean number of images of the gallery between two events.
const INTERVAL: u64 = 20;
/// Largest number of presses of a visit to another mode.
const PRESSES: u64 = 4;
/// Most times that a request is sent: noise before it can fill the board's queue.
const ATTEMPTS: u32 = 10;
/// Wait for a response to each of them, and for the line after a press or a reset.
const RESPONSE: Duration = Duration::from_secs(2);
/// Frames and emulated milliseconds after which a request without a response is sent again.
const PATIENCE: u64 = 50;
const PATIENCE_MILLIS: u64 = 10_000;
/// Longest time without output of the gallery.
const SILENCE: Duration = Duration::from_secs(10);
/// Wait for the frame after a press; many presses change nothing.
const REACTION: Duration = Duration::from_millis(20);
/// Most bytes of a burst of noise.
const BURST: u64 = 4096;
/// Host's time of a rest.
const REST: Duration = Duration::from_millis(500);
const KEYS: [&str; 7] = [
    "up",
    "down",
    "left",
    "right",
    "ctrl",
    "ctrl-long",
    "up-long",
];

#[test]
fn random_presses_requests_noise_and_resets() -> Result<()> {
    let minutes = env::var(VARIABLE).map_or(Ok(MINUTES), |text| text.parse())?;
    let models = models::committed()?;
    let model = models.iter().min_by_key(|model| model.bytes.len());
    let model = model.context("models/ is empty")?;
    let elf = firmware::board_copy(&EMULATED, model)?;
    let (board, stream) = EmulatedBoard::boot_with_connection(&elf, Speed::FastForward)?;
    let mut scratch = models::scratch();
    let mut session = Session {
        board,
        connection: Connection::new(stream)?,
        generator: models::generator(&model.bytes, &mut scratch)?,
        random: SplitMix64::new(SEED),
        sequence: 0,
        damaged: None,
        view: None,
        at: 0,
        before: 0,
        counters: Counters::default(),
    };
    session.wait_for_greeting()?;
    let end = minutes * 60_000;
    let mut report = HOUR;
    while session.before + session.at < end {
        session.wait_in_gallery()?;
        if session.before + session.at > report {
            println!("{} minutes: {}", report / 60_000, session.counters);
            report += HOUR;
        }
        if session.random(INTERVAL) == 0 {
            session.event()?;
        }
    }
    println!(
        "{minutes} minutes of {}: {}",
        model.name(),
        session.counters
    );
    let Counters {
        requests,
        responses,
        resets,
        greetings,
        stack,
        ..
    } = session.counters;
    ensure!(
        responses == requests,
        "{responses} responses to {requests} requests"
    );
    ensure!(
        greetings == resets + 1,
        "the board started {greetings} times after {resets} resets"
    );
    ensure!(EMULATED.stack_fits(stack), "{stack} bytes of stack");
    Ok(())
}

/// Counters of a session.
#[derive(Clone, Debug, Default)]
struct Counters {
    frames: u64,
    presses: u64,
    requests: u64,
    responses: u64,
    /// Responses that state an error, as those requests deserve.
    errors: u64,
    /// Requests that were sent again.
    repeated: u64,
    /// Images that were compared with the host's.
    images: u64,
    /// Damaged or half frames, which must get no response.
    rejected: u64,
    noise_bytes: u64,
    resets: u64,
    /// Starts of the board.
    greetings: u64,
    /// Milliseconds of still images.
    rest: u64,
    /// Largest stack in bytes.
    stack: u64,
    /// Frames by their modes.
    modes: BTreeMap<String, u64>,
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            frames,
            presses,
            requests,
            responses,
            errors,
            repeated,
            images,
            rejected,
            noise_bytes,
            resets,
            rest,
            stack,
            modes,
            ..
        } = self;
        let rest = rest / 60_000;
        write!(
            f,
            "{frames} frames {modes:?}, {rest} minutes of still images, {presses} presses, {requests} requests, {responses} responses ({errors} of them \
             errors, {images} images equal to the host's), {repeated} requests sent again, {rejected} damaged or half frames \
             rejected, {noise_bytes} bytes of noise, {resets} resets within an exchange, {stack} bytes of stack"
        )
    }
}

/// A board, what is known about it, and the host's generator.
struct Session<'a> {
    board: EmulatedBoard,
    connection: Connection,
    generator: Generator<'a>,
    random: SplitMix64,
    sequence: u8,
    /// Sequence number of a damaged or half frame, which gets no response.
    damaged: Option<u8>,
    /// State in the last frame line since the start.
    view: Option<ViewState>,
    /// Milliseconds since the last start, and before it.
    at: u64,
    before: u64,
    counters: Counters,
}

impl Session<'_> {
    /// Returns a random number less than `end`.
    fn random(&mut self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    /// Processes the board's next part and returns it; `None` if nothing comes within `timeout`.
    fn next(&mut self, timeout: Duration) -> Result<Option<Part>> {
        let part = self.connection.next(timeout)?;
        if let (Some(Part::Frame(bytes)), Some(sequence)) = (&part, self.damaged) {
            let is_response = decode(&mut bytes.clone(), sequence).is_some();
            ensure!(!is_response, "a damaged frame gets a response");
        }
        let Some(Part::Line(line)) = &part else {
            return Ok(part);
        };
        ensure!(!line.contains("panicked"), "the board panics: {line}");
        if line.contains("thumbgan ") {
            self.counters.greetings += 1;
        } else if line.starts_with(Frame::START) {
            let frame = Frame::parse(line)?;
            ensure!(frame.at >= self.at, "the clock goes back: {line}");
            self.at = frame.at;
            self.view = Some(frame.view);
            let counters = &mut self.counters;
            counters.frames += 1;
            counters.stack = counters.stack.max(frame.stack);
            *counters
                .modes
                .entry(frame.view.mode().to_string())
                .or_default() += 1;
        }
        Ok(part)
    }

    /// Waits until the board has started.
    fn wait_for_greeting(&mut self) -> Result<()> {
        let greetings = self.counters.greetings;
        while self.counters.greetings == greetings {
            ensure!(self.next(SILENCE)?.is_some(), "the board does not start");
        }
        Ok(())
    }

    /// Waits for an image of the running gallery; goes to that mode if necessary.
    fn wait_in_gallery(&mut self) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let frames = self.counters.frames;
            let is_running = matches!(
                self.view,
                None | Some(ViewState::Gallery { held: false, .. })
            );
            if !is_running {
                // The frames that the channel holds may be older than the last press.
                while self.next(REACTION)?.is_some() && self.counters.frames < frames + 100 {}
            }
            match self.view {
                None | Some(ViewState::Gallery { held: false, .. }) => {}
                Some(ViewState::Gallery { .. }) => self.press("ctrl")?,
                Some(_) => self.request(Request::SetMode(Mode::Gallery))?,
            }
            let frames = self.counters.frames;
            while self.counters.frames == frames {
                if self
                    .next(if is_running { SILENCE } else { RESPONSE })?
                    .is_none()
                {
                    break;
                }
            }
            if matches!(self.view, Some(ViewState::Gallery { held: false, .. }))
                && self.counters.frames > frames
            {
                return Ok(());
            }
        }
        ensure!(false, "the gallery does not run: {:?}", self.view);
        Ok(())
    }

    /// Presses a key and waits shortly for its effect.
    fn press(&mut self, key: &str) -> Result<()> {
        self.board.press(key.parse()?)?;
        self.counters.presses += 1;
        let frames = self.counters.frames;
        while self.counters.frames == frames && self.next(REACTION)?.is_some() {}
        Ok(())
    }

    /// Does something at random.
    fn event(&mut self) -> Result<()> {
        match self.random(12) {
            0 | 1 => self.visit_mode(),
            10 | 11 => self.rest(),
            2 => self.reset_within_exchange(),
            3 => self.send_noise(),
            4 => self.send_damaged(),
            5 => self.send_half(),
            6 => self.request_error(),
            _ => self.request_any(),
        }
    }

    /// Visits a mode by a request and presses keys in it.
    fn visit_mode(&mut self) -> Result<()> {
        let mode = Mode::ALL[self.random(5) as usize];
        self.request(Request::SetMode(mode))?;
        for _ in 0..=self.random(PRESSES) {
            let key = KEYS[self.random(7) as usize];
            self.press(key)?;
        }
        Ok(())
    }

    /// Shows a still image for a while, in which emulated time passes hundreds of times faster.
    fn rest(&mut self) -> Result<()> {
        let mode = [Mode::About, Mode::Digit][self.random(2) as usize];
        self.request(Request::SetMode(mode))?;
        let (before, frames) = (self.at, self.counters.frames);
        // A press that has not ended can lead to another mode.
        while self.next(REST)?.is_some() && self.counters.frames < frames + INTERVAL {}
        self.wait_in_gallery()?;
        self.counters.rest += self.at - before;
        Ok(())
    }

    /// Resets the board after a request, then repeats the request.
    fn reset_within_exchange(&mut self) -> Result<()> {
        let request = Request::Generate {
            class: Some(1),
            seed: 5,
        };
        let frame = encode(self.sequence.wrapping_add(1), request)?;
        let sent = self.random(frame.len() as u64 + 1) as usize;
        self.connection.send(&frame[..sent])?;
        self.board.reset()?;
        self.counters.resets += 1;
        self.before += self.at;
        (self.at, self.view) = (0, None);
        // Lines from before the reset come first, and have later times.
        let greetings = self.counters.greetings;
        while self.counters.greetings == greetings {
            ensure!(
                self.next(SILENCE)?.is_some(),
                "the board does not start after a reset"
            );
            (self.at, self.view) = (0, None);
        }
        self.request(request)
    }

    /// Sends noise: random bytes, or one of the known cases.
    fn send_noise(&mut self) -> Result<()> {
        let noise = if self.random(2) == 0 {
            NOISE[self.random(NOISE.len() as u64) as usize].to_vec()
        } else {
            let count = self.random(BURST);
            (0..count).map(|_| self.random.next_u64() as u8).collect()
        };
        self.counters.noise_bytes += noise.len() as u64;
        self.connection.send(&noise)?;
        self.request(Request::Hello)
    }

    /// Sends a request with a byte that differs.
    fn send_damaged(&mut self) -> Result<()> {
        let mut frame = self.any_frame()?;
        let at = 1 + self.random(frame.len() as u64 - 2) as usize;
        frame[at] ^= 1 << self.random(8);
        self.counters.rejected += 1;
        self.connection.send(&frame)?;
        self.request(Request::Hello)
    }

    /// Sends the first part of a request.
    fn send_half(&mut self) -> Result<()> {
        let frame = self.any_frame()?;
        // Without its last two bytes at least: the zero before the next frame would complete it.
        let end = 1 + self.random(frame.len() as u64 - 2) as usize;
        self.counters.rejected += 1;
        self.connection.send(&frame[..end])?;
        self.request(Request::Hello)
    }

    /// Returns the frame of a request that the board would execute, with a sequence number that is not used next.
    fn any_frame(&mut self) -> Result<Vec<u8>> {
        let (sequence, seed) = (self.sequence.wrapping_add(100), self.random.next_u64());
        self.damaged = Some(sequence);
        encode(
            sequence,
            Request::Generate {
                class: Some(1),
                seed,
            },
        )
    }

    /// Sends a request that the board cannot execute.
    fn request_error(&mut self) -> Result<()> {
        self.counters.errors += 1;
        match self.random(3) {
            0 => self.request(Request::Generate {
                class: Some(200),
                seed: 1,
            }),
            1 => self.request(Request::BeginUpload { file_len: 1000 }),
            _ => self.request(Request::GenerateFromLatent {
                class: Some(1),
                latent: &[1; 200],
            }),
        }
    }

    /// Sends a request that the board executes.
    fn request_any(&mut self) -> Result<()> {
        let (class, seed) = (self.random(10) as u8, self.random.next_u64());
        match self.random(6) {
            0 => self.request(Request::Hello),
            1 => self.request(Request::Region),
            2 => self.request(Request::Bench { count: 3 }),
            _ => self.request(Request::Generate {
                class: Some(class),
                seed,
            }),
        }
    }

    /// Sends a request until its response comes, and checks the response.
    fn request(&mut self, request: Request<'_>) -> Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        self.damaged.take_if(|damaged| *damaged == self.sequence);
        let frame = encode(self.sequence, request)?;
        self.counters.requests += 1;
        for attempt in 0..ATTEMPTS {
            self.counters.repeated += u64::from(attempt > 0);
            self.connection.send(&frame)?;
            let (frames, at) = (self.counters.frames, self.at);
            // The log goes on while the board does not respond.
            while self.counters.frames < frames + PATIENCE || self.at < at + PATIENCE_MILLIS {
                let Some(part) = self.next(RESPONSE)? else {
                    break;
                };
                let Part::Frame(mut bytes) = part else {
                    continue;
                };
                if let Some(response) = decode(&mut bytes, self.sequence) {
                    self.counters.responses += 1;
                    self.counters.images +=
                        u64::from(check(&mut self.generator, request, &response)?);
                    return Ok(());
                }
            }
        }
        ensure!(false, "no response to {request:?}; {}", self.counters);
        Ok(())
    }
}

/// Checks a response; returns true if it is an image, which is that of the host's generator.
fn check(
    generator: &mut Generator<'_>,
    request: Request<'_>,
    response: &Response<'_>,
) -> Result<bool> {
    let is_right = match (request, response) {
        (Request::Hello, Response::Hello { board, .. }) => *board == EMULATED.name,
        (Request::Generate { class, seed }, Response::Image { pixels, .. }) => {
            ensure!(
                generator.generate(class, seed)?.pixels()[..] == **pixels,
                "the image of {request:?} differs"
            );
            return Ok(true);
        }
        (Request::Bench { count }, Response::Bench { count: done, .. }) => count == *done,
        (Request::Generate { class, .. }, Response::Error(_)) => class == Some(200),
        (Request::SetMode(_), Response::Done)
        | (Request::Region, Response::Region { .. })
        | (Request::BeginUpload { .. } | Request::GenerateFromLatent { .. }, Response::Error(_)) => {
            true
        }
        _ => false,
    };
    ensure!(is_right, "{request:?} got {response:?}");
    Ok(false)
}
