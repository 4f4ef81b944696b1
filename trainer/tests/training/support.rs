//! Model file of a run.

use std::{fs, path::Path};

pub fn model(run: &Path) -> Vec<u8> {
    fs::read(run.join("seed.tgan")).unwrap()
}
