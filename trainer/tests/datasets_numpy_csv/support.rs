//! Images, and `trainer data` on files of them.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::tempdir;

use crate::common::data;

/// Number of training images; there are half as many test images.
pub const COUNT: usize = 40;

/// Returns `count` images with a bar whose position depends on the label, and their labels, 1 to 4.
pub fn bars(count: usize) -> (Vec<u8>, Vec<u8>) {
    let labels: Vec<u8> = (0..count).map(|n| (n % 4 + 1) as u8).collect();
    let image = |(n, &label): (usize, &u8)| {
        let left = usize::from(label) * 5;
        (0..784).map(move |place| match place % 28 {
            column if (left..left + 4).contains(&column) => 255 - (n + place / 28) as u8,
            _ => 0,
        })
    };
    let pixels = labels.iter().enumerate().flat_map(image).collect();
    (pixels, labels)
}

pub fn write(folder: &Path, files: &[(&str, Vec<u8>)]) {
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Returns the JSON of a dataset, the contact sheet and the messages.
pub fn read(kind: &str, path: &Path, more: &[&str]) -> (Value, Vec<u8>, String) {
    let out = tempdir().unwrap();
    let sheet = out.path().join("sheet.png");
    let output = data(kind, path, &sheet)
        .arg("--json")
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let mut found: Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in ["dataset", "sheet"] {
        found.as_object_mut().unwrap().remove(key);
    }
    (found, fs::read(sheet).unwrap(), said)
}

/// Asserts that a dataset is rejected with one line that contains all `parts`.
pub fn assert_rejected(kind: &str, path: &Path, parts: &[&str]) {
    let out = tempdir().unwrap();
    let output = data(kind, path, &out.path().join("sheet.png"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    for part in parts {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
}

/// Returns [`read`] for the images in IDX files.
pub fn expected(with_test: bool, more: &[&str]) -> (Value, Vec<u8>) {
    let folder = tempdir().unwrap();
    let mut splits = vec![("train", COUNT)];
    splits.extend(with_test.then_some(("t10k", COUNT / 2)));
    for (split, count) in splits {
        let (pixels, labels) = bars(count);
        let size = (count as u32).to_be_bytes();
        let sides = [0, 0, 0, 28, 0, 0, 0, 28];
        let images = [&[0, 0, 8, 3], &size[..], &sides, &pixels].concat();
        let labels = [&[0, 0, 8, 1], &size[..], &labels].concat();
        write(
            folder.path(),
            &[
                (&format!("{split}-images-idx3-ubyte"), images),
                (&format!("{split}-labels-idx1-ubyte"), labels),
            ],
        );
    }
    let (found, sheet, _) = read("idx", folder.path(), more);
    (found, sheet)
}

/// Returns a NumPy array.
pub fn npy(descr: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    npy_with_header(
        &format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"),
        elements,
    )
}

pub fn npy_with_header(header: &str, elements: &[u8]) -> Vec<u8> {
    let header = format!("{header}\n");
    let length = (header.len() as u16).to_le_bytes();
    [
        b"\x93NUMPY\x01\x00",
        &length[..],
        header.as_bytes(),
        elements,
    ]
    .concat()
}
