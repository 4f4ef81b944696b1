//! Hands the linker the memory map of the machine to run on, and the program the golden vectors of its model.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// QEMU's name of the machine; `golden/memory/` has a map for each.
const MACHINE: &str = "THUMBGAN_MACHINE";
/// The path of the model that the program carries, from the build of `thumbgan-model`.
const MODEL: &str = "DEP_THUMBGAN_MODEL_PATH";
/// The path of its golden vectors, less `.crc` and `.px`.
const VECTORS: &str = "THUMBGAN_VECTORS";

fn main() {
    println!("cargo::rerun-if-env-changed={MACHINE}");
    println!("cargo::rerun-if-changed=memory");
    match memory_map() {
        Ok(folder) => println!("cargo::rustc-link-search={}", folder.display()),
        Err(error) => println!("cargo::error={error:#}"),
    }
    match vectors() {
        Ok(path) => println!("cargo::rustc-env={VECTORS}={}", path.display()),
        Err(error) => println!("cargo::error={error:#}"),
    }
    println!("cargo::rustc-link-arg-bins=--nmagic");
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
}

/// The folder in which the linker finds the machine's map as `memory.x`.
fn memory_map() -> Result<PathBuf> {
    let machine = env::var(MACHINE).unwrap_or_else(|_| "lm3s6965evb".into());
    let folder = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    fs::copy(format!("memory/{machine}.x"), folder.join("memory.x"))
        .with_context(|| format!("{MACHINE}={machine}: golden/memory/ has no map of this machine"))?;
    Ok(folder)
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
