//! Program in a pseudoterminal: tests read its screen and press keys.

use std::{
    ffi::OsStr,
    io::{Read, Write},
    num::NonZeroU16,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Rows and columns of the terminal.
const SIZE: (u16, u16) = (30, 100);
/// Maximum time until the screen shows the expected text.
const PATIENCE: Duration = Duration::from_mins(2);

/// Running program and its terminal.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Option<Box<dyn Write + Send>>,
    parser: Arc<Mutex<vt100::Parser>>,
    /// Output of the program.
    written: Arc<Mutex<Vec<u8>>>,
    /// Keeps the terminal open, together with `keys` and the reading thread.
    master: Option<Box<dyn MasterPty + Send>>,
    closed: Arc<AtomicBool>,
}

impl Terminal {
    /// Starts the program in `folder` with arguments, a terminal type (`TERM`) and environment variables.
    pub fn start(
        folder: &Path,
        arguments: &[impl AsRef<OsStr>],
        kind: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        let (rows, cols) = SIZE;
        let pty = native_pty_system()
            .openpty(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let mut command = CommandBuilder::new(assert_cmd::cargo::cargo_bin("trainer"));
        command.args(arguments);
        command.cwd(folder);
        command.env_remove("THUMBGAN_DATA");
        command.env_remove("CI");
        command.env("TERM", kind);
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        let mut output = pty.master.try_clone_reader().unwrap();
        let keys = pty.master.take_writer().unwrap();
        let parser = Arc::new(Mutex::new(vt100::Parser::new(
            nonzero(rows),
            nonzero(cols),
            1_000,
        )));
        let written = Arc::new(Mutex::new(Vec::new()));
        let closed = Arc::new(AtomicBool::new(false));
        let (screen, all, over) = (
            Arc::clone(&parser),
            Arc::clone(&written),
            Arc::clone(&closed),
        );
        thread::spawn(move || {
            let mut buffer = [0; 4_096];
            // On some systems reading fails once the last writer has closed the terminal.
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                screen.lock().unwrap().process(&buffer[..count]);
                all.lock().unwrap().extend_from_slice(&buffer[..count]);
                if over.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        Self {
            child,
            keys: Some(keys),
            parser,
            written,
            master: Some(pty.master),
            closed,
        }
    }

    /// Sends keys to the program.
    pub fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Closes the terminal while the program runs, like closing its window.
    pub fn close(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        drop((self.keys.take(), self.master.take()));
    }

    /// Returns the text on the screen.
    pub fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Returns true if the alternate screen is active.
    pub fn is_full_screen(&self) -> bool {
        self.parser.lock().unwrap().screen().alternate_screen()
    }

    /// Returns true if any cell has this foreground color.
    pub fn shows(&self, color: vt100::Color) -> bool {
        let parser = self.parser.lock().unwrap();
        let (rows, columns) = parser.screen().size();
        let mut cells =
            (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
        cells.any(|(row, column)| parser.screen().cell(row, column).unwrap().fgcolor() == color)
    }

    /// Returns the output, including control characters.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().unwrap()).into_owned()
    }

    /// Waits until the screen's text satisfies a condition, and returns it.
    pub fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let text = self.text();
            if wanted(&text) {
                return text;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {what}; the screen shows\n{text}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the program's end and returns its exit code.
    pub fn end(&mut self) -> u32 {
        let start = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "the program does not end");
            thread::sleep(Duration::from_millis(20));
        };
        // The last output may not have been read yet.
        thread::sleep(Duration::from_millis(200));
        code
    }
}

fn nonzero(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).unwrap()
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Fails only if the program has already ended.
        let _ = self.child.kill();
    }
}
