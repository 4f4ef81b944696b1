//! `cargo xtask film`: the emulated display in the latent walk and the clock, as an animated GIF.

use std::path::PathBuf;

use anyhow::Result;
use thumbgan_boards::EMULATED;
use thumbgan_emulator::{
    board::{EmulatedBoard, Frame, Speed},
    files::{AtomicFile, ImageFormat},
    film::{self, Shot},
    firmware,
    models::ModelFile,
    process, screen,
};

use crate::setup;

/// Recorded time of the latent walk in milliseconds.
const WALK_MILLIS: u64 = 8_000;
/// Recorded time of the clock from the change of its digits, in milliseconds.
const CLOCK_MILLIS: u64 = 3_500;
/// Time for which the clock is shown before its digits change, in milliseconds.
const STILL_MILLIS: u64 = 1_500;

/// Keys that lead to the latent walk of class 3 with its overlay.
const WALK_KEYS: &str = "up,ctrl,ctrl,ctrl,up,ctrl";
/// Keys that lead from there to a clock set to 12:34.
const CLOCK_KEYS: &str = "up,ctrl-long,ctrl,ctrl-long,ctrl,ctrl,ctrl-long,ctrl,ctrl,ctrl,ctrl-long,ctrl,ctrl,ctrl,\
                          ctrl,ctrl-long";

/// Options of `cargo xtask film`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// GIF file to write instead of docs/film.gif
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
}

/// Writes a GIF of the display of the default model's firmware.
///
/// # Errors
/// If the firmware does not build or run, or the file exists or cannot be written.
pub fn film(options: &Options) -> Result<()> {
    let own = process::root().join("docs").join("film.gif");
    let path = options.out.as_deref().unwrap_or(&own);
    ImageFormat::Gif.check_target(path, Some(&own), options.force)?;
    let file = AtomicFile::new(path)?;
    let model = ModelFile::read(None)?;
    setup::install_targets(&[EMULATED.target])?;
    setup::install_qemu()?;
    let elf = firmware::board_copy(&EMULATED, &model)?;
    let mut board = EmulatedBoard::boot(&elf, Speed::SlowMotion, None, false)?;
    board.wait_for_line(Frame::START)?;
    press(&mut board, WALK_KEYS)?;
    let has_rate = |line: &str| {
        !["frames=- ", "frames=0 "]
            .iter()
            .any(|rate| line.contains(rate))
    };
    board.wait_for("walk with its rate", |line| {
        line.contains("walk") && has_rate(line)
    })?;
    let mut shots = film::record(&mut board, WALK_MILLIS)?;
    press(&mut board, CLOCK_KEYS)?;
    board.wait_for("clock at 12:34", |line| {
        line.contains("to=12:34") && line.contains("set=- ")
    })?;
    let image = screen::from_screenshot(&board.capture()?.1)?;
    shots.push(Shot {
        image,
        millis: STILL_MILLIS,
    });
    board.wait_for("clock at 12:35", |line| line.contains("to=12:35"))?;
    shots.extend(film::record(&mut board, CLOCK_MILLIS)?);
    let gif = film::encode(&shots)?;
    file.write(&gif)?;
    println!(
        "saved {} ({} images, {} bytes)",
        path.strip_prefix(process::root()).unwrap_or(path).display(),
        shots.len(),
        gif.len()
    );
    Ok(())
}

fn press(board: &mut EmulatedBoard, keys: &str) -> Result<()> {
    keys.split(',')
        .try_for_each(|key| board.press(key.parse()?))
}
