//! The emulated board in QEMU: keys and display over QMP, the UART as lines of text.

use std::{
    collections::VecDeque,
    env,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
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

use thumbgan_boards::{EMULATED, Runner};

use super::{frame::Frame, keys::KeyPress};
use crate::{
    machines::QEMU_ARM,
    process::{self, ChildGuard},
};

/// Longest wait for a UART line or a QMP response. On an idle host only the next minute of the clock needs more than
/// seconds.
const TIMEOUT: Duration = Duration::from_mins(2);
/// Interval between two reads of the UART's file.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// Time for which the board runs between two checks for the end of a frame: a fraction of a frame's duration.
const FRAME_POLL_INTERVAL: Duration = Duration::from_micros(500);
/// Number of lines that an error quotes.
const QUOTED_LINES: usize = 10;
/// File with the UART's output.
const UART: &str = "uart";
/// Line that the board prints before it sends a frame to its display.
const DRAW_LINE: &str = "draw";

/// Relation between the board's virtual time and the host's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// Virtual time is the host's time, however fast the host executes the firmware.
    Host,
    /// Each instruction takes 16 ns of virtual time (20 ns or more on the real chip); idle time is waited for.
    Chip,
    /// Virtual time as in [`Speed::Chip`], executed more slowly, so that the host misses fewer frames.
    SlowMotion,
    /// Virtual time as in [`Speed::Chip`], with idle time skipped.
    FastForward,
}

impl Speed {
    /// Returns QEMU's arguments.
    const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Host => &[],
            Self::Chip => &["-icount", "shift=4"],
            Self::SlowMotion => &["-icount", "shift=4", "-d", "nochain"],
            Self::FastForward => &["-icount", "shift=4,sleep=off"],
        }
    }
}

/// Returns QEMU's display type for a window on this host; `None` without a graphical session.
///
/// # Errors
/// If QEMU does not run.
pub fn window_type() -> Result<Option<&'static str>> {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|session| !session.is_empty());
    let has_session = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(is_set);
    if !(has_session || cfg!(any(target_os = "macos", windows))) {
        return Ok(None);
    }
    let types = process::output(Command::new(QEMU_ARM).args(["-display", "help"]))?;
    let is_supported = |name: &&str| types.lines().any(|line| line.trim() == *name);
    Ok(["gtk", "sdl", "cocoa"].into_iter().find(is_supported))
}

/// A running emulated board, which ends when this value is dropped.
#[derive(Debug)]
pub struct EmulatedBoard {
    process: ChildGuard,
    responses: Receiver<Value>,
    folder: TempDir,
    uart: File,
    /// Bytes of the UART that [`EmulatedBoard::next_line`] has not yet returned.
    unread: Vec<u8>,
    /// Last line that [`EmulatedBoard::next_line`] returned.
    last_line: String,
    /// True if the UART's lines are printed.
    echo: bool,
}

impl EmulatedBoard {
    /// Boots `elf` in a window of this type, or headless, and prints the UART's lines if `echo` is set.
    ///
    /// # Errors
    /// If QEMU does not start or does not accept QMP commands.
    pub fn boot(elf: &Path, speed: Speed, window: Option<&str>, echo: bool) -> Result<Self> {
        Self::start(command(elf)?, speed, window, echo)
    }

    /// Boots `elf` headless with these bytes at the start of the model region, and prints the UART's lines.
    ///
    /// # Errors
    /// As for [`EmulatedBoard::boot`].
    pub fn boot_with_region(elf: &Path, region: &[u8], speed: Speed) -> Result<Self> {
        let address = EMULATED.region_for(region.len() as u64)?.memory.origin;
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(region)?;
        let mut command = command(elf)?;
        command.arg("-device").arg(format!(
            "loader,file={},addr={address:#x},force-raw=on",
            file.path().display()
        ));
        // QEMU has read the file when it accepts commands.
        Self::start(command, speed, None, true)
    }

