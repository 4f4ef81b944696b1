//! `trainer sample`: int8 images, exactly as a board generates them, in a NumPy file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::data::SIDE;
use anyhow::{Context, Result, ensure};
use npyz::WriterBuilder;

use crate::{
    export::int8::{self, Int8Generator},
    files::{read, write_whole},
};

/// Arguments of `trainer sample`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Number of images
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// Seed of the first image; the following images have the following seeds
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// NumPy file, uint8 [N, 28, 28]; for conditional models labels.npy beside it has the classes, in equal
    /// shares
    #[arg(long, value_name = "FILE", default_value = "samples.npy")]
    out: PathBuf,
}

/// Generates the images.
///
/// # Errors
/// If the model is invalid or a file cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let bytes = read(&options.model)?;
    let model = int8::parse(&bytes, &options.model)?;
    let last = options.seed.checked_add(options.count);
    ensure!(
        last.is_some(),
        "--seed {} is too large for {} images: seeds end at 2^64 - 1",
        options.seed,
        options.count
    );
    let seeds = options.seed..last.unwrap_or(u64::MAX);
    let mut int8 = Int8Generator::new(&model);
    let labels: Option<Vec<u8>> = seeds.clone().map(|seed| int8.class(seed)).collect();
    let pixels = int8.pixels(seeds)?;
    let side = SIDE as u64;
    write_array(&options.out, &[options.count, side, side], &pixels)?;
    outln!(
        "{}: {} images of {}",
        options.out.display(),
        options.count,
        options.model.display()
    );
    if let Some(labels) = labels {
        let path = options.out.with_file_name("labels.npy");
        write_array(&path, &[options.count], &labels)?;
        outln!("{}: classes of the images", path.display());
    }
    Ok(())
}

/// Writes a NumPy file and creates its folder if it does not exist.
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
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot create {}", parent.display()))?;
    }
    write_whole(path, &file)
}
