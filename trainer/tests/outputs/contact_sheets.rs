//! Contact sheets of `trainer data`.

use std::{fs, path::Path};

use assert_cmd::assert::Assert;
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;

use crate::{
    common::{trainer, write_images},
    support::names,
};

/// Writes two class folders with two images each.
fn write_drawings(folder: &Path) {
    for class in ["a", "b"] {
        fs::create_dir_all(folder.join(class)).unwrap();
        for number in 0..2 {
            let image = image::GrayImage::from_fn(28, 28, |x, _| [255 * u8::from(x > 9)].into());
            image
                .save(folder.join(class).join(format!("{number}.png")))
                .unwrap();
        }
    }
}

fn data(current: &Path, words: &[&str]) -> Assert {
    let mut command = trainer();
    command.arg("data").args(words).current_dir(current);
    command.assert()
}

#[test]
fn a_contact_sheet_is_not_written_into_the_images() {
    let folder = tempdir().unwrap();
    let drawings = folder.path().join("drawings");
    write_drawings(&drawings);
    let refused = |current: &Path, words: &[&str]| {
        data(current, &[&["--dataset", "images"], words].concat())
            .code(1)
            .stderr(contains("would be read with them").and(contains("--out")));
    };
    refused(&drawings, &["--data", "."]);
    refused(&drawings, &["--data", ".", "--force"]);
    refused(&drawings.join("a"), &["--data", "../../drawings"]);
    refused(
        folder.path(),
        &["--data", "drawings", "--out", "drawings/b/x.png"],
    );
    #[cfg(unix)]
    {
        let linked = folder.path().join("linked");
        fs::create_dir_all(&linked).unwrap();
        for class in ["a", "b"] {
            std::os::unix::fs::symlink(drawings.join(class), linked.join(class)).unwrap();
        }
        refused(
            folder.path(),
            &["--data", "linked", "--out", "drawings/a/x.png"],
        );
        refused(
            folder.path(),
            &["--data", "linked/..", "--out", "linked/x.png"],
        );
    }
    assert_eq!(names(&drawings), ["a", "b"]);
    assert_eq!(names(&drawings.join("b")), ["0.png", "1.png"]);
    // The remedy of the message works, and works again.
    for _ in 0..2 {
        data(
            &drawings,
            &[
                "--dataset",
                "images",
                "--data",
                ".",
                "--out",
                "../sheet.png",
            ],
        )
        .success();
    }
}

#[test]
fn a_contact_sheet_replaces_only_a_contact_sheet() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let sheet = folder.path().join("data.png");
    fs::write(&sheet, "my only copy").unwrap();
    let words = ["--dataset", "idx", "--data", "."];
    data(folder.path(), &words)
        .code(1)
        .stderr(contains("data.png exists and is not a contact sheet").and(contains("--force")));
    assert_eq!(fs::read(&sheet).unwrap(), b"my only copy");
    data(folder.path(), &[&words[..], &["--force"]].concat())
        .success()
        .stdout(contains("256 training images, 100 test images"));
    data(folder.path(), &words).success();
    // The output is checked before the dataset is read.
    data(
        folder.path(),
        &["--dataset", "idx", "--data", "none", "--out", "x.jpg"],
    )
    .code(1)
    .stderr(contains("x.jpg: the output is a PNG image").and(contains(".png")));
    data(
        folder.path(),
        &["--dataset", "idx", "--data", ".", "--out", "new/x.png"],
    )
    .success();
    assert!(folder.path().join("new/x.png").exists());
    assert!(
        !names(folder.path())
            .iter()
            .any(|name| name.starts_with('.'))
    );
}
