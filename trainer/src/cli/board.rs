//! `trainer board`: communication with a board over its serial port.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use indicatif::ProgressIterator;
use serde_json::json;
use thumbgan_core::{GrayImage, Model, crc32};
use thumbgan_protocol::{Mode, ModelInfo, PROTOCOL_VERSION, Request, Response};

use super::{
    json,
    upload::{self, Region, UploadArgs},
};
use crate::{
    board::{Board, unexpected},
    export::int8::{self, Int8Generator},
    files::{create_parent, read},
    png::{self, Purpose},
    random::parse_seed,
    text,
};

/// Arguments of `trainer board`.
#[derive(Debug, clap::Args)]
pub struct BoardArgs {
    /// Serial port of the board (/dev/ttyACM0, COM3), or tcp:HOST:PORT
    #[arg(long)]
    port: String,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Identify the board and its model
    Hello,
    /// Generate an image on the board and show it
    Generate(GenerateArgs),
    /// Compare the board's images with those of a model file, byte by byte
    Verify(VerifyArgs),
    /// Measure the time that the board needs for an image
    Bench {
        /// Number of images
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
        count: u16,
    },
    /// Select the mode that the board shows
    Mode {
        /// Mode
        mode: ModeArg,
    },
    /// Write a model file into the board's flash; the firmware runs it instead of its built-in model
    Upload(UploadArgs),
}

#[derive(Debug, clap::Args)]
struct GenerateArgs {
    /// Class; omit it for an unconditional model
    #[arg(long, value_name = "C")]
    class: Option<u8>,
    /// Seed of the latent
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = parse_seed)]
    seed: u64,
    /// Latent as int8 values, instead of a seed
    #[arg(
        long,
        value_name = "V,V,...",
        value_delimiter = ',',
        allow_hyphen_values = true,
        conflicts_with = "seed"
    )]
    latent: Vec<i8>,
    /// Write the image to a PNG file as well
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace FILE even if it is not an image of a board
    #[arg(long, requires = "out")]
    force: bool,
}

#[derive(Debug, clap::Args)]
struct VerifyArgs {
    /// Model file that the board's firmware contains
    #[arg(long, value_name = "FILE", default_value = "models/digits.tgan")]
    model: PathBuf,
    /// Number of images
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,
}

/// Mode by its name on the command line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ModeArg {
    /// New image every second
    Gallery,
    /// Image of a selected class
    Digit,
    /// Latent walk
    Walk,
    /// Time of day in generated digits
    Clock,
    /// Information about the model
    About,
}

/// Error of a board without a valid model.
const INVALID_MODEL: &str = "the board's model is invalid; its display shows the error";

/// Sends the request and prints the response.
///
/// # Errors
/// If the board does not respond, responds with an error, or its images differ from the model's.
pub fn run(args: &BoardArgs) -> Result<()> {
    if let Command::Generate(GenerateArgs {
        out: Some(out),
        force,
        ..
    }) = &args.command
    {
        png::check_output(out, Purpose::BoardImage, *force)?;
    }
    let (mut board, json) = (Board::open(&args.port)?, args.json);
    match &args.command {
        Command::Hello => hello(&mut board, json),
        Command::Generate(args) => generate(&mut board, args, json),
        Command::Verify(args) => verify(&mut board, args, json),
        Command::Bench { count } => bench(&mut board, *count, json),
        Command::Mode { mode } => {
            let request = Request::SetMode((*mode).into());
            board.request(&request, upload::done)
        }
        Command::Upload(args) => upload::run(&mut board, args, json),
    }
}

fn hello(board: &mut Board, json: bool) -> Result<()> {
    let region = Region::request(board)?;
    board.request(&Request::Hello, |response| {
        let Response::Hello {
            firmware,
            board,
            model,
        } = response
        else {
            return Err(unexpected(response));
        };
        if json {
            let model = model.as_ref().map(json::model);
            json::print(&json!({
                "board": board, "firmware": firmware, "protocol": PROTOCOL_VERSION, "model": model,
                "region": region.as_ref().map(Region::json),
            }))?;
        } else {
            outln!("board      {board}, firmware {firmware}, protocol {PROTOCOL_VERSION}");
            if let Some(region) = &region {
                outln!("region     {}", region.description());
            }
            model.as_ref().inspect(|info| print(info));
        }
        ensure!(model.is_some(), INVALID_MODEL);
        Ok(())
    })
}

