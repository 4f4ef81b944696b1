//! `trainer sample`: the pixels that a board would draw, for other tools.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use npyz::WriterBuilder;
use thumbgan_core::SIDE;

use crate::{
    export::int8::{self, Int8},
    files::{read, write_whole},
};

/// What to draw and where to.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// How many digits
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// Seed of the first digit; the others follow
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// NumPy file: u8 [N, 28, 28]; labels.npy goes beside it for models with classes, which take turns
    #[arg(long, value_name = "FILE", default_value = "samples.npy")]
    out: PathBuf,
}

/// Draws the digits.
///
/// # Errors
/// When the model is bad or the file cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    let last = options.seed.checked_add(options.count);
    ensure!(
        last.is_some(),
        "--seed {} leaves no room for {} more seeds",
        options.seed,
        options.count
    );
    let seeds = options.seed..last.unwrap_or(u64::MAX);
    let mut int8 = Int8::new(&model)?;
    let labels: Option<Vec<u8>> = seeds.clone().map(|seed| int8.class(seed)).collect();
    let pixels = int8.pixels(seeds)?;
    let side = SIDE as u64;
    write_array(&options.out, &[options.count, side, side], &pixels)?;
    outln!(
        "{}: {} digits of {}",
        options.out.display(),
        options.count,
        options.model.display()
    );
    if let Some(labels) = labels {
        let path = options.out.with_file_name("labels.npy");
        write_array(&path, &[options.count], &labels)?;
        outln!("{}: their classes", path.display());
    }
    Ok(())
}

fn write_array(path: &Path, shape: &[u64], values: &[u8]) -> Result<()> {
    let mut file = Vec::new();
    let mut encode = || -> std::io::Result<()> {
        let mut writer = npyz::WriteOptions::new()
            .default_dtype()
            .shape(shape)
            .writer(&mut file)
            .begin_nd()?;
        writer.extend(values)?;
        writer.finish()
    };
    encode().context("cannot encode the NumPy file")?;
    write_whole(path, &file)
}
