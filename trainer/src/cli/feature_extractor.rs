//! `trainer judge`: makes the classifier that figures of quality are measured with.

use std::path::PathBuf;

use anyhow::Result;
use burn::prelude::Device;
use cpu_time::ProcessTime;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    data::{self, Choice, Request},
    files::write_whole,
    quality::Reference,
    quality::feature_extractor::{Judge, card::card, training},
};

/// What to learn from and where to write.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder with MNIST's four files
    #[arg(long, value_name = "DIR", env = "THUMBGAN_DATA")]
    data: Option<PathBuf>,
    /// Seed of weights, order and shifts
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// File for the weights; its card goes beside it
    #[arg(long, value_name = "FILE", default_value = "models/judge.bpk")]
    out: PathBuf,
}

/// Trains the judge and writes its file and its card.
///
/// # Errors
/// When MNIST cannot be had or the file cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let dataset = data::load(&Request::plain(Choice::Mnist, options.data.clone()))?;
    let bar = ProgressBar::new(training::steps(&dataset.train) as u64);
    bar.set_style(ProgressStyle::with_template(
        "{bar:24} {human_pos}/{human_len} steps, {eta} left",
    )?);
    let clock = ProcessTime::now();
    let bytes = training::train(&dataset.train, options.seed, &Device::flex(), &bar)?;
    let seconds = clock.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let judge = Judge::from_bytes(&bytes, &Device::flex())?;
    let reference = Reference::new(&judge, &dataset)?;
    let card = card(
        &judge,
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
