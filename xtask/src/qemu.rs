//! `cargo xtask qemu`: the firmware on the emulated board, in a window or headless.

use std::{path::PathBuf, thread, time::Duration};

use anyhow::Result;
use thumbgan_boards::EMULATED;
use thumbgan_emulator::{
    board::{self, EmulatedBoard, Frame, KeyPress, Speed},
    files::{AtomicFile, ImageFormat},
    firmware,
    models::ModelFile,
    screen,
};

use crate::setup;

/// Longest duration of a frame on an idle host.
const FRAME_DURATION: Duration = Duration::from_millis(200);
/// Interval between two reads of the UART.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Options of `cargo xtask qemu`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file to run instead of models/digits.tgan
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Open no window: press --keys, print the board's UART, and end
    #[arg(long)]
    headless: bool,
    /// Keys to press one after another, such as up,ctrl,ctrl-long; an arrow is MODE, ctrl is ACT
    #[arg(long, value_delimiter = ',')]
    keys: Vec<KeyPress>,
    /// Save the display after the keys as a PNG file, and end
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,
    /// Replace an existing file by the screenshot
    #[arg(long, requires = "screenshot")]
    force: bool,
}

/// Builds the firmware and runs it on the emulated board.
///
/// # Errors
/// If the model is invalid, the screenshot exists or cannot be written, or the build or QEMU fails.
pub fn qemu(options: &Options) -> Result<()> {
    let screenshot = options
        .screenshot
        .as_deref()
        .map(|path| {
            ImageFormat::Png.check_target(path, None, options.force)?;
            AtomicFile::new(path)
        })
        .transpose()?;
    let model = ModelFile::read(options.model.as_deref())?;
    setup::install_targets(&[EMULATED.target])?;
    setup::install_qemu()?;
    let elf = firmware::board_copy(&EMULATED, &model)?;
    let is_headless = options.headless || screenshot.is_some();
    let window = if is_headless {
        None
    } else {
        board::window_type()?
    };
    if window.is_some() {
        eprintln!(
            "An arrow key is MODE: next mode, or next theme if held. Ctrl is ACT, pressed or held."
        );
    } else if !is_headless {
        eprintln!("No graphical session: use --keys up,ctrl-long and --screenshot x.png.");
    }
    let mut board = EmulatedBoard::boot(&elf, Speed::Host, window, true)?;
    board.wait_for_line(Frame::START)?;
    for &key in &options.keys {
        println!("key {key}");
        board.press(key)?;
        // The key is released, and one more frame is drawn.
        thread::sleep(key.hold_time() + FRAME_DURATION);
    }
    if let (Some(file), Some(path)) = (screenshot, &options.screenshot) {
        let (_, image) = board.capture()?;
        file.write(&screen::png(&image)?)?;
        println!("saved {}", path.display());
        return Ok(());
    }
    while board.next_line()?.is_some() {}
    while window.is_some() && board.is_running()? {
        while board.next_line()?.is_some() {}
        thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}
