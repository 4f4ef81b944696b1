//! Session with an emulated board: what its output says about it, presses, and requests whose responses are checked.

use std::time::Duration;

use anyhow::{Result, ensure};
use thumbgan_app::ViewState;
use thumbgan_boards::EMULATED;
use thumbgan_core::{Generator, latent::SplitMix64};
use thumbgan_emulator::board::{EmulatedBoard, Frame};
use thumbgan_protocol::{Mode, Request, Response};

use crate::{
    connection::{Connection, Part, decode, encode},
    counters::Counters,
};

/// Most times that a request is sent: noise before it can fill the board's queue.
const ATTEMPTS: u32 = 10;
/// Wait for a response to each of them, and for the line after a press or a reset.
const RESPONSE: Duration = Duration::from_secs(2);
/// Frames and emulated milliseconds after which a request without a response is sent again.
const PATIENCE: u64 = 50;
const PATIENCE_MILLIS: u64 = 10_000;
/// Longest time without output of the gallery.
pub const SILENCE: Duration = Duration::from_secs(10);
/// Wait for the frame after a press; many presses change nothing.
const REACTION: Duration = Duration::from_millis(20);

/// A board, what is known about it, and the host's generator.
pub struct Session<'a> {
    pub board: EmulatedBoard,
    pub connection: Connection,
    pub generator: Generator<'a>,
    pub random: SplitMix64,
    pub sequence: u8,
    /// Sequence number of a damaged or half frame, which gets no response.
    pub damaged: Option<u8>,
    /// State in the last frame line since the start.
    pub view: Option<ViewState>,
    /// Milliseconds since the last start, and before it.
    pub at: u64,
    pub before: u64,
    pub counters: Counters,
}

impl Session<'_> {
    /// Returns a random number less than `end`.
    pub fn random(&mut self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    /// Processes the board's next part and returns it; `None` if nothing comes within `timeout`.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<Part>> {
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
    pub fn wait_for_greeting(&mut self) -> Result<()> {
        let greetings = self.counters.greetings;
        while self.counters.greetings == greetings {
            ensure!(self.next(SILENCE)?.is_some(), "the board does not start");
        }
        Ok(())
    }

    /// Waits for an image of the running gallery; goes to that mode if necessary.
    pub fn wait_in_gallery(&mut self) -> Result<()> {
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
    pub fn press(&mut self, key: &str) -> Result<()> {
        self.board.press(key.parse()?)?;
        self.counters.presses += 1;
        let frames = self.counters.frames;
        while self.counters.frames == frames && self.next(REACTION)?.is_some() {}
        Ok(())
    }

    /// Sends a request until its response comes, and checks the response.
    pub fn request(&mut self, request: Request<'_>) -> Result<()> {
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
