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

/// Returns shape and values of a NumPy file of unsigned bytes.
pub fn array(bytes: &[u8]) -> (Vec<u64>, Vec<u8>) {
    assert_eq!(bytes[..8], *b"\x93NUMPY\x01\0");
    let (header, values) = bytes[10..].split_at(u16::from_le_bytes([bytes[8], bytes[9]]).into());
    let header = str::from_utf8(header).unwrap();
    let start = "{'descr': '|u1', 'fortran_order': False, 'shape': (";
    let shape = header.strip_prefix(start).unwrap();
    let (shape, _) = shape.split_once("), }").unwrap();
    let sides = shape.split(',').map(str::trim).filter(|side| !side.is_empty());
    let shape: Vec<u64> = sides.map(|side| side.parse().unwrap()).collect();
    assert_eq!(values.len() as u64, shape.iter().product::<u64>());
    (shape, values.to_vec())
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
