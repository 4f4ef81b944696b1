//! Finds the model file that the firmware is to carry and refuses a bad one.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use thumbgan_core::{Fitting, Model, SCRATCH};

/// The model's path, absolute.
const MODEL: &str = "THUMBGAN_MODEL";
/// Set to 1 to carry even a broken model, as the test of the device's error screen does.
const UNCHECKED: &str = "THUMBGAN_UNCHECKED";

fn main() {
    println!("cargo::rerun-if-env-changed={MODEL}");
    println!("cargo::rerun-if-env-changed={UNCHECKED}");
    match model() {
        Ok(path) => {
            println!("cargo::rustc-env={MODEL}={}", path.display());
            println!("cargo::metadata=path={}", path.display());
        }
        Err(error) => println!("cargo::error={error:#}"),
    }
}

/// The file to carry: there, sound unless it need not be, and small enough for the firmware's scratch.
fn model() -> Result<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/digits.tgan");
    let given = env::var(MODEL).unwrap_or_else(|_| default.into());
    let path = Path::new(&given)
        .canonicalize()
        .with_context(|| format!("{given}: no such model; set {MODEL} to a model file's absolute path"))?;
    println!("cargo::rerun-if-changed={}", path.display());
    let bytes = fs::read(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
    if env::var(UNCHECKED).as_deref() != Ok("1") {
        let model = Model::parse(&bytes)
            .with_context(|| format!("{}: not a sound model, train or copy it again", path.display()))?;
        Fitting::<SCRATCH>::new(model)
            .with_context(|| format!("{}: too large for the firmware", path.display()))?;
    }
    Ok(path)
}
