//! Passes the machine's memory map to the linker and the path of the model's golden vectors to the programs.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Environment variable with the path of the model, set by the build of `thumbgan-bundled-model`.
const MODEL: &str = "DEP_THUMBGAN_BUNDLED_MODEL_PATH";
/// Environment variable with the path of the golden vectors, without `.crc` and `.px`.
const VECTORS: &str = "THUMBGAN_VECTORS";

fn main() {
    thumbgan_build_support::machine("lm3s6965evb");
    match vectors() {
        Ok(path) => println!("cargo::rustc-env={VECTORS}={}", path.display()),
        Err(error) => println!("cargo::error={error:#}"),
    }
}

/// Returns the path of the model's golden vectors, which have the model's name.
fn vectors() -> Result<PathBuf> {
    let model = PathBuf::from(
        env::var_os(MODEL)
            .context("the build of thumbgan-bundled-model sets the path of the model")?,
    );
    let name = model.file_stem().context("a model has a name")?;
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../core/conformance/tests/golden"
    ))
    .join(name);
    for kind in ["crc", "px"] {
        let file = path.with_added_extension(kind);
        let missing = || {
            format!(
                "{}: no golden vectors of {}",
                file.display(),
                model.display()
            )
        };
        fs::metadata(&file).with_context(missing)?;
    }
    Ok(path)
}
