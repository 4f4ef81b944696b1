//! `trainer evaluate`: how good a model's digits are.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use burn::prelude::Device;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use thumbgan_core::Model;

use super::json;
use crate::{
    data::{self, Choice, Request},
    export::float_reference::FloatGenerator,
    export::int8::{self, Int8},
    files::{hex, read, write_whole},
    quality::feature_extractor::Judge,
    quality::{
        Evaluation, Figures, Protocol, Reference, Report, Training, Verdict, interpolation::Walk,
    },
};

/// Digits that one thread draws at a time.
const SHARE: usize = 100;

/// Which model, and how thoroughly.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Folder with an IDX data set, gz or plain
    #[arg(long, value_name = "DIR", env = "THUMBGAN_DATA")]
    data: Option<PathBuf>,
    /// What to compare with; `auto` is MNIST, or built-in procedural digits where it cannot be had
    #[arg(long, value_enum, default_value = "auto")]
    dataset: Choice,
    /// Digits of each noise seed; figures of different numbers cannot be compared
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(200..=1_000_000))]
    samples: u64,
    /// Noise seeds: disjoint ranges of latents, each of which gives a FID
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    noise_seeds: u64,
    /// File for all figures as JSON; `-` prints them instead of the table
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Float network to compare with [default: MODEL's name with .float, if it is there]
    #[arg(long, value_name = "FILE")]
    float: Option<PathBuf>,
    /// Put the figures into the model's card, MODEL's name with .md
    #[arg(long)]
    card: bool,
}

/// Draws, judges and prints the table.
///
/// # Errors
/// When the model is bad, the data set cannot be had or is not one of digits, or the file cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    let float = float(options)?;
    let dataset = data::load(&Request::plain(options.dataset, options.data.clone()))?;
    let device = Device::flex();
    let judge = Judge::load(&device)?;
    let reference = Reference::new(&judge, &dataset)?;
    let training = Training::new(&dataset.train);
    let protocol = Protocol {
        samples: options.samples,
        noise_seeds: options.noise_seeds,
    };
    let evaluation = Evaluation {
        judge: &judge,
        reference: &reference,
        training: &training,
        protocol,
    };
    let int8 = with_bar("int8", protocol, |bar| {
        evaluation.measure(model.classes(), |seeds| draw(&model, seeds), bar)
    })?;
    let float = match float {
        Some(float) => Some(with_bar("float", protocol, |bar| {
            let draw =
                |seeds: Range<u64>| Ok(float.draw(seeds.map(|seed| float.wanted(seed)), &device));
            evaluation.measure(model.classes(), draw, bar)
        })?),
        None => None,
    };
    let report = Report {
        model: model.name().to_owned(),
        model_crc32: model.crc(),
        dataset: dataset.name.clone(),
        dataset_sha256: hex(&dataset.sha256),
        judge_sha256: hex(judge.sha256()),
        protocol,
        verdict: Verdict::of(&int8.neighbours, &reference.real.neighbours),
        walk: Walk::measure(&mut Int8::new(&model)?)?,
        int8,
        float,
        real: reference.real,
    };
    if options.json.as_deref() == Some(Path::new("-")) {
        json::print(&report)?;
    } else {
        outln!("{report}");
        if let Some(path) = &options.json {
            write_whole(path, serde_json::to_string_pretty(&report)?.as_bytes())?;
        }
    }
    if options.card {
        put_into_card(&options.model.with_extension("md"), &report)?;
    }
    Ok(())
}

/// The float network that the model was made from, if it was kept.
fn float(options: &Options) -> Result<Option<FloatGenerator>> {
    let beside = options.model.with_extension("float");
    let path = options
        .float
        .as_ref()
        .or_else(|| beside.exists().then_some(&beside));
    path.map(|path| FloatGenerator::load(path)).transpose()
}

/// Puts the figures at the end of a card, in place of older ones.
fn put_into_card(path: &Path, report: &Report) -> Result<()> {
    const HEADING: &str = "\n## Evaluation\n";
    let card = String::from_utf8(read(path)?)
        .with_context(|| format!("{} is not text", path.display()))?;
    let made_by_training = card.split(HEADING).next().unwrap_or_default();
    let text = format!("{made_by_training}{HEADING}\n```text\n{report}\n```\n");
    write_whole(path, text.as_bytes())
}

/// Measures behind a bar that counts digits, or a line where there is no terminal.
fn with_bar(
    what: &str,
    protocol: Protocol,
    measure: impl FnOnce(&ProgressBar) -> Result<Figures>,
) -> Result<Figures> {
    let count = protocol.samples * protocol.noise_seeds;
    let bar = ProgressBar::new(count);
    let style = "{bar:24} {human_pos}/{human_len} {msg} digits, {eta} left";
    bar.set_style(ProgressStyle::with_template(style)?);
    bar.set_message(what.to_owned());
    if bar.is_hidden() {
        errln!("drawing {count} {what} digits and judging them");
    }
    let figures = measure(&bar);
    bar.finish_and_clear();
    figures
}

/// The int8 digits of `seeds`, drawn on all processors.
fn draw(model: &Model<'_>, seeds: Range<u64>) -> Result<Vec<f32>> {
    let parts: Vec<_> = seeds
        .clone()
        .step_by(SHARE)
        .map(|start| start..seeds.end.min(start + SHARE as u64))
        .collect();
    let drawn = parts
        .into_par_iter()
        .map(|part| Int8::new(model)?.pixels(part))
        .collect::<Result<Vec<_>>>()?;
    Ok(drawn.into_iter().flatten().map(f32::from).collect())
}
