//! The Raspberry Pi Pico, or another board with an RP2040, in rp2040js: its display, buttons, USB serial port, log and flash.
//!
//! Time is emulated: it passes only in [`Pico::run`] and its siblings, so that every run is repeatable.

mod buttons;
mod firmware;
mod log;
#[cfg(unix)]
mod port;
mod runner;
mod walk_through;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use embedded_graphics::{
    pixelcolor::{Rgb565, raw::RawU16},
    prelude::*,
};
use image::{RgbImage, imageops};
use serde_json::json;
use thumbgan_app::{App, ViewState};
use thumbgan_boards::{Board, find};

#[cfg(unix)]
pub use self::port::SerialPort;
pub use self::{
    buttons::{Button, ButtonPress},
    firmware::PicoFirmware,
    walk_through::walk_through,
};
use self::{
    log::Log,
    runner::{Runner, Status},
};
use crate::{
    firmware::symbol,
    process,
    render::{render_rgb, rgb_image},
};

/// The emulator's reason for stopping when the power fails.
const NO_POWER: &str = "no power";

/// Returns the folder of the JavaScript program that runs rp2040js.
pub fn runner_folder() -> PathBuf {
    process::root().join("emulator").join("rp2040js")
}

/// Width and height of the emulated panels in pixels.
const PANEL: Size = Size::new_equal(240);

/// Returns the Pico.
///
/// # Panics
/// If the board table has no Pico.
pub fn board() -> &'static Board {
    find("pico").expect("the board table has the Pico")
}

/// Returns the emulated board with a round display.
///
/// # Panics
/// If the board table has no such board.
pub fn round_board() -> &'static Board {
    find("rp2040-round").expect("the board table has the round display")
}

/// Renders on the host what the display of a board must show of `app`: its drawing in the middle, black around it.
///
/// # Errors
/// If the app draws outside of the display.
pub fn expected(board: &Board, app: &mut App<'_>) -> Result<RgbImage> {
    let size = Size::new(board.display.width, board.display.height);
    let drawing = render_rgb::<Rgb565>(app, size)?;
    let mut panel = RgbImage::new(PANEL.width, PANEL.height);
    let corner = (PANEL - size) / 2;
    imageops::replace(
        &mut panel,
        &drawing,
        corner.width.into(),
        corner.height.into(),
    );
    Ok(panel)
}

/// Counters since the board was powered on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// Emulated time.
    pub time: Duration,
    /// Executed instructions.
    pub instructions: u64,
    /// Time in which the core waited for an interrupt.
    pub asleep: Duration,
    /// Number of the display's memory writes, each of which fills one rectangle.
    pub writes: u64,
    /// Number of bytes that the display received.
    pub display_bytes: u64,
    /// Number of frames in the log.
    pub frames: u64,
    /// Number of resets by the watchdog.
    pub resets: u64,
    /// Number of these resets that the log reports.
    pub reported_resets: u64,
}

impl Counters {
    /// Returns the differences to earlier counters of the same board.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            time: self.time.saturating_sub(earlier.time),
            instructions: self.instructions - earlier.instructions,
            asleep: self.asleep.saturating_sub(earlier.asleep),
            writes: self.writes - earlier.writes,
            display_bytes: self.display_bytes - earlier.display_bytes,
            frames: self.frames - earlier.frames,
            resets: self.resets - earlier.resets,
            reported_resets: self.reported_resets - earlier.reported_resets,
        }
    }
}

/// USB host of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usb {
    /// No host: the connector is empty, or only supplies power.
    Detached,
    /// Host that enumerates the board, but does not take what it sends.
    Silent,
    /// Host with an open serial port.
    Open,
}

/// An emulated board, which ends when this value is dropped.
#[derive(Debug)]
pub struct Pico {
    /// Display: "square" or "round".
    display: &'static str,
    runner: Runner,
    log: Log,
    /// Lowest and highest address of the stack.
    stack: [u64; 2],
    counters: Counters,
    /// State in the last frame line of the log.
    view: Option<ViewState>,
    received: Vec<u8>,
    is_configured: bool,
    /// Bytes that the display had received at the last line of the log.
    logged_bytes: u64,
}

