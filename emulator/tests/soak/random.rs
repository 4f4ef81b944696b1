//! Random presses, requests, noise, damaged and half frames, and resets, in emulated time of which idle time is skipped.

use std::{env, time::Duration};

use anyhow::{Context, Result, ensure};
use thumbgan_boards::EMULATED;
use thumbgan_core::latent::SplitMix64;
use thumbgan_emulator::{
    board::{EmulatedBoard, Speed},
    firmware, models,
    noise::NOISE,
};
use thumbgan_protocol::{Mode, Request};

use crate::{
    connection::{Connection, encode},
    counters::Counters,
    session::{SILENCE, Session},
};

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

impl Session<'_> {
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
}
