//! The emulated board: its UART, its keys and its display, over QEMU's QMP protocol.

use std::{
    collections::VecDeque,
    env,
    fmt::{self, Display},
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
    str::FromStr,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use image::RgbImage;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    boards::{EMULATED, QEMU_ARM, Runner},
    frame::Frame,
    shell::Running,
};

/// The longest that a line or an answer may take; on an idle host none but the next minute's of a clock needs
/// more than seconds.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often the UART's file is read.
const POLL: Duration = Duration::from_millis(5);
/// How long the board runs between two looks for the end of a frame: a part of what a frame takes.
const GLIMPSE: Duration = Duration::from_micros(500);
/// Lines that an error quotes.
const SHOWN: usize = 10;
/// What the board says before it gives a frame to its display.
const DRAWING: &str = "draw";

/// A key of the emulated board, by the name that QEMU has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// One of the arrows: MODE, as they all are.
    Up,
    /// MODE.
    Down,
    /// MODE.
    Left,
    /// MODE.
    Right,
    /// Select: ACT.
    Ctrl,
}

impl Key {
    /// Every key.
    const ALL: [Self; 5] = [Self::Up, Self::Down, Self::Left, Self::Right, Self::Ctrl];

    const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
            Self::Ctrl => "ctrl",
        }
    }
}

/// A press of a key; as text `ctrl`, or `ctrl-long`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// Which key.
    pub key: Key,
    /// Whether it stays down until the device takes that for a long press.
    pub long: bool,
}

impl Press {
    /// How long the key is down: by far more than a long press' 0.6 s, as a busy host loses ticks of the board's
    /// timer in its pauses.
    pub const fn hold(self) -> Duration {
        Duration::from_millis(if self.long { 2500 } else { 200 })
    }
}

impl Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key.name())?;
        f.write_str(if self.long { "-long" } else { "" })
    }
}

impl FromStr for Press {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.strip_suffix("-long");
        let key = Key::ALL
            .into_iter()
            .find(|key| key.name() == name.unwrap_or(text));
        let key =
            key.context("a key is up, down, left, right or ctrl, or one of them and -long")?;
        Ok(Self {
            key,
            long: name.is_some(),
        })
    }
}

/// How the board's time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As the host's, however fast that runs the firmware.
    Host,
    /// By its instructions, 16 ns for each, of which the real chip makes 20 ns or more; idle times are waited for.
    Chip,
    /// As [`Pace::Chip`], but slower for the host, which so sees more of the frames.
    SlowMotion,
    /// By its instructions; idle times are skipped.
    FastForward,
}

impl Pace {
    const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Host => &[],
            Self::Chip => &["-icount", "shift=4"],
            Self::SlowMotion => &["-icount", "shift=4", "-d", "nochain"],
            Self::FastForward => &["-icount", "shift=4,sleep=off"],
        }
    }
}

/// The kind of window that QEMU can open here, if any.
///
/// # Errors
/// When QEMU does not run.
pub fn window() -> Result<Option<&'static str>> {
    let session = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|s| !s.is_empty()));
    if !(session || cfg!(any(target_os = "macos", windows))) {
        return Ok(None);
    }
    let kinds = crate::shell::output(Command::new(QEMU_ARM).args(["-display", "help"]))?;
    Ok(["gtk", "sdl", "cocoa"]
        .into_iter()
        .find(|kind| kinds.lines().any(|line| line.trim() == *kind)))
}

/// A running emulated board; it ends with this value.
#[derive(Debug)]
pub struct Qemu {
    process: Running,
    answers: Receiver<Value>,
    folder: TempDir,
    uart: File,
    /// What the UART has said and [`Qemu::line`] has not yet given.
    unread: Vec<u8>,
    /// The line that [`Qemu::next_line`] gave last.
    last: String,
    /// Whether the UART's lines are also printed.
    echo: bool,
}

