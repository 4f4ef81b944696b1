//! Locates the model file that the firmware carries and rejects an invalid or oversized one.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use thumbgan_app::SCRATCH_LEN;
use thumbgan_core::{Generator, Model};

/// Environment variable with the absolute path of the model.
const MODEL: &str = "THUMBGAN_MODEL";
/// Environment variable with the scratch memory that the model needs, in 32-bit words.
const SCRATCH: &str = "THUMBGAN_MODEL_SCRATCH";
/// Environment variable that skips the validation if it is 1, for the test of the error screen.
const UNCHECKED: &str = "THUMBGAN_UNCHECKED";

fn main() {
    println!("cargo::rerun-if-env-changed={MODEL}");
    println!("cargo::rerun-if-env-changed={UNCHECKED}");
    match model() {
        Ok((path, scratch_len)) => {
            println!("cargo::rustc-env={MODEL}={}", path.display());
            println!("cargo::rustc-env={SCRATCH}={scratch_len}");
            println!("cargo::metadata=path={}", path.display());
        }
        Err(error) => println!("cargo::error={error:#}"),
    }
}

/// Returns the path of the model and, after its validation, the scratch memory that it needs; that of the firmware if the
/// validation is skipped.
fn model() -> Result<(PathBuf, usize)> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/digits.tgan");
    let given = env::var(MODEL).unwrap_or_else(|_| default.into());
    let path = Path::new(&given).canonicalize().with_context(|| {
        format!("{given}: cannot be opened; set {MODEL} to the absolute path of a model file")
    })?;
    println!("cargo::rerun-if-changed={}", path.display());
    let bytes = fs::read(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
    if env::var(UNCHECKED).as_deref() == Ok("1") {
        return Ok((path, SCRATCH_LEN));
    }
    let model = Model::parse(&bytes)
        .with_context(|| format!("{}: invalid model; copy or train it again", path.display()))?;
    let scratch_len = model.scratch_len();
    Generator::new(model, &mut vec![0; SCRATCH_LEN])
        .with_context(|| format!("{}: too large for the firmware", path.display()))?;
    Ok((path, scratch_len))
}
