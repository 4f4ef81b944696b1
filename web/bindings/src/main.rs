//! Writes the bindings of a WebAssembly module: `thumbgan-web-bindings MODULE FOLDER`.
//!
//! It uses the library of the program `wasm-bindgen`. `Cargo.lock` pins this library and the crate `wasm-bindgen`, whose
//! versions must be equal.

use std::{env, path::PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (module, folder) = arguments
        .next()
        .zip(arguments.next())
        .context("usage: thumbgan-web-bindings MODULE FOLDER")?;
    Bindgen::new()
        .input_path(&module)
        .out_name("thumbgan")
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&folder)
        .with_context(|| format!("cannot write the bindings of {}", module.display()))
}
