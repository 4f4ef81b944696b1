//! `trainer device`: talks to a board by its serial link.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use indicatif::ProgressIterator;
use serde_json::json;
use thumbgan_core::{Model, PIXELS, crc32, latent::Distribution};
use thumbgan_protocol::{Answer, Card, Mode, PROTOCOL, Request};

use super::json;
use crate::{
    board::{Board, unexpected},
    export::int8::{self, Int8},
    files::read,
    png as picture,
};

/// Which board, and what to ask it.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The board's serial port (/dev/ttyACM0, COM3), or tcp:HOST:PORT
    #[arg(long)]
    port: String,
    /// JSON for scripts instead of lines
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// What is the board, and what is its model?
    Hello,
    /// Draw a digit on the board and show it
    Generate(Generate),
    /// Compare the board's digits with those of a model file, byte by byte
    Verify(Verify),
    /// Measure how long the board takes for a digit
    Bench {
        /// How many digits
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
        count: u16,
    },
    /// Let the board show another mode
    Mode {
        /// The mode
        mode: Shown,
    },
}

#[derive(Debug, clap::Args)]
struct Generate {
    /// The class, for models that have classes
    #[arg(long, value_name = "C")]
    class: Option<u8>,
    /// What the latent is drawn from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The latent itself, as int8 values, instead of a seed
    #[arg(
        long,
        value_name = "V,V,...",
        value_delimiter = ',',
        allow_hyphen_values = true,
        conflicts_with = "seed"
    )]
    latent: Vec<i8>,
    /// Also save it as a PNG
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The model file that the board carries
    #[arg(long, value_name = "FILE", default_value = "models/digits.tgan")]
    model: PathBuf,
    /// How many digits
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,
}

/// A mode by its name on the command line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Shown {
    /// A new digit each second
    Gallery,
    /// A digit that one chooses
    Digit,
    /// Handwriting that changes smoothly
    Walk,
    /// The time in generated digits
    Clock,
    /// The model's card
    About,
}

/// What is wrong with a board that has no model to tell of.
const BROKEN: &str = "the board's model is broken: its display says how";

/// Asks the board and prints what it answers.
///
/// # Errors
/// When the board does not answer or refuses, or its digits are not the model's.
pub fn run(options: &Options) -> Result<()> {
    let (mut board, json) = (Board::open(&options.port)?, options.json);
    match &options.what {
        What::Hello => hello(&mut board, json),
        What::Generate(wanted) => generate(&mut board, wanted, json),
        What::Verify(wanted) => verify(&mut board, wanted, json),
        What::Bench { count } => bench(&mut board, *count, json),
        What::Mode { mode } => {
            let request = Request::SetMode((*mode).into());
            board.ask(&request, |answer| {
                if *answer == Answer::Done {
                    Ok(())
                } else {
                    Err(unexpected(answer))
                }
            })
        }
    }
}

fn hello(board: &mut Board, json: bool) -> Result<()> {
    board.ask(&Request::Hello, |answer| {
        let Answer::Hello {
            firmware,
            board,
            card,
        } = answer
        else {
            return Err(unexpected(answer));
        };
        if json {
            let model = card.as_ref().map(json::card);
            json::print(&json!({
                "board": board, "firmware": firmware, "protocol": PROTOCOL, "model": model,
            }))?;
        } else {
            outln!("board      {board}, firmware {firmware}, protocol {PROTOCOL}");
            card.as_ref().inspect(|card| print(card));
        }
        ensure!(card.is_some(), BROKEN);
        Ok(())
    })
}

fn print(card: &Card<'_>) {
    outln!(
        "model      {}, {} bytes, CRC-32 {:08x}",
        card.name,
        card.bytes,
        card.crc
    );
    outln!("latent     {} values, {:?}", card.latent, card.distribution);
    outln!(
        "classes    {}",
        if card.classes == 0 {
            "none".to_owned()
        } else {
            card.classes.to_string()
        }
    );
    outln!("data set   {}", card.dataset);
    if let Some(fid) = card.fid {
        outln!("FID        {}.{:03}", fid / 1000, fid % 1000);
    }
}

