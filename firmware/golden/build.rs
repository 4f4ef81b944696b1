//! Hands the linker the memory map of the machine to run on, and the program the golden vectors of its model.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The path of the model that the program carries, from the build of `thumbgan-model`.
const MODEL: &str = "DEP_THUMBGAN_MODEL_PATH";
/// The path of its golden vectors, less `.crc` and `.px`.
const VECTORS: &str = "THUMBGAN_VECTORS";

fn main() {
    thumbgan_build::machine("memory", "lm3s6965evb");
    match vectors() {
        Ok(path) => println!("cargo::rustc-env={VECTORS}={}", path.display()),
        Err(error) => println!("cargo::error={error:#}"),
    }
}

/// Where the golden vectors of the model lie: named as it is.
fn vectors() -> Result<PathBuf> {
    let model = PathBuf::from(env::var_os(MODEL).context("thumbgan-model names its model")?);
    let name = model.file_stem().context("a model has a name")?;
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../core/tests/golden")).join(name);
    for kind in ["crc", "px"] {
        let file = path.with_added_extension(kind);
        let missing = || format!("{}: no golden vectors of {}", file.display(), model.display());
        fs::metadata(&file).with_context(missing)?;
    }
    Ok(path)
}
