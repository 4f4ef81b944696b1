//! Committed model files for tests.

use std::{fs, path::Path};

use crate::ModelFile;

/// Reads a file of the folder `models`.
pub fn read(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    fs::read(folder.join(name)).unwrap()
}

/// Returns `digits`.
pub fn digits() -> ModelFile {
    ModelFile::parse(&read("digits.tgan")).unwrap()
}

/// Returns models with and without classes, with and without convolutions.
pub fn committed() -> [ModelFile; 3] {
    ["digits", "digits-nano", "seed"]
        .map(|name| ModelFile::parse(&read(&format!("{name}.tgan"))).unwrap())
}