fn generate(board: &mut Board, wanted: &Generate, json: bool) -> Result<()> {
    let latent = bytes(&wanted.latent);
    let request = if latent.is_empty() {
        Request::Generate {
            class: wanted.class,
            seed: wanted.seed,
        }
    } else {
        Request::GenerateLatent {
            class: wanted.class,
            latent: &latent,
        }
    };
    let pixels = board.digit(&request)?;
    if json {
        json::print(&json!({ "crc32": format!("{:08x}", crc32(&pixels)), "pixels": pixels }))?;
    } else {
        out!("{}", picture::rows(&pixels, 1));
    }
    wanted
        .out
        .as_deref()
        .map_or(Ok(()), |path| picture::grid(&pixels, 1).save(path))
}

/// Every other digit is asked for by its latent instead of its seed.
fn verify(board: &mut Board, wanted: &Verify, json: bool) -> Result<()> {
    let file = read(&wanted.model)?;
    let model = int8::parse(&file, &wanted.model)?;
    let name = same_model(board, &model, &wanted.model)?;
    let mut int8 = Int8::new(&model)?;
    let (mut differing, mut first) = (0, None);
    for seed in (0..wanted.count).progress().map(u64::from) {
        let class = int8.class(seed);
        let found = if seed % 2 == 0 {
            board.digit(&Request::Generate { class, seed })?
        } else {
            let latent = bytes(&draw(&model, seed));
            board.digit(&Request::GenerateLatent {
                class,
                latent: &latent,
            })?
        };
        let bytes = int8
            .get(seed)?
            .pixels()
            .iter()
            .zip(&found)
            .filter(|(ours, theirs)| ours != theirs)
            .count();
        differing += bytes;
        first = first.or((bytes > 0).then_some(seed));
    }
    let (images, all) = (wanted.count, u64::from(wanted.count) * PIXELS as u64);
    if json {
        json::print(&json!({
            "board": name, "images": images, "bytes": all, "differing": differing, "first_seed": first,
        }))?;
    } else {
        outln!("{name}: {images} images, {differing} of {all} bytes differ");
    }
    ensure!(
        differing == 0,
        "the board draws other digits than this computer, first of seed {}",
        first.unwrap_or(0)
    );
    Ok(())
}

/// The board's name, if it carries this model.
fn same_model(board: &mut Board, model: &Model<'_>, path: &Path) -> Result<String> {
    board.ask(&Request::Hello, |answer| {
        let Answer::Hello { board, card, .. } = answer else {
            return Err(unexpected(answer));
        };
        let Some(card) = card else { bail!(BROKEN) };
        ensure!(
            card.crc == model.crc(),
            "the board carries the model {} with CRC-32 {:08x}, but {} is {} with CRC-32 {:08x}: \
             name the board's model by --model, or put this one on it by `cargo xtask flash`",
            card.name,
            card.crc,
            path.display(),
            model.name(),
            model.crc()
        );
        Ok((*board).to_owned())
    })
}

fn bench(board: &mut Board, count: u16, json: bool) -> Result<()> {
    // No board takes a second for a digit.
    let patience = Duration::from_secs(5 + u64::from(count));
    board.ask_patiently(&Request::Bench { count }, patience, |answer| {
        let Answer::Bench {
            count,
            ticks,
            hertz,
        } = answer
        else {
            return Err(unexpected(answer));
        };
        let milliseconds = 1000.0 * *ticks as f64 / f64::from(*hertz) / f64::from(*count);
        if json {
            json::print(&json!({
                "digits": count, "ticks": ticks, "hertz": hertz, "milliseconds": milliseconds,
            }))?;
        } else {
            outln!("{count} digits, {milliseconds:.3} ms each by a clock of {hertz} Hz");
        }
        Ok(())
    })
}

/// The latent of a seed.
fn draw(model: &Model<'_>, seed: u64) -> Vec<i8> {
    let latent = model.latent();
    let mut values = vec![0; latent.length.into()];
    Distribution::draw(latent.distribution, seed, &mut values);
    values
}

fn bytes(latent: &[i8]) -> Vec<u8> {
    latent.iter().map(|value| value.cast_unsigned()).collect()
}

impl From<Shown> for Mode {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Gallery => Self::Gallery,
            Shown::Digit => Self::Digit,
            Shown::Walk => Self::Walk,
            Shown::Clock => Self::Clock,
            Shown::About => Self::About,
        }
    }
}
