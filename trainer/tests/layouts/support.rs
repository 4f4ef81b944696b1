//! Small datasets, and `trainer data` on them.

use std::{fs, path::Path};

use image::{GrayImage, Luma};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::common::{data, write_images};

/// Writes images with a light square whose position depends on `place`.
pub fn write_squares(folder: &Path, count: u32, place: u32) {
    fs::create_dir_all(folder).unwrap();
    for number in 0..count {
        let square = GrayImage::from_fn(28, 28, |x, y| {
            let inside = (place..place + 9).contains(&x) && (number..number + 9).contains(&y);
            Luma([if inside { 255 } else { 0 }])
        });
        square.save(folder.join(format!("{number}.png"))).unwrap();
    }
}

/// Returns the numbers of training and test images, the class names and the messages.
pub fn read(kind: &str, path: &Path, more: &[&str]) -> (u64, u64, Vec<String>, String) {
    let out = tempdir().unwrap();
    let mut command = data(kind, path, &out.path().join("sheet.png"));
    let output = command.arg("--json").args(more).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let classes = found["classes"].as_array().unwrap().iter();
    let names = classes.map(|class| class["name"].as_str().unwrap().to_owned());
    let number = |name: &str| found[name].as_u64().unwrap();
    (number("train"), number("test"), names.collect(), said)
}

pub fn refused(kind: &str, path: &Path, more: &[&str]) -> String {
    let out = tempdir().unwrap();
    let mut command = data(kind, path, &out.path().join("sheet.png"));
    let output = command.args(more).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

pub fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
}

/// Returns an IDX file.
pub fn idx(code: u8, shape: &[u32], items: &[u8]) -> Vec<u8> {
    let sides = shape.iter().flat_map(|side| side.to_be_bytes());
    let head = [0, 0, code, shape.len() as u8].into_iter().chain(sides);
    head.chain(items.iter().copied()).collect()
}

/// Returns the small dataset in a folder of its own.
pub fn images() -> TempDir {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    folder
}
