//! Small custom dataset, and the program under test.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses some of it")]

use std::{fs, path::Path};

use assert_cmd::Command;

/// Number of images in the small dataset.
const COUNT: usize = 256;

/// Writes an IDX dataset of 28x28 images into `folder`: vertical bars whose position depends on the label.
pub fn write_images(folder: &Path) {
    let labels: Vec<u8> = (0..COUNT).map(|n| (n % 10) as u8).collect();
    let image = |label: &u8| {
        let left = 3 + usize::from(*label) * 2;
        (0..784).map(move |place| {
            if (left..left + 4).contains(&(place % 28)) {
                255
            } else {
                0
            }
        })
    };
    let count = (COUNT as u32).to_be_bytes();
    let side = 28_u32.to_be_bytes();
    let pixels: Vec<u8> = labels.iter().flat_map(image).collect();
    let images = [&[0, 0, 8, 3], &count[..], &side, &side, &pixels].concat();
    let labels = [&[0, 0, 8, 1], &count[..], &labels].concat();
    for set in ["train", "t10k"] {
        fs::write(folder.join(format!("{set}-images-idx3-ubyte")), &images).unwrap();
        fs::write(folder.join(format!("{set}-labels-idx1-ubyte")), &labels).unwrap();
    }
}

/// Returns the program without the environment's `THUMBGAN_DATA`.
pub fn trainer() -> Command {
    let mut command = Command::cargo_bin("trainer").unwrap();
    command.env_remove("THUMBGAN_DATA");
    command
}

/// Returns `trainer train` with the preset `seed`, the images in `data` and the run folder `out`.
pub fn train(data: &Path, out: &Path, iterations: u32) -> Command {
    train_by("seed", data, out, iterations)
}

/// Returns `trainer train` with a preset, the images in `data` and the run folder `out`.
pub fn train_by(preset: &str, data: &Path, out: &Path, iterations: u32) -> Command {
    let mut command = trainer();
    command
        .args(["train", "--preset", preset, "--dataset", "idx", "--data"])
        .arg(data)
        .arg("--out")
        .arg(out);
    command.args(["--iterations", &iterations.to_string()]);
    command
}

/// Returns `trainer data` for the dataset `kind` in `data` with the contact sheet `out`.
pub fn data(kind: &str, data: &Path, out: &Path) -> Command {
    let mut command = trainer();
    command
        .args(["data", "--dataset", kind, "--data"])
        .arg(data)
        .arg("--out")
        .arg(out);
    command
}

/// Returns `trainer train --resume` for a run folder and a total number of iterations.
pub fn resume_to(run: &Path, iterations: &str) -> Command {
    let mut command = trainer();
    command
        .args(["train", "--iterations", iterations, "--resume"])
        .arg(run);
    command
}