fn print(info: &ModelInfo<'_>) {
    outln!(
        "model      {}, {} bytes, CRC-32 {:08x}",
        info.name,
        info.file_len,
        info.crc32
    );
    outln!(
        "latent     {} values, {:?}",
        info.latent_len,
        info.distribution
    );
    let classes = match info.class_count {
        0 => "none".to_owned(),
        count => count.to_string(),
    };
    outln!("classes    {classes}");
    outln!("dataset    {}", info.dataset);
    if let Some(fid) = info.fid {
        outln!("FID        {}.{:03}", fid / 1000, fid % 1000);
    }
}

fn generate(board: &mut Board, args: &GenerateArgs, json: bool) -> Result<()> {
    let (class, latent) = (args.class, bytes(&args.latent));
    let request = if latent.is_empty() {
        Request::Generate {
            class,
            seed: args.seed,
        }
    } else {
        Request::GenerateFromLatent {
            class,
            latent: &latent,
        }
    };
    let pixels = board.image(&request)?;
    if json {
        json::print(&json!({ "crc32": format!("{:08x}", crc32(&pixels)), "pixels": pixels }))?;
    } else {
        out!("{}", png::rows(&pixels, 1));
    }
    args.out.as_deref().map_or(Ok(()), |path| {
        create_parent(path)?;
        png::grid(&pixels, 1).save(path, Purpose::BoardImage)
    })
}

/// Compares images. Every second one is requested by its latent instead of its seed.
fn verify(board: &mut Board, args: &VerifyArgs, json: bool) -> Result<()> {
    let file = read(&args.model)?;
    let model = int8::parse(&file, &args.model)?;
    let name = check_model(board, &model, &args.model)?;
    let mut int8 = Int8Generator::new(&model);
    let (mut differing, mut first) = (0, None);
    for seed in (0..args.count).progress().map(u64::from) {
        let class = int8.class(seed);
        let found = if seed % 2 == 0 {
            board.image(&Request::Generate { class, seed })?
        } else {
            let mut latent = vec![0; model.latent_len()];
            model.sample_latent(seed, &mut latent);
            board.image(&Request::GenerateFromLatent {
                class,
                latent: &bytes(&latent),
            })?
        };
        let expected = int8.pixels(seed..seed + 1)?;
        let count = expected
            .iter()
            .zip(&found)
            .filter(|(expected, found)| expected != found)
            .count();
        differing += count;
        first = first.or((count > 0).then_some(seed));
    }
    let all = u64::from(args.count) * GrayImage::PIXELS as u64;
    if json {
        json::print(&json!({
            "board": name, "images": args.count, "bytes": all, "differing": differing, "first_seed": first,
        }))?;
    } else {
        outln!(
            "{name}: {}, {differing} of {all} bytes differ",
            text::count(args.count as usize, "image")
        );
    }
    ensure!(
        differing == 0,
        "the board's images differ from the model's, first for seed {}",
        first.unwrap_or(0)
    );
    Ok(())
}

/// Returns the name of the board if its firmware contains this model.
fn check_model(board: &mut Board, model: &Model<'_>, path: &Path) -> Result<String> {
    board.request(&Request::Hello, |response| {
        let Response::Hello { board, model: info, .. } = response else {
            return Err(unexpected(response));
        };
        let Some(info) = info else { bail!(INVALID_MODEL) };
        ensure!(
            info.crc32 == model.crc32(),
            "the board has the model {} with CRC-32 {:08x}, but {} is {} with CRC-32 {:08x}: name the board's model \
             with --model, or write this one to the board with `cargo xtask flash`",
            info.name,
            info.crc32,
            path.display(),
            model.name(),
            model.crc32()
        );
        Ok((*board).to_owned())
    })
}

fn bench(board: &mut Board, count: u16, json: bool) -> Result<()> {
    // No board needs a second per image.
    let timeout = Duration::from_secs(5 + u64::from(count));
    board.request_with_timeout(&Request::Bench { count }, timeout, |response| {
        let Response::Bench {
            count,
            ticks,
            hertz,
        } = response
        else {
            return Err(unexpected(response));
        };
        let milliseconds = 1000.0 * *ticks as f64 / f64::from(*hertz) / f64::from(*count);
        if json {
            json::print(&json!({
                "digits": count, "ticks": ticks, "hertz": hertz, "milliseconds": milliseconds,
            }))?;
        } else {
            outln!(
                "{}, {milliseconds:.3} ms each (clock of {hertz} Hz)",
                text::count(usize::from(*count), "image")
            );
        }
        Ok(())
    })
}

/// Returns int8 values as bytes in two's complement.
fn bytes(latent: &[i8]) -> Vec<u8> {
    latent.iter().map(|value| value.cast_unsigned()).collect()
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Gallery => Self::Gallery,
            ModeArg::Digit => Self::Digit,
            ModeArg::Walk => Self::Walk,
            ModeArg::Clock => Self::Clock,
            ModeArg::About => Self::About,
        }
    }
}
