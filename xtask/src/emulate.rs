//! `cargo xtask qemu`: the firmware on the emulated board, to be seen and played with.

use std::{
    io::Cursor,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::Result;
use image::{ImageFormat, RgbImage};

use crate::{
    boards::EMULATED,
    files::Pending,
    firmware,
    frame::Frame,
    model::ModelFile,
    qemu::{self, Key, Qemu},
    setup,
};

/// What to do on the emulated board.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file to run instead of models/digits.tgan
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Open no window; press --keys, print what the board says, and end
    #[arg(long)]
    headless: bool,
    /// Keys to press one after another, such as up,up,right,ctrl
    #[arg(long, value_enum, value_delimiter = ',')]
    keys: Vec<Key>,
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
    let screenshot = options.screenshot.as_deref().map(Pending::new).transpose()?;
    setup::qemu()?;
    let elf = firmware::board(&EMULATED, &model)?;
    let window = if options.headless || screenshot.is_some() { None } else { qemu::window()? };
    if window.is_some() {
        println!("Keys: up/down another digit, right/left walk between digits, Ctrl the next class.");
    } else if !options.headless && screenshot.is_none() {
        println!("No window here: --keys up,ctrl presses keys, --screenshot x.png saves the display.");
    }
    let mut qemu = Qemu::start(&elf, window, true)?;
    qemu.line(Frame::START)?;
    for &key in &options.keys {
        println!("key {key}");
        qemu.press(key)?;
        qemu.line(Frame::START)?;
    }
    if let (Some(file), Some(path)) = (screenshot, &options.screenshot) {
        return save(&qemu.screen()?, file, path);
    }
    while window.is_some() && qemu.is_running()? {
        while qemu.next_line()?.is_some() {}
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn save(screen: &RgbImage, file: Pending, path: &Path) -> Result<()> {
    let mut png = Cursor::new(Vec::new());
    screen.write_to(&mut png, ImageFormat::Png)?;
    file.finish(png.get_ref())?;
    println!("saved {}", path.display());
    Ok(())
}
