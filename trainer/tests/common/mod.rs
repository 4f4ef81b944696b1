//! A small data set of one's own and the program to try it with.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses some of it")]

use std::{fs, path::Path};

use assert_cmd::Command;

/// Images in the small data set.
const COUNT: usize = 256;

/// Writes an IDX set of 28x28 images, bars at places that their labels decide, into `folder`.
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

/// The program, deaf to the environment's data.
pub fn trainer() -> Command {
    let mut command = Command::cargo_bin("trainer").unwrap();
    command.env_remove("THUMBGAN_DATA");
    command
}

/// `trainer train` by the preset `seed` on the images in `data`, into `out`.
pub fn train(data: &Path, out: &Path, iterations: u32) -> Command {
    train_by("seed", data, out, iterations)
}

/// `trainer train` by a preset on the images in `data`, into `out`.
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