    /// Boots `elf` headless and returns the connection to its UART, which has no lines then.
    ///
    /// # Errors
    /// As for [`EmulatedBoard::boot`].
    pub fn boot_with_connection(elf: &Path, speed: Speed) -> Result<(Self, TcpStream)> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut command = command(elf)?;
        let address = listener.local_addr()?;
        command
            .arg("-serial")
            .arg(format!("tcp:{address},nodelay=on"));
        let board = Self::start_with_uart(command, speed, None, false, tempfile::tempdir()?)?;
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        Ok((board, stream))
    }

    /// Starts a command with the UART's output in a file.
    fn start(mut command: Command, speed: Speed, window: Option<&str>, echo: bool) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        command
            .arg("-serial")
            .arg(format!("file:{}", folder.path().join(UART).display()));
        Self::start_with_uart(command, speed, window, echo, folder)
    }

    fn start_with_uart(
        mut command: Command,
        speed: Speed,
        window: Option<&str>,
        echo: bool,
        folder: TempDir,
    ) -> Result<Self> {
        let uart = folder.path().join(UART);
        fs::write(&uart, "")?;
        command.args([
            "-display",
            window.unwrap_or("none"),
            "-monitor",
            "none",
            "-qmp",
            "stdio",
        ]);
        command.args(speed.arguments());
        let mut process = ChildGuard::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let output = process
            .0
            .stdout
            .take()
            .context("QEMU's output was not piped")?;
        let (sender, responses) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            let mut values = lines.filter_map(|line| serde_json::from_str(&line).ok());
            values.try_for_each(|value| sender.send(value))
        });
        let uart = File::open(uart)?;
        let (unread, last_line) = (Vec::new(), String::new());
        let mut board = Self {
            process,
            responses,
            folder,
            uart,
            unread,
            last_line,
            echo,
        };
        board.execute("qmp_capabilities", &json!({}))?;
        Ok(board)
    }

    /// Sends a QMP command and waits for its response.
    fn execute(&mut self, name: &str, arguments: &Value) -> Result<()> {
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
            let response = self
                .responses
                .recv_timeout(TIMEOUT)
                .with_context(|| format!("QEMU does not respond to {name}"))?;
            if let Some(error) = response.get("error") {
                bail!("QEMU rejects {name}: {}", error["desc"]);
            }
            if response.get("return").is_some() {
                return Ok(());
            }
        }
    }

    /// Waits for the next UART line that begins with `start`; lines before it are skipped.
    ///
    /// # Errors
    /// If no such line arrives before the timeout, or QEMU ends; the message quotes the last lines.
    pub fn wait_for_line(&mut self, start: &str) -> Result<String> {
        self.wait_for(start, |line| line.starts_with(start))
    }

    /// Waits for the next UART line that satisfies `predicate`, which errors call `name`.
    ///
    /// # Errors
    /// If no such line arrives before the timeout, or QEMU ends; the message quotes the last lines.
    pub fn wait_for(&mut self, name: &str, predicate: impl Fn(&str) -> bool) -> Result<String> {
        let deadline = Instant::now() + TIMEOUT;
        let mut skipped = VecDeque::new();
        while self.is_running()? && Instant::now() < deadline {
            while let Some(line) = self.next_line()? {
                if predicate(&line) {
                    return Ok(line);
                }
                skipped.push_back(line);
                if skipped.len() > QUOTED_LINES {
                    skipped.pop_front();
                }
            }
            thread::sleep(POLL_INTERVAL);
        }
        let seconds = TIMEOUT.as_secs();
        bail!("no line {name:?} from the board's UART within {seconds} s; last lines: {skipped:?}")
    }

    /// Returns the next complete UART line, if there is one, and prints it if lines are echoed.
    ///
    /// # Errors
    /// If the UART's file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<String>> {
        self.uart.read_to_end(&mut self.unread)?;
        let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') else {
            return Ok(None);
        };
        let line: Vec<u8> = self.unread.drain(..=end).collect();
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if self.echo && line != DRAW_LINE {
            println!("{line}");
        }
        self.last_line.clone_from(&line);
        Ok(Some(line))
    }

    /// Presses a key and returns at once; QEMU releases it after its hold time.
    ///
    /// # Errors
    /// If QEMU has ended.
    pub fn press(&mut self, press: KeyPress) -> Result<()> {
        let keys = json!([{ "type": "qcode", "data": press.key.name() }]);
        let millis = press.hold_time().as_millis() as u64;
        self.execute("send-key", &json!({ "keys": keys, "hold-time": millis }))
    }

    /// Resets the board, as its reset button does.
    ///
    /// # Errors
    /// If QEMU has ended.
    pub fn reset(&mut self) -> Result<()> {
        self.execute("system_reset", &json!({}))
    }

    /// Returns the frame that the display shows and its screenshot, taken while the board is stopped between two
    /// frames.
    ///
    /// # Errors
    /// If QEMU has ended, or the board is never between two frames.
    pub fn capture(&mut self) -> Result<(Frame, RgbImage)> {
        let deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline {
            self.execute("stop", &json!({}))?;
            while self.next_line()?.is_some() {}
            let frame = Frame::parse(&self.last_line)
                .ok()
                .filter(|_| self.unread.is_empty());
            let screen = frame.map(|_| self.screenshot()).transpose()?;
            self.execute("cont", &json!({}))?;
            if let Some(captured) = frame.zip(screen) {
                return Ok(captured);
            }
            thread::sleep(FRAME_POLL_INTERVAL);
        }
        bail!(
            "the board does not reach the end of a frame; its last line is {:?}",
            self.last_line
        )
    }

    /// Returns QEMU's screenshot of the display, in which each pixel is a block of 4x4.
    ///
    /// # Errors
    /// If QEMU has ended.
    pub fn screenshot(&mut self) -> Result<RgbImage> {
        let file = self.folder.path().join("screen.ppm");
        self.execute("screendump", &json!({ "filename": file }))?;
        Ok(image::open(&file)
            .context("QEMU saved no screenshot")?
            .into_rgb8())
    }

    /// Returns false once QEMU has ended, for example because its window was closed.
    ///
    /// # Errors
    /// If QEMU failed, or its status cannot be read.
    pub fn is_running(&mut self) -> Result<bool> {
        let Some(status) = self.process.0.try_wait()? else {
            return Ok(true);
        };
        ensure!(status.success(), "QEMU ended with {status}");
        Ok(false)
    }
}

/// Returns the command that runs `elf` on the emulated board.
pub(super) fn command(elf: &Path) -> Result<Command> {
    let Runner::Qemu(machine) = EMULATED.runner else {
        bail!("{} is not emulated", EMULATED.name)
    };
    let mut command = Command::new(QEMU_ARM);
    command.args(["-M", machine, "-kernel"]).arg(elf);
    Ok(command)
}
