//! The emulated board: its UART, its keys and its display, over QEMU's QMP protocol.

use std::{
    env,
    fmt::{self, Display},
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
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
    shell::Running,
};

/// The longest that a line or an answer may take; an idle host needs less than a second.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often the UART's file is read.
const POLL: Duration = Duration::from_millis(20);

/// A key of the emulated board, by the name that QEMU has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Key {
    /// The next seed.
    Up,
    /// The previous seed.
    Down,
    /// A step back on the latent walk.
    Left,
    /// A step on the latent walk.
    Right,
    /// Select: the next class, or a seed at random.
    Ctrl,
}

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
            Self::Ctrl => "ctrl",
        })
    }
}

/// The kind of window that QEMU can open here, if any.
///
/// # Errors
/// When QEMU does not run.
pub fn window() -> Result<Option<&'static str>> {
    let session =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|s| !s.is_empty()));
    if !(session || cfg!(any(target_os = "macos", windows))) {
        return Ok(None);
    }
    let kinds = crate::shell::output(Command::new(QEMU_ARM).args(["-display", "help"]))?;
    Ok(["gtk", "sdl", "cocoa"].into_iter().find(|kind| kinds.lines().any(|line| line.trim() == *kind)))
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
    /// Whether the UART's lines are also printed.
    echo: bool,
}

impl Qemu {
    /// Boots `elf`, in a window of this kind or headless, and prints the UART's lines if `echo`.
    ///
    /// # Errors
    /// When QEMU does not start or does not speak QMP.
    pub fn start(elf: &Path, window: Option<&str>, echo: bool) -> Result<Self> {
        let Runner::Qemu(machine) = EMULATED.runner else { bail!("{} is not emulated", EMULATED.name) };
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
        command.arg("-serial").arg(format!("file:{}", uart.display())).arg("-kernel").arg(elf);
        let mut process = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let output = process.0.stdout.take().context("QEMU's output was not piped")?;
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.filter_map(|line| serde_json::from_str(&line).ok()).try_for_each(|value| sender.send(value))
        });
        let uart = File::open(uart)?;
        let mut qemu = Self { process, answers, folder, uart, unread: Vec::new(), echo };
        qemu.command("qmp_capabilities", &json!({}))?;
        Ok(qemu)
    }

    /// Sends a QMP command and waits for its answer.
    fn command(&mut self, name: &str, arguments: &Value) -> Result<()> {
        let input = self.process.0.stdin.as_mut().context("QEMU's input was not piped")?;
        writeln!(input, "{}", json!({ "execute": name, "arguments": arguments }))
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
    /// When none comes in time, or QEMU ends; the message has the lines that came.
    pub fn line(&mut self, start: &str) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut skipped = Vec::new();
        while self.is_running()? && Instant::now() < deadline {
            while let Some(line) = self.next_line()? {
                if line.starts_with(start) {
                    return Ok(line);
                }
                skipped.push(line);
            }
            thread::sleep(POLL);
        }
        let seconds = PATIENCE.as_secs();
        bail!("no line {start:?} from the board's UART within {seconds} s; it said: {skipped:?}")
    }

    /// The next whole UART line, if there is one; printed if lines are echoed.
    ///
    /// # Errors
    /// When the UART's file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<String>> {
        self.uart.read_to_end(&mut self.unread)?;
        let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') else { return Ok(None) };
        let line: Vec<u8> = self.unread.drain(..=end).collect();
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if self.echo {
            println!("{line}");
        }
        Ok(Some(line))
    }

    /// Presses and releases a key.
    ///
    /// # Errors
    /// When QEMU has ended.
    pub fn press(&mut self, key: Key) -> Result<()> {
        let keys = json!([{ "type": "qcode", "data": key.to_string() }]);
        self.command("send-key", &json!({ "keys": keys, "hold-time": 100 }))
    }

    /// What QEMU shows of the display, each of its pixels 4 x 4 large.
    ///
    /// # Errors
    /// When QEMU has ended.
    pub fn screen(&mut self) -> Result<RgbImage> {
        let file = self.folder.path().join("screen.ppm");
        self.command("screendump", &json!({ "filename": file }))?;
        Ok(image::open(&file).context("QEMU saved no picture")?.into_rgb8())
    }

    /// Whether QEMU still runs: its window may have been closed.
    ///
    /// # Errors
    /// When that cannot be found out, or QEMU failed.
    pub fn is_running(&mut self) -> Result<bool> {
        let Some(status) = self.process.0.try_wait()? else { return Ok(true) };
        ensure!(status.success(), "QEMU ended with {status}");
        Ok(false)
    }
}
