//! Hands the linker the memory map of the machine to run on.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result};

/// QEMU's name of the machine; `golden/memory/` has a map for each.
const MACHINE: &str = "THUMBGAN_MACHINE";

fn main() {
    println!("cargo::rerun-if-env-changed={MACHINE}");
    println!("cargo::rerun-if-changed=memory");
    match memory_map() {
        Ok(folder) => println!("cargo::rustc-link-search={}", folder.display()),
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
