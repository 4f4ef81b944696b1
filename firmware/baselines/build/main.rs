//! Makes what the program is built of: the layers of `models/seed.tgan` as a model for MicroFlow, a latent, and
//! the logits that come out.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use thumbgan_core::{Generator, Model, SCRATCH, arithmetic::sigmoid};

use crate::layer::Layer;

mod layer;
mod numbers;
mod tflite;

/// The model whose layers are counted.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/seed.tgan");
/// The seed of the digit, which is that of `golden`'s `count`.
const SEED: u64 = 0;
/// How far MicroFlow's digit may be from the model's own, in grays of 255 on average: with one scale for all
/// weights of a layer they are 3 apart, with any mistake dozens.
const GREYS: usize = 5;

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={MODEL}");
    thumbgan_build_support::machine("mps2-an386");
    if let Err(error) = prepare().context(MODEL) {
        println!("cargo::error={error:#}");
    }
}

/// Writes `seed.tflite`, and for the program `seed.rs`, which names it.
fn prepare() -> Result<()> {
    let file = fs::read(MODEL).context("cannot be read")?;
    let layers = layer::read(&file)?;
    let model = Model::parse(&file)?;
    let mut latent = vec![0; model.latent().len.into()];
    model.latent().distribution.sample(SEED, &mut latent);
    let logits = layers.iter().fold(latent.clone(), |values, layer| layer.run(&values));
    let grays = distance(model, &logits)?;
    ensure!(grays <= GREYS, "the layers for MicroFlow draw a digit {grays} grays from the model's own");

    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    let path = out.join("seed.tflite");
    fs::write(&path, tflite::model(&layers)).with_context(|| format!("cannot write {}", path.display()))?;
    let path = path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
    let source = format!(
        "#[microflow::model({path:?})]\n\
         pub struct Seed;\n\
         pub const LATENT: [i8; {}] = {latent:?};\n\
         pub const LOGITS: [i8; {}] = {logits:?};\n\
         pub const UNIT: f32 = {:?};\n",
        latent.len(),
        logits.len(),
        layers.last().map_or(1.0, |layer: &Layer| layer.output_unit),
    );
    let path = out.join("seed.rs");
    fs::write(&path, source).with_context(|| format!("cannot write {}", path.display()))
}

/// The mean difference, in grays of 255, between the pixels of these logits and the digit that the model draws.
fn distance(model: Model<'_>, logits: &[i8]) -> Result<usize> {
    let mut generator = Generator::<SCRATCH>::new(model)?;
    let pixels = generator.generate(None, SEED)?.pixels();
    let pairs = logits.iter().map(|&logit| sigmoid(logit.into())).zip(pixels);
    let sum: usize = pairs.map(|(pixel, &own)| usize::from(pixel.abs_diff(own))).sum();
    Ok(sum.div_ceil(pixels.len()))
}
