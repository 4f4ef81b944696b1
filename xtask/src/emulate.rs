//! `cargo xtask qemu`: the firmware on the emulated board, to be seen and played with.

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::Result;
use image::RgbImage;

use crate::{
    boards::EMULATED,
    files::Pending,
    firmware,
    frame::Frame,
    model::ModelFile,
    picture,
    qemu::{self, Pace, Press, Qemu},
    setup,
};

/// What a frame takes at most, on an idle host.
const SETTLE: Duration = Duration::from_millis(200);

/// What to do on the emulated board.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file to run instead of models/digits.tgan
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Open no window; press --keys, print what the board says, and end
    #[arg(long)]
    headless: bool,
    /// Keys to press one after another, such as up,ctrl,ctrl-long; an arrow is MODE, ctrl is ACT
    #[arg(long, value_delimiter = ',')]
    keys: Vec<Press>,
    /// Save what the display shows after the keys as a PNG, and end
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,
}

/// Builds the firmware and runs it.
///
/// # Errors
/// When the model is bad, the screenshot cannot be written, or the build or QEMU fails.
pub fn emulate(options: &Options) -> Result<()> {
    let model = ModelFile::read(options.model.as_deref())?;
    let screenshot = options
        .screenshot
        .as_deref()
        .map(Pending::new)
        .transpose()?;
    setup::qemu()?;
    let elf = firmware::board(&EMULATED, &model)?;
    let window = if options.headless || screenshot.is_some() {
        None
    } else {
        qemu::window()?
    };
    if window.is_some() {
        println!(
            "An arrow key goes to the next mode (held: to the next look), Ctrl acts in it, short or long."
        );
    } else if !options.headless && screenshot.is_none() {
        println!(
            "No window here: --keys up,ctrl-long presses keys, --screenshot x.png saves the display."
        );
    }
    let mut qemu = Qemu::start(&elf, Pace::Host, window, true)?;
    qemu.line(Frame::START)?;
    for &key in &options.keys {
        println!("key {key}");
        qemu.press(key)?;
        // Its release, and the frame after it.
        thread::sleep(key.hold() + SETTLE);
    }
    if let (Some(file), Some(path)) = (screenshot, &options.screenshot) {
        return save(&qemu.settled()?.1, file, path);
    }
    while qemu.next_line()?.is_some() {}
    while window.is_some() && qemu.is_running()? {
        while qemu.next_line()?.is_some() {}
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn save(screen: &RgbImage, file: Pending, path: &Path) -> Result<()> {
    file.finish(&picture::png(screen)?)?;
    println!("saved {}", path.display());
    Ok(())
}
