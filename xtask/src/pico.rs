//! `cargo xtask pico`: the firmware on an emulated Raspberry Pi Pico, its display as an image.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use thumbgan_emulator::{
    files::{AtomicFile, ImageFormat},
    models::ModelFile,
    pico::{ButtonPress, Pico, PicoFirmware, Usb, board, runner_folder},
    screen,
};

use crate::setup;

/// Longest emulated time until the first frame.
const BOOT: Duration = Duration::from_secs(5);

/// Options of `cargo xtask pico`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file to run instead of models/digits.tgan
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Buttons to press one after another, such as mode,act,mode-long
    #[arg(long, value_delimiter = ',')]
    keys: Vec<ButtonPress>,
    /// PNG file for the display after the presses
    #[arg(long, value_name = "FILE")]
    screenshot: PathBuf,
    /// Replace an existing file by the screenshot
    #[arg(long)]
    force: bool,
}

/// Builds the firmware, runs it, presses buttons and saves the display.
///
/// # Errors
/// If the model is invalid, the screenshot exists or cannot be written, or the build or the emulator fails.
pub fn pico(options: &Options) -> Result<()> {
    let path = &options.screenshot;
    ImageFormat::Png.check_target(path, None, options.force)?;
    let file = AtomicFile::new(path)?;
    let model = ModelFile::read(options.model.as_deref())?;
    setup::install_targets(&[board().target])?;
    setup::install_packages(&runner_folder())?;
    let mut pico = Pico::boot(&PicoFirmware::build(&model)?, Usb::Detached)?;
    let view = pico.run_to_frame(BOOT)?;
    println!("{}", view.context("the board has drawn no frame")?);
    for &key in &options.keys {
        println!("key {key}");
        pico.press(key)?;
        println!("{}", pico.settle()?);
    }
    file.write(&screen::png(&pico.screen()?)?)?;
    println!("saved {}", path.display());
    Ok(())
}
