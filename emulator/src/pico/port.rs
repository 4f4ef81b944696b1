//! The USB serial port of the emulated Pico as a terminal device of this host.

use std::{
    fs::File,
    io::{ErrorKind, Read, Write},
    os::fd::{AsFd, OwnedFd},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    pty::openpty,
    sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr},
    unistd::ttyname,
};

use super::Pico;

/// Emulated time between two exchanges of bytes.
const STEP: Duration = Duration::from_millis(2);

/// A running board whose serial port is a terminal device; it ends when this value is dropped.
///
/// Emulated time is that of the host, or less if the host is too slow.
#[derive(Debug)]
pub struct SerialPort {
    /// Path of the device, such as `/dev/pts/3`.
    pub path: PathBuf,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Pico>>>,
}

impl SerialPort {
    /// Opens a terminal device and runs the board with it.
    ///
    /// # Errors
    /// If the device cannot be opened.
    pub fn open(pico: Pico) -> Result<Self> {
        let ends = openpty(None, None).context("cannot open a pseudoterminal")?;
        let mut settings = tcgetattr(&ends.slave)?;
        cfmakeraw(&mut settings);
        tcsetattr(&ends.slave, SetArg::TCSANOW, &settings)?;
        let path = ttyname(&ends.slave)?;
        let end = Arc::new(AtomicBool::new(false));
        let thread = {
            let end = Arc::clone(&end);
            thread::spawn(move || serve(pico, File::from(ends.master), &ends.slave, &end))
        };
        Ok(Self {
            path,
            end,
            thread: Some(thread),
        })
    }

    /// Closes the device and returns the board.
    ///
    /// # Errors
    /// If the board stopped.
    pub fn close(mut self) -> Result<Pico> {
        self.end.store(true, Ordering::Relaxed);
        let thread = self.thread.take().context("the port is closed")?;
        thread
            .join()
            .map_err(|_| anyhow!("the thread of the emulated port panicked"))?
    }
}

impl Drop for SerialPort {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
    }
}

/// Runs the board until `end`, and passes bytes on. The open `_slave` keeps the device alive between two programs that
/// use it.
fn serve(mut pico: Pico, mut master: File, _slave: &OwnedFd, end: &AtomicBool) -> Result<Pico> {
    let (start, before) = (Instant::now(), pico.counters());
    let mut bytes = [0; 1024];
    while !end.load(Ordering::Relaxed) {
        let lead = pico.counters().since(&before).time;
        let lead = lead.saturating_sub(start.elapsed());
        if is_readable(&master, lead)? {
            match master.read(&mut bytes) {
                Ok(count) => pico.send(&bytes[..count])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("cannot read from the pseudoterminal"),
            }
        }
        pico.run(STEP)?;
        master.write_all(&pico.take_received())?;
    }
    Ok(pico)
}

/// Waits for input for at most this time.
fn is_readable(file: &File, time: Duration) -> Result<bool> {
    let mut polled = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
    let timeout = PollTimeout::try_from(time).unwrap_or(PollTimeout::ZERO);
    Ok(poll(&mut polled, timeout)? > 0)
}