impl Pico {
    /// Writes a firmware to the flash of a new board, which stays off.
    ///
    /// # Errors
    /// If Node does not run, or rp2040js is not installed.
    pub fn new(firmware: &PicoFirmware) -> Result<Self> {
        let is_round = firmware.board.name == round_board().name;
        let mut pico = Self {
            display: if is_round { "round" } else { "square" },
            runner: Runner::start()?,
            log: Log::new(firmware)?,
            stack: [
                symbol::address(&firmware.elf, "_stack_end")?,
                symbol::address(&firmware.elf, "_stack_start")?,
            ],
            counters: Counters::default(),
            view: None,
            received: Vec::new(),
            is_configured: false,
            logged_bytes: 0,
        };
        for (offset, bytes) in firmware.blocks()? {
            pico.write_flash(offset, bytes)?;
        }
        Ok(pico)
    }

    /// Powers a new board with a firmware on.
    ///
    /// # Errors
    /// If Node does not run, or rp2040js is not installed.
    pub fn boot(firmware: &PicoFirmware, usb: Usb) -> Result<Self> {
        let mut pico = Self::new(firmware)?;
        pico.power_on(usb)?;
        Ok(pico)
    }

    /// Powers the board on, after a power failure as well; the flash keeps its contents.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn power_on(&mut self, usb: Usb) -> Result<()> {
        let (rtt, usb_host) = (self.log.address(), usb != Usb::Detached);
        let argument = json!({ "rtt": rtt, "usb": usb_host, "display": self.display });
        self.log.restart();
        (self.view, self.counters) = (None, Counters::default());
        self.received.clear();
        let status = self.runner.command("power_on", &argument)?;
        self.update(&status)?;
        self.set_usb(usb)
    }

    /// Runs for a time.
    ///
    /// # Errors
    /// If the program stops at a breakpoint, such as a panic.
    pub fn run(&mut self, time: Duration) -> Result<()> {
        let end = self.counters.time + time;
        while self.counters.time < end {
            self.run_at_most(end.saturating_sub(self.counters.time), false)?;
        }
        Ok(())
    }

    /// Lets the program hang: it waits for events in a loop for ever, while its interrupts are served.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn hang(&mut self) -> Result<()> {
        self.runner.command("hang", &json!(null))
    }

    /// Runs until the board has logged a frame, but at most for this time; returns the frame's state.
    ///
    /// # Errors
    /// As for [`Self::run`].
    pub fn run_to_frame(&mut self, time: Duration) -> Result<Option<ViewState>> {
        let (frames, end) = (self.counters.frames, self.counters.time + time);
        while self.counters.frames == frames && self.counters.time < end {
            self.run_at_most(end.saturating_sub(self.counters.time), true)?;
        }
        Ok(self.view.filter(|_| self.counters.frames > frames))
    }

    /// Runs until a frame that was being drawn is complete, and returns the state that the display shows.
    ///
    /// # Errors
    /// As for [`Self::run`], or if no frame was drawn yet.
    pub fn settle(&mut self) -> Result<ViewState> {
        const LONGEST_FRAME: Duration = Duration::from_secs(1);
        if self.counters.display_bytes != self.logged_bytes {
            self.run_to_frame(LONGEST_FRAME)?;
        }
        self.view.context("the board has drawn no frame")
    }

    /// Runs for a time, then cuts the power, also in the middle of erasing or programming the flash. `seed` selects the
    /// bits that such an interrupted operation has changed. Continue with [`Self::power_on`].
    ///
    /// # Errors
    /// If the program stops at a breakpoint before.
    pub fn fail_power(&mut self, after: Duration, seed: u32) -> Result<()> {
        let argument = json!({ "nanos": nanos(after), "seed": seed });
        let mut status: Status = self.runner.command("fail", &argument)?;
        status.stopped.take_if(|reason| reason == NO_POWER);
        self.update(&status)
    }

    /// Connects the board to a USB host, or pulls it out.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn set_usb(&mut self, usb: Usb) -> Result<()> {
        self.is_configured &= usb != Usb::Detached;
        let argument = json!({ "attached": usb != Usb::Detached, "reading": usb == Usb::Open });
        self.runner.command("usb", &argument)
    }

    /// Returns true if the USB host has configured the board.
    pub fn is_configured(&self) -> bool {
        self.is_configured
    }

    /// Sends bytes to the USB serial port; the board receives them when it runs.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.runner.command("send", &json!(runner::hex(bytes)))
    }

    /// Takes the bytes that the USB serial port has sent.
    pub fn take_received(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.received)
    }

    /// Presses a button or releases it.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn set_button(&mut self, button: Button, pressed: bool) -> Result<()> {
        let argument = json!({ "button": button.name(), "pressed": pressed });
        self.runner.command("press", &argument)
    }

    /// Presses a button and releases it, and runs until the firmware has seen the release.
    ///
    /// # Errors
    /// As for [`Self::run`].
    pub fn press(&mut self, press: ButtonPress) -> Result<()> {
        const RELEASED: Duration = Duration::from_millis(100);
        self.set_button(press.button, true)?;
        self.run(press.hold_time())?;
        self.set_button(press.button, false)?;
        // The firmware reads its buttons between frames.
        self.run(RELEASED)?;
        self.settle()?;
        self.run(RELEASED)
    }

    /// Returns what the display shows.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn screen(&mut self) -> Result<RgbImage> {
        let bytes: String = self.runner.command("pixels", &json!(null))?;
        let bytes = runner::bytes(&bytes)?;
        let (pixels, size) = (bytes.as_chunks().0, PANEL);
        ensure!(
            pixels.len() == (size.width * size.height) as usize,
            "the emulated display has {} pixels",
            pixels.len()
        );
        let color = |pixel: &[u8; 2]| Rgb565::from(RawU16::new(u16::from_le_bytes(*pixel)));
        Ok(rgb_image(
            &pixels.iter().map(color).collect::<Vec<_>>(),
            size,
        ))
    }

    /// Returns the largest stack since power-on in bytes, that of interrupts included.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn largest_stack(&mut self) -> Result<u64> {
        let [end, start] = self.stack;
        let argument = json!({ "end": end, "start": start });
        self.runner.command("used_stack", &argument)
    }

    /// Returns the counters.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Writes the flash: that of a board that is off as its boot loader does, or that of a running one, whose program does not
    /// know. `offset` counts from the start of the flash.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn write_flash(&mut self, offset: u32, bytes: &[u8]) -> Result<()> {
        let argument = json!({ "offset": offset, "bytes": runner::hex(bytes) });
        self.runner.command("write_flash", &argument)
    }

    /// Returns the contents of the flash.
    ///
    /// # Errors
    /// If the emulator fails.
    pub fn read_flash(&mut self, offset: u32, length: usize) -> Result<Vec<u8>> {
        let argument = json!({ "offset": offset, "length": length });
        runner::bytes(&self.runner.command::<String>("read_flash", &argument)?)
    }

    /// Runs for a time, at most until the watchdog resets the chip.
    fn run_at_most(&mut self, time: Duration, until_log: bool) -> Result<()> {
        let argument = json!({ "nanos": nanos(time), "until_log": until_log });
        let status = self.runner.command("run", &argument)?;
        self.update(&status)
    }

    fn update(&mut self, status: &Status) -> Result<()> {
        if let Some(reason) = &status.stopped {
            bail!("the emulated Pico has stopped: {reason}");
        }
        self.is_configured = status.configured;
        self.received.extend(runner::bytes(&status.serial)?);
        let lines = self.log.read(&runner::bytes(&status.log)?)?;
        if status.resets > self.counters.resets {
            self.log.restart();
        }
        let frames = self.counters.frames + lines.views.len() as u64;
        self.counters = Counters {
            time: Duration::from_nanos(status.nanos as u64),
            instructions: status.instructions,
            asleep: Duration::from_nanos(status.asleep as u64),
            writes: status.writes,
            display_bytes: status.bytes,
            frames,
            resets: status.resets,
            reported_resets: self.counters.reported_resets + lines.resets,
        };
        self.logged_bytes = status.logged_bytes;
        self.view = lines.views.into_iter().next_back().or(self.view);
        Ok(())
    }
}

/// Returns a time in nanoseconds, the emulator's unit.
fn nanos(time: Duration) -> u64 {
    time.as_nanos().try_into().unwrap_or(u64::MAX)
}
