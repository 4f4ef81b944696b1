//! Small custom dataset, and the program under test.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses some of it")]

use std::{fs, path::Path};

use assert_cmd::Command;

/// Writes an IDX dataset of 28x28 images into `folder`: vertical bars whose position depends on the label. The 256
/// training and 100 test images are too few for an evaluation, which would take longer than the training.
pub fn write_images(folder: &Path) {
    let image = |(number, label): (usize, &u8)| {
        let left = 3 + usize::from(*label) * 2;
        // Images of one label differ in the gray level of their bar.
        let gray = 255 - (number / 10) as u8;
        (0..784).map(move |place| {
            if (left..left + 4).contains(&(place % 28)) {
                gray
            } else {
                0
            }
        })
    };
    for (set, count) in [("train", 256), ("t10k", 100)] {
        let labels: Vec<u8> = (0..count).map(|n| (n % 10) as u8).collect();
        let pixels: Vec<u8> = labels.iter().enumerate().flat_map(image).collect();
        write_idx(folder, set, &pixels, &labels);
    }
}

/// Returns shape and values of a NumPy file of unsigned bytes.
pub fn array(bytes: &[u8]) -> (Vec<u64>, Vec<u8>) {
    assert_eq!(bytes[..8], *b"\x93NUMPY\x01\0");
    let (header, values) = bytes[10..].split_at(u16::from_le_bytes([bytes[8], bytes[9]]).into());
    let header = str::from_utf8(header).unwrap();
    let start = "{'descr': '|u1', 'fortran_order': False, 'shape': (";
    let shape = header.strip_prefix(start).unwrap();
    let (shape, _) = shape.split_once("), }").unwrap();
    let sides = shape
        .split(',')
        .map(str::trim)
        .filter(|side| !side.is_empty());
    let shape: Vec<u64> = sides.map(|side| side.parse().unwrap()).collect();
    assert_eq!(values.len() as u64, shape.iter().product::<u64>());
    (shape, values.to_vec())
}

/// Writes 28x28 images and labels as the IDX files of a split, `train` or `t10k`, into `folder`.
pub fn write_idx(folder: &Path, split: &str, pixels: &[u8], labels: &[u8]) {
    let count = (labels.len() as u32).to_be_bytes();
    let side = 28_u32.to_be_bytes();
    let images = [&[0, 0, 8, 3], &count[..], &side, &side, pixels].concat();
    let labels = [&[0, 0, 8, 1], &count[..], labels].concat();
    fs::write(folder.join(format!("{split}-images-idx3-ubyte")), images).unwrap();
    fs::write(folder.join(format!("{split}-labels-idx1-ubyte")), labels).unwrap();
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
