//! `trainer feature-extractor`: training of the classifier whose features the evaluation uses.

use std::path::PathBuf;

use anyhow::Result;
use burn::prelude::Device;
use cpu_time::ProcessTime;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    data::{self, DatasetKind, Request},
    files::write_whole,
    quality::Reference,
    quality::{
        extractor_card,
        feature_extractor::{FeatureExtractor, training},
    },
};

/// Arguments of `trainer feature-extractor`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder with the four MNIST files [default: `THUMBGAN_DATA` of the environment]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Seed of weights, image order and shifts
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// File for the weights; the card is written beside it
    #[arg(
        long,
        value_name = "FILE",
        default_value = "models/feature-extractor.bpk"
    )]
    out: PathBuf,
}

/// Trains the feature extractor and writes its file and its card.
///
/// # Errors
/// If MNIST is not available or a file cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let dataset = data::load(&Request::plain(DatasetKind::Mnist, options.data.clone()))?;
    let bar = ProgressBar::new(training::steps(&dataset.train) as u64);
    bar.set_style(ProgressStyle::with_template(
        "{bar:24} {human_pos}/{human_len} steps, {eta} left",
    )?);
    let clock = ProcessTime::now();
    let bytes = training::train(&dataset.train, options.seed, &Device::flex(), &bar)?;
    let seconds = clock.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let extractor = FeatureExtractor::from_bytes(&bytes, &Device::flex())?;
    let reference = Reference::new(&extractor, &dataset)?;
    let card = extractor_card(
        &extractor,
        &dataset,
        &reference,
        options.seed,
        seconds,
        bytes.len(),
    );
    write_whole(&options.out, &bytes)?;
    write_whole(&options.out.with_extension("md"), card.as_bytes())?;
    outln!("{card}");
    Ok(())
}
