//! `trainer feature-extractor`: training of the classifier whose features the evaluation uses.

use std::{io::Write, path::PathBuf};

use anyhow::{Result, ensure};
use burn::prelude::Device;
use cpu_time::ProcessTime;

use crate::{
    data::{self, DatasetKind, Request},
    files::{Draft, cannot, check_replaceable, create_parent},
    progress,
    quality::Reference,
    quality::{
        extractor_card,
        feature_extractor::{DIGIT_CLASSES, FeatureExtractor, Task, training},
        is_extractor_card,
    },
    random::parse_seed,
};

/// Arguments of `trainer feature-extractor`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder with the four MNIST files [env: THUMBGAN_DATA]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Seed of weights, image order and shifts
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = parse_seed)]
    seed: u64,
    /// File for the weights; the card is written beside it
    #[arg(
        long,
        value_name = "FILE",
        default_value = "models/feature-extractor.bpk"
    )]
    out: PathBuf,
    /// Replace FILE and the card beside it even if they are not a feature extractor and its card
    #[arg(long)]
    force: bool,
}

/// Trains the feature extractor and writes its file and its card.
///
/// # Errors
/// If MNIST is not available, or a file cannot be written or would replace another file.
pub fn run(options: &Options) -> Result<()> {
    let card_path = options.out.with_extension("md");
    ensure!(
        card_path != options.out,
        "--out {}: the ending .md is that of the card, which is written beside the weights; choose another ending, such \
         as .bpk",
        options.out.display()
    );
    let (task, device) = (Task::Classes(DIGIT_CLASSES), Device::flex());
    let is_own = |content: &[u8]| FeatureExtractor::from_bytes(content, task, &device).is_ok();
    check_replaceable(&options.out, "a feature extractor", options.force, is_own)?;
    let purpose = "the card of a feature extractor";
    check_replaceable(&card_path, purpose, options.force, is_extractor_card)?;
    create_parent(&options.out)?;
    let [weights, card_file] = [&options.out, &card_path].map(|path| Draft::new(path));
    let (mut weights, mut card_file) = (weights?, card_file?);
    let dataset = data::load(&Request::plain(DatasetKind::Mnist, options.data.clone()))?;
    let steps = training::steps(dataset.train.len()) as u64;
    let bar = progress::start("training for", steps, "step")?;
    let clock = ProcessTime::now();
    let bytes = training::train(&dataset.train, task, options.seed, &device, &bar)?;
    let seconds = clock.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let extractor = FeatureExtractor::from_bytes(&bytes, task, &device)?;
    let reference = Reference::new(&extractor, &dataset)?;
    let card = extractor_card(
        &extractor,
        &dataset,
        &reference,
        options.seed,
        seconds,
        bytes.len(),
    );
    for (draft, path, content) in [
        (&mut weights, &options.out, &bytes[..]),
        (&mut card_file, &card_path, card.as_bytes()),
    ] {
        draft
            .write_all(content)
            .map_err(|error| cannot("write", path, &error))?;
    }
    Draft::finish_pair(weights, card_file, true)?;
    outln!("{card}");
    Ok(())
}