impl Qemu {
    /// Boots `elf`, in a window of this kind or headless, and prints the UART's lines if `echo`.
    ///
    /// # Errors
    /// When QEMU does not start or does not speak QMP.
    pub fn start(elf: &Path, pace: Pace, window: Option<&str>, echo: bool) -> Result<Self> {
        let Runner::Qemu(machine) = EMULATED.runner else {
            bail!("{} is not emulated", EMULATED.name)
        };
        let folder = tempfile::tempdir()?;
        let uart = folder.path().join("uart");
        fs::write(&uart, "")?;
        let mut command = Command::new(QEMU_ARM);
        command.args([
            "-M",
            machine,
            "-monitor",
            "none",
            "-qmp",
            "stdio",
            "-display",
            window.unwrap_or("none"),
        ]);
        command
            .args(pace.arguments())
            .arg("-serial")
            .arg(format!("file:{}", uart.display()))
            .arg("-kernel")
            .arg(elf);
        let mut process = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let output = process
            .0
            .stdout
            .take()
            .context("QEMU's output was not piped")?;
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines
                .filter_map(|line| serde_json::from_str(&line).ok())
                .try_for_each(|value| sender.send(value))
        });
        let uart = File::open(uart)?;
        let mut qemu = Self {
            process,
            answers,
            folder,
            uart,
            unread: Vec::new(),
            last: String::new(),
            echo,
        };
        qemu.command("qmp_capabilities", &json!({}))?;
        Ok(qemu)
    }

    /// Sends a QMP command and waits for its answer.
    fn command(&mut self, name: &str, arguments: &Value) -> Result<()> {
        let input = self
            .process
            .0
            .stdin
            .as_mut()
            .context("QEMU's input was not piped")?;
        writeln!(
            input,
            "{}",
            json!({ "execute": name, "arguments": arguments })
        )
        .context("QEMU has ended")?;
        loop {
            let answer = self
                .answers
                .recv_timeout(PATIENCE)
                .with_context(|| format!("QEMU does not answer {name}"))?;
            if let Some(error) = answer.get("error") {
                bail!("QEMU refuses {name}: {}", error["desc"]);
            }
            if answer.get("return").is_some() {
                return Ok(());
            }
        }
    }

    /// Waits for the next UART line that begins with `start`; lines before it are skipped.
    ///
    /// # Errors
    /// When none comes in time, or QEMU ends; the message has the last lines that came.
    pub fn line(&mut self, start: &str) -> Result<String> {
        self.line_that(start, |line| line.starts_with(start))
    }

    /// Waits for the next UART line that `wanted` accepts; `name` is what an error calls it.
    ///
    /// # Errors
    /// As [`Qemu::line`].
    pub fn line_that(&mut self, name: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut skipped = VecDeque::new();
        while self.is_running()? && Instant::now() < deadline {
            while let Some(line) = self.next_line()? {
                if wanted(&line) {
                    return Ok(line);
                }
                skipped.push_back(line);
                if skipped.len() > SHOWN {
                    skipped.pop_front();
                }
            }
            thread::sleep(POLL);
        }
        let seconds = PATIENCE.as_secs();
        bail!(
            "no line {name:?} from the board's UART within {seconds} s; at last it said: {skipped:?}"
        )
    }

    /// The next whole UART line, if there is one; printed if lines are echoed.
    ///
    /// # Errors
    /// When the UART's file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<String>> {
        self.uart.read_to_end(&mut self.unread)?;
        let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') else {
            return Ok(None);
        };
        let line: Vec<u8> = self.unread.drain(..=end).collect();
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if self.echo && line != DRAWING {
            println!("{line}");
        }
        self.last.clone_from(&line);
        Ok(Some(line))
    }

    /// Presses a key, and returns at once: QEMU releases it in time.
    ///
    /// # Errors
    /// When QEMU has ended.
    pub fn press(&mut self, press: Press) -> Result<()> {
        let keys = json!([{ "type": "qcode", "data": press.key.name() }]);
        self.command(
            "send-key",
            &json!({ "keys": keys, "hold-time": press.hold().as_millis() as u64 }),
        )
    }

    /// The frame that the display shows, and the display. The board stands still meanwhile.
    ///
    /// # Errors
    /// When QEMU has ended, or the board never comes between two frames.
    pub fn settled(&mut self) -> Result<(Frame, RgbImage)> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            self.command("stop", &json!({}))?;
            while self.next_line()?.is_some() {}
            let frame = Frame::parse(&self.last)
                .ok()
                .filter(|_| self.unread.is_empty());
            let screen = frame.map(|_| self.screen()).transpose()?;
            self.command("cont", &json!({}))?;
            if let Some(settled) = frame.zip(screen) {
                return Ok(settled);
            }
            thread::sleep(GLIMPSE);
        }
        bail!(
            "the board does not come to the end of a frame; its last line is {:?}",
            self.last
        )
    }

    /// What QEMU shows of the display, each of its pixels 4 x 4 large.
    ///
    /// # Errors
    /// When QEMU has ended.
    pub fn screen(&mut self) -> Result<RgbImage> {
        let file = self.folder.path().join("screen.ppm");
        self.command("screendump", &json!({ "filename": file }))?;
        Ok(image::open(&file)
            .context("QEMU saved no picture")?
            .into_rgb8())
    }

    /// Whether QEMU still runs: its window may have been closed.
    ///
    /// # Errors
    /// When that cannot be found out, or QEMU failed.
    pub fn is_running(&mut self) -> Result<bool> {
        let Some(status) = self.process.0.try_wait()? else {
            return Ok(true);
        };
        ensure!(status.success(), "QEMU ended with {status}");
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presses_are_read_as_they_are_written() {
        for key in Key::ALL {
            for long in [false, true] {
                let press = Press { key, long };
                assert_eq!(press.to_string().parse::<Press>().unwrap(), press);
            }
        }
        for wrong in ["", "long", "-long", "enter", "up-short"] {
            assert!(
                wrong
                    .parse::<Press>()
                    .unwrap_err()
                    .to_string()
                    .contains("ctrl"),
                "{wrong}"
            );
        }
    }
}
