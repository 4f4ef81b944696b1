//! Generates the layers of `models/seed.tgan` as a TensorFlow Lite model for MicroFlow, with a latent and its expected logits.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use thumbgan_core::{Generator, Model, arithmetic::sigmoid};

use crate::layer::Layer;

mod layer;
mod tflite;

/// Model whose layers are measured.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/seed.tgan");
/// Seed of the image, the same as in `image-instructions`.
const SEED: u64 = 0;
/// Maximum mean difference between MicroFlow's image and the model's in gray levels of 255. With one scale per layer it is 3; with
/// an error in the conversion it is dozens.
const MAX_DIFFERENCE: usize = 5;

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={MODEL}");
    thumbgan_build_support::machine("mps2-an386");
    if let Err(error) = prepare().context(MODEL) {
        println!("cargo::error={error:#}");
    }
}

/// Writes `seed.tflite` and the program's `seed.rs`, which refers to it.
fn prepare() -> Result<()> {
    let file = fs::read(MODEL).context("cannot be read")?;
    let layers = layer::read(&file)?;
    let model = Model::parse(&file)?;
    let mut latent = vec![0; model.latent().len.into()];
    model.latent().distribution.sample(SEED, &mut latent);
    let logits = layers
        .iter()
        .fold(latent.clone(), |values, layer| layer.run(&values));
    let grays = distance(model, &logits)?;
    ensure!(
        grays <= MAX_DIFFERENCE,
        "the layers for MicroFlow differ by {grays} gray levels on average from the model; the maximum is {MAX_DIFFERENCE}"
    );

    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    let path = out.join("seed.tflite");
    fs::write(&path, tflite::model(&layers))
        .with_context(|| format!("cannot write {}", path.display()))?;
    let path = path
        .to_str()
        .with_context(|| format!("{} is not UTF-8", path.display()))?;
    let source = format!(
        "#[microflow::model({path:?})]\n\
         pub struct Seed;\n\
         pub const LATENT: [i8; {}] = {latent:?};\n\
         pub const LOGITS: [i8; {}] = {logits:?};\n\
         pub const SCALE: f32 = {:?};\n",
        latent.len(),
        logits.len(),
        layers
            .last()
            .map_or(1.0, |layer: &Layer| layer.output_scale),
    );
    let path = out.join("seed.rs");
    fs::write(&path, source).with_context(|| format!("cannot write {}", path.display()))
}

/// Returns the mean difference in gray levels of 255 between the pixels of these logits and the model's image.
fn distance(model: Model<'_>, logits: &[i8]) -> Result<usize> {
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch)?;
    let pixels = generator.generate(None, SEED)?.pixels();
    let pairs = logits
        .iter()
        .map(|&logit| sigmoid(logit.into()))
        .zip(pixels);
    let sum: usize = pairs
        .map(|(pixel, &own)| usize::from(pixel.abs_diff(own)))
        .sum();
    Ok(sum.div_ceil(pixels.len()))
}
