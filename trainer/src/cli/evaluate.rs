//! `trainer evaluate`: quality of a model's images.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use burn::prelude::Device;
use clap::{ArgGroup, ValueEnum};
use thumbgan_core::Model;

use super::json;
use crate::{
    data::{self, Dataset, DatasetKind, Request},
    export::float_reference::FloatGenerator,
    export::int8::{self, Int8Generator},
    files::{Draft, check_replaceable, create_parent, hex, read, write_whole},
    progress,
    quality::feature_extractor::FeatureExtractor,
    quality::{
        Evaluation, InterpolationSmoothness, Memorization, Protocol, Reference, Report, Training,
        card, check_size, fid_multiple,
    },
};

/// Purpose of the JSON file.
const JSON: &str = "the results of an evaluation";

/// Arguments of `trainer evaluate`.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("outputs").args(["json", "card"]).multiple(true))]
pub struct Options {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Dataset to compare with; `auto` is that of the model if it can be found without `--data`.
    #[command(flatten)]
    pub request: Request,
    /// Images per noise seed; results for different numbers are not comparable. The features of an image take 512
    /// bytes of memory, those of 1,000,000 images 0.5 GB
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
    /// Write the results into the model's card (MODEL's name with .md), in place of former results
    #[arg(long)]
    card: bool,
    /// Replace the file of --json even if it does not contain results of an evaluation, and the results in the card
    /// even by those against another dataset than the model's
    #[arg(long, requires = "outputs")]
    force: bool,
}

/// Generates and evaluates the images and prints the table.
///
/// # Errors
/// If the model is invalid, the dataset is not available or too small, or an output cannot be written or
/// would replace another file.
pub fn run(options: &Options) -> Result<()> {
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    let float = float(options, &model)?;
    // The outputs are checked before the work begins.
    let card_path = options.card.then(|| options.model.with_extension("md"));
    if let Some(path) = &card_path {
        card::read(path, model.name())?;
    }
    let prints_json = options.json.as_deref() == Some(Path::new("-"));
    let json_path = options.json.as_deref().filter(|_| !prints_json);
    let json = json_path
        .map(|path| {
            check_replaceable(path, JSON, options.force, Report::is_json)?;
            create_parent(path)?;
            Draft::new(path)
        })
        .transpose()?;
    let dataset = data::load(&request(options, &model))?;
    check_dataset(options, &model, &dataset)?;
    check_size(&dataset)?;
    let device = Device::flex();
    let extractor = FeatureExtractor::for_dataset(&dataset, &device)?;
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
    let bar = |noun| {
        let total = protocol.samples * protocol.noise_seeds;
        progress::start("generating and evaluating", total, noun)
    };
    let draw = |seeds| draw(&model, seeds);
    let int8 = evaluation.measure(model.class_count(), draw, &bar("int8 image")?)?;
    let float = match float {
        Some(float) => {
            let draw = |seeds: Range<u64>| {
                Ok(float.draw(seeds.map(|seed| float.sample_request(seed)), &device))
            };
            Some(evaluation.measure(model.class_count(), draw, &bar("float image")?)?)
        }
        None => None,
    };
    let floor = reference.real.fid_test[0];
    let report = Report {
        model: model.name().to_owned(),
        model_crc32: model.crc32(),
        dataset: dataset.name.clone(),
        dataset_sha256: hex(&dataset.sha256),
        feature_extractor: extractor.info(reference.test.accuracy),
        protocol,
        verdict: Memorization::of(&int8.nearest_neighbors, &reference.real.nearest_neighbors),
        walk: InterpolationSmoothness::measure(&mut Int8Generator::new(&model))?,
        fid_floor: floor,
        fid_multiple: fid_multiple(int8.mean_fid(), floor),
        int8,
        float,
        real: reference.real,
    };
    if prints_json {
        json::print(&report)?;
    } else {
        outln!("{report}");
    }
    if let (Some(draft), Some(path)) = (json, json_path) {
        check_replaceable(path, JSON, options.force, Report::is_json)?;
        draft.complete(serde_json::to_string_pretty(&report)?.as_bytes())?;
    }
    if let Some(path) = card_path {
        // It may have been edited in the meantime.
        let card = card::read(&path, model.name())?;
        write_whole(&path, card.with_results(&report).as_bytes())?;
    }
    Ok(())
}

/// Returns the request for the dataset. `auto` without a location is the dataset of the model, unless it is a custom one.
fn request(options: &Options, model: &Model<'_>) -> Request {
    let request = options.request.clone();
    let own = DatasetKind::from_str(model.dataset(), false).ok();
    match own.filter(|kind| !kind.is_custom()) {
        Some(dataset) if request.dataset == DatasetKind::Auto && request.data.is_none() => {
            Request { dataset, ..request }
        }
        _ => request,
    }
}

/// Warns if the model was trained on other images than those of the dataset.
///
/// # Errors
/// If the results would replace those in the card.
fn check_dataset(options: &Options, model: &Model<'_>, dataset: &Dataset) -> Result<()> {
    let trained = &model.metadata().provenance.dataset_sha256;
    if *trained == dataset.sha256 {
        return Ok(());
    }
    let difference = format!(
        "the model was trained on {} (SHA-256 {}), but this is {} (SHA-256 {})",
        model.dataset(),
        hex(trained),
        dataset.name,
        hex(&dataset.sha256)
    );
    ensure!(
        !options.card || options.force,
        "{}: {difference}; pass the model's dataset with --dataset and --data, or --force to write the results into the \
         card",
        options.model.display()
    );
    errln!("warning: {difference}");
    Ok(())
}

/// Loads the float network of the model, if the file exists.
fn float(options: &Options, model: &Model<'_>) -> Result<Option<FloatGenerator>> {
    let beside = options.model.with_extension("float");
    let path = options
        .float
        .as_ref()
        .or_else(|| beside.exists().then_some(&beside));
    path.map(|path| FloatGenerator::load_for(path, model, &options.model))
        .transpose()
}

/// Generates the int8 images of `seeds` on all processors.
fn draw(model: &Model<'_>, seeds: Range<u64>) -> Result<Vec<f32>> {
    let pixels = int8::generate_parallel(model, seeds, None)?;
    Ok(pixels.into_iter().map(f32::from).collect())
}
