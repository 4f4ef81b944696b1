//! `trainer evaluate`: quality of a model's images.

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
    data::{self, DatasetKind, Request},
    export::float_reference::FloatGenerator,
    export::int8::{self, Int8Generator},
    files::{hex, read, write_whole},
    quality::feature_extractor::FeatureExtractor,
    quality::{
        Evaluation, InterpolationSmoothness, Memorization, Protocol, QualityMetrics, Reference,
        Report, Training,
    },
};

/// Images that a thread generates at a time.
const SHARE: usize = 100;

/// Arguments of `trainer evaluate`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Folder with an IDX dataset, plain or gzip [default: `THUMBGAN_DATA` of the environment]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Dataset to compare with; `auto` is MNIST, or the built-in procedural digits if MNIST is not available
    #[arg(long, value_enum, default_value = "auto")]
    dataset: DatasetKind,
    /// Images per noise seed; results for different numbers are not comparable
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(200..=1_000_000))]
    samples: u64,
    /// Number of noise seeds, disjoint ranges of latents; each gives an FID
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    noise_seeds: u64,
    /// JSON file for all results; `-` prints JSON instead of the table
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Float network to compare with [default: MODEL's name with .float, if the file exists]
    #[arg(long, value_name = "FILE")]
    float: Option<PathBuf>,
    /// Write the results into the model's card (MODEL's name with .md)
    #[arg(long)]
    card: bool,
}

impl Options {
    /// Returns the request for the dataset.
    pub fn request(&self) -> Request {
        Request::plain(self.dataset, self.data.clone())
    }
}

/// Generates and evaluates the images and prints the table.
///
/// # Errors
/// If the model is invalid, the dataset is not available or does not contain digits, or the file cannot be
/// written.
pub fn run(options: &Options) -> Result<()> {
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    let float = float(options)?;
    let dataset = data::load(&options.request())?;
    let device = Device::flex();
    let extractor = FeatureExtractor::load(&device)?;
    let reference = Reference::new(&extractor, &dataset)?;
    let training = Training::new(&dataset.train);
    let protocol = Protocol {
        samples: options.samples,
        noise_seeds: options.noise_seeds,
    };
    let evaluation = Evaluation {
        extractor: &extractor,
        reference: &reference,
        training: &training,
        protocol,
    };
    let int8 = with_bar("int8", protocol, |bar| {
        evaluation.measure(model.class_count(), |seeds| draw(&model, seeds), bar)
    })?;
    let float = match float {
        Some(float) => Some(with_bar("float", protocol, |bar| {
            let draw = |seeds: Range<u64>| {
                Ok(float.draw(seeds.map(|seed| float.sample_request(seed)), &device))
            };
            evaluation.measure(model.class_count(), draw, bar)
        })?),
        None => None,
    };
    let report = Report {
        model: model.name().to_owned(),
        model_crc32: model.crc32(),
        dataset: dataset.name.clone(),
        dataset_sha256: hex(&dataset.sha256),
        feature_extractor_sha256: hex(extractor.sha256()),
        protocol,
        verdict: Memorization::of(&int8.nearest_neighbors, &reference.real.nearest_neighbors),
        walk: InterpolationSmoothness::measure(&mut Int8Generator::new(&model))?,
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

/// Loads the float network of the model, if the file exists.
fn float(options: &Options) -> Result<Option<FloatGenerator>> {
    let beside = options.model.with_extension("float");
    let path = options
        .float
        .as_ref()
        .or_else(|| beside.exists().then_some(&beside));
    path.map(|path| FloatGenerator::load(path)).transpose()
}

/// Replaces the results at the end of a card.
fn put_into_card(path: &Path, report: &Report) -> Result<()> {
    const HEADING: &str = "\n## Evaluation\n";
    let card = String::from_utf8(read(path)?)
        .with_context(|| format!("{} is not text", path.display()))?;
    let made_by_training = card.split(HEADING).next().unwrap_or_default();
    let text = format!("{made_by_training}{HEADING}\n```text\n{report}\n```\n");
    write_whole(path, text.as_bytes())
}

/// Runs `measure` with a progress bar that counts images, or a line of text without a terminal.
fn with_bar(
    what: &str,
    protocol: Protocol,
    measure: impl FnOnce(&ProgressBar) -> Result<QualityMetrics>,
) -> Result<QualityMetrics> {
    let count = protocol.samples * protocol.noise_seeds;
    let bar = ProgressBar::new(count);
    let style = "{bar:24} {human_pos}/{human_len} {msg} images, {eta} left";
    bar.set_style(ProgressStyle::with_template(style)?);
    bar.set_message(what.to_owned());
    if bar.is_hidden() {
        errln!("generating and evaluating {count} {what} images");
    }
    let figures = measure(&bar);
    bar.finish_and_clear();
    figures
}

/// Generates the int8 images of `seeds` on all processors.
fn draw(model: &Model<'_>, seeds: Range<u64>) -> Result<Vec<f32>> {
    let parts: Vec<_> = seeds
        .clone()
        .step_by(SHARE)
        .map(|start| start..seeds.end.min(start + SHARE as u64))
        .collect();
    let drawn = parts
        .into_par_iter()
        .map(|part| Int8Generator::new(model).pixels(part))
        .collect::<Result<Vec<_>>>()?;
    Ok(drawn.into_iter().flatten().map(f32::from).collect())
}
