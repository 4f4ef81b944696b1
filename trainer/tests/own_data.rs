//! Custom datasets: folders of images, and IDX files of any name with and without labels.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{data, train, train_by, trainer, write_images};
use image::{GrayImage, Luma, Rgba, RgbaImage};
use predicates::{prelude::*, str::contains};
use serde_json::{Value, json};
use tempfile::tempdir;
use thumbgan_core::Model;

/// Writes dark drawings on a light background, 40x20: a vertical bar for "bar", a block at the top for "roof".
fn write_drawings(root: &Path) {
    for (class, end) in [("bar", "png"), ("roof", "jpg")] {
        let folder = root.join(class);
        fs::create_dir_all(&folder).unwrap();
        for number in 0..40 {
            let image = GrayImage::from_fn(40, 20, |x, y| {
                let ink = if class == "bar" {
                    (18..22).contains(&x)
                } else {
                    y < 5
                };
                Luma([if ink { 0 } else { 255 }])
            });
            image
                .save(folder.join(format!("{number:02}.{end}")))
                .unwrap();
        }
        fs::write(folder.join("notes.txt"), "not an image").unwrap();
    }
}

/// Returns the gray level at a position in the image at `column` and `row` of a contact sheet.
fn gray(sheet: &Path, (column, row): (u32, u32), (x, y): (u32, u32)) -> u8 {
    let sheet = image::open(sheet).unwrap().into_luma8();
    sheet.get_pixel(column * 30 + 2 + x, row * 30 + 2 + y).0[0]
}

#[test]
fn a_folder_of_images_for_each_class_is_scaled_and_inverted_on_request() {
    let folder = tempdir().unwrap();
    let drawings = folder.path().join("drawings");
    write_drawings(&drawings);
    let sheet = folder.path().join("sheet.png");
    let output = data("images", &drawings, &sheet).assert().failure();
    output.stderr(contains("00.png has 40x20 pixels").and(contains("--resize")));
    let output = data("images", &drawings, &sheet)
        .arg("--resize")
        .assert()
        .success();
    output
        .stderr(contains("--invert"))
        .stdout(contains("as of dark drawings on a light background"))
        .stdout(contains("      36       4  bar\n").and(contains("      36       4  roof\n")));
    let mut command = data("images", &drawings, &sheet);
    let output = command.args(["--resize", "--invert"]).assert().success();
    output
        .stderr(contains("notes.txt").and(contains("--invert").not()))
        .stdout(contains(
            "72 training images, 8 test images, of 40x20 pixels",
        ));
    // 40x20 becomes 28x14 with seven dark rows above and below.
    assert!(gray(&sheet, (0, 0), (14, 14)) > 200, "the bar is ink");
    assert!(gray(&sheet, (15, 0), (3, 14)) < 50, "beside it is paper");
    assert_eq!(gray(&sheet, (0, 0), (14, 3)), 0, "margins are paper");
    assert!(gray(&sheet, (2, 1), (3, 8)) > 200, "the roof is ink");
    assert!(gray(&sheet, (2, 1), (3, 18)) < 50, "below it is paper");
}

#[test]
fn a_run_on_custom_images_has_their_classes_and_resumes() {
    let folder = tempdir().unwrap();
    let drawings = folder.path().join("drawings");
    write_drawings(&drawings);
    let run = folder.path().join("run");
    let train = |iterations: &str, more: &[&str]| {
        let mut command = trainer();
        command
            .args([
                "train",
                "--preset",
                "digits-nano",
                "--iterations",
                iterations,
            ])
            .args(more);
        command
    };
    let mut first = train(
        "20",
        &["--dataset=images", "--resize", "--invert", "--data"],
    );
    first
        .arg(&drawings)
        .arg("--out")
        .arg(&run)
        .assert()
        .success();
    let bytes = fs::read(run.join("digits-nano.tgan")).unwrap();
    let model = Model::parse(&bytes).unwrap();
    assert_eq!(
        (model.class_count(), model.provenance().dataset),
        (2, "images")
    );
    let report = fs::read_to_string(run.join("report.html")).unwrap();
    for words in [
        "bar, roof",
        "resized, inverted",
        "the test set has 8 images; the evaluation needs at least 129",
    ] {
        assert!(report.contains(words), "the report lacks {words}");
    }
    assert!(
        gray(&run.join("data.png"), (0, 0), (14, 14)) > 200,
        "the contact sheet is in the run's folder"
    );
    let mut resume = trainer();
    resume
        .args(["train", "--iterations", "30", "--resume"])
        .arg(&run);
    // The data of other runs has no effect on this one.
    resume.env("THUMBGAN_DATA", folder.path().join("nowhere"));
    resume
        .assert()
        .success()
        .stdout(contains("at iteration 20"));
    let bytes = fs::read(run.join("digits-nano.tgan")).unwrap();
    assert_eq!(Model::parse(&bytes).unwrap().provenance().iterations, 30);
    fs::rename(&drawings, folder.path().join("moved")).unwrap();
    resume.assert().failure().stderr(
        contains("error: cannot read the dataset of the run: cannot read")
            .and(contains("pass its location with --data")),
    );
    let mut inspect = trainer();
    inspect.arg("inspect").arg(run.join("digits-nano.tgan"));
    inspect.assert().success().stdout(contains("bar, roof"));
    let told: Value =
        serde_json::from_slice(&inspect.arg("--json").output().unwrap().stdout).unwrap();
    assert_eq!(told["class_names"], json!(["bar", "roof"]));
}

#[test]
fn invalid_image_folders_are_errors() {
    let folder = tempdir().unwrap();
    let sheet = folder.path().join("sheet.png");
    fs::create_dir_all(folder.path().join("set/empty")).unwrap();
    let output = data("images", &folder.path().join("set"), &sheet)
        .assert()
        .failure();
    output.stderr(contains("empty contains no PNG or JPEG images"));
    let png = folder.path().join("set/empty/a.png");
    fs::write(&png, "no PNG").unwrap();
    let output = data("images", &folder.path().join("set"), &sheet)
        .assert()
        .failure();
    output.stderr(
        contains("empty contains no PNG or JPEG images").and(contains("1 other file (a text file")),
    );
    fs::write(&png, b"\x89PNG\r\n\x1a\n and no more").unwrap();
    let output = data("images", &folder.path().join("set"), &sheet)
        .assert()
        .failure();
    output.stderr(contains("a.png cannot be read as an image"));
    let mut command = trainer();
    let output = command
        .args(["data", "--dataset", "images"])
        .assert()
        .failure();
    output.stderr(contains(
        "--dataset images needs the location of the images",
    ));
    assert!(!sheet.exists());
}

#[test]
fn unusual_files_in_an_image_folder_are_read_or_reported() {
    let folder = tempdir().unwrap();
    let drawings = folder.path().join("drawings");
    write_drawings(&drawings);
    let sheet = folder.path().join("sheet.png");
    for copy in ["roof/named-wrongly.jpg", "loose.png"] {
        fs::copy(drawings.join("bar/00.png"), drawings.join(copy)).unwrap();
    }
    let mut command = data("images", &drawings, &sheet);
    let output = command.args(["--resize", "--invert"]).assert().success();
    output
        .stdout(contains("      37       4  roof\n"))
        .stderr(contains("loose.png").and(contains("beside the class folders; move it")));
    let output = data("auto", &drawings, &sheet).assert().failure();
    output.stderr(contains("drawings is not MNIST; pass --dataset images"));
}

#[test]
fn too_few_images_for_a_batch_are_an_error_with_a_remedy() {
    let (folder, out) = (tempdir().unwrap(), tempdir().unwrap());
    GrayImage::new(28, 28)
        .save(folder.path().join("one.png"))
        .unwrap();
    let mut command = trainer();
    command
        .args(["train", "--dataset", "images", "--data"])
        .arg(folder.path());
    let output = command
        .arg("--out")
        .arg(out.path().join("run"))
        .assert()
        .failure();
    output.stderr(contains("1 training image,").and(contains("pass --batch")));
}

#[test]
fn transparent_images_are_composited_on_white() {
    let folder = tempdir().unwrap();
    let ink = |x, y| Rgba([0, 0, 0, if x == y { 255 } else { 0 }]);
    RgbaImage::from_fn(28, 28, ink)
        .save(folder.path().join("stroke.png"))
        .unwrap();
    let out = tempdir().unwrap();
    let sheet = out.path().join("sheet.png");
    let output = data("images", folder.path(), &sheet)
        .arg("--invert")
        .assert()
        .success();
    output.stdout(contains("fewer than two classes"));
    assert_eq!(
        (gray(&sheet, (0, 0), (5, 5)), gray(&sheet, (0, 0), (5, 6))),
        (255, 0)
    );
}

/// Writes the small dataset with the file names of EMNIST and labels from 1, and removes some of the files.
fn write_letters(folder: &Path, without: &[&str]) -> PathBuf {
    write_images(folder);
    for (set, ours) in [("train", "train"), ("test", "t10k")] {
        for (what, kind) in [("images", "idx3"), ("labels", "idx1")] {
            let file = folder.join(format!("{ours}-{what}-{kind}-ubyte"));
            let mut bytes = fs::read(&file).unwrap();
            fs::remove_file(&file).unwrap();
            if what == "labels" {
                bytes[8..].iter_mut().for_each(|label| *label += 1);
            }
            if !without.contains(&format!("{set}-{what}").as_str()) {
                fs::write(
                    folder.join(format!("emnist-letters-{set}-{what}-{kind}-ubyte")),
                    bytes,
                )
                .unwrap();
            }
        }
    }
    folder.join("emnist-letters-train-images-idx3-ubyte")
}

#[test]
fn an_idx_set_may_have_any_labels_and_names() {
    let folder = tempdir().unwrap();
    let file = write_letters(folder.path(), &[]);
    // AppleDouble files of macOS and folders are not datasets.
    fs::write(
        folder
            .path()
            .join("._emnist-letters-train-images-idx3-ubyte"),
        "",
    )
    .unwrap();
    fs::create_dir(folder.path().join("old-train-images-idx3-ubyte")).unwrap();
    let sheet = folder.path().join("sheet.png");
    for path in [folder.path(), &file] {
        let output = data("idx", path, &sheet).assert().success();
        output.stdout(
            contains("256 training images, 100 test images, of 28x28 pixels")
                .and(contains("  10\n")),
        );
    }
    // Transposed, the vertical bars are horizontal: class 0 is a bar at columns 3 to 6.
    assert_eq!(
        (gray(&sheet, (0, 0), (4, 20)), gray(&sheet, (0, 0), (20, 4))),
        (255, 0)
    );
    let mut command = data("idx", &file, &sheet);
    command.args(["--transpose", "--class-names", "A,B,C,D,E,F,G,H,I,J"]);
    command
        .assert()
        .success()
        .stdout(contains("      25      10  J\n"));
    assert_eq!(
        (gray(&sheet, (0, 0), (4, 20)), gray(&sheet, (0, 0), (20, 4))),
        (0, 255)
    );
    let output = data("idx", &file, &sheet).arg("--json").output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["train"], &told["bright"]),
        (&256.into(), &false.into())
    );
    assert_eq!(
        told["classes"][9],
        json!({ "name": "10", "images": 25, "test_images": 10 })
    );
    let output = data("idx", &file, &sheet)
        .args(["--class-names", "A,B"])
        .assert()
        .failure();
    output.stderr(contains("has 2 names, but the dataset idx has 10 classes"));
    let broken = data("idx", &file, &sheet)
        .args(["--class-names", "A\nB,C,D,E,F,G,H,I,J,K"])
        .assert()
        .failure();
    broken.stderr(contains("one name per class").and(contains("--class-names")));
}

#[test]
fn unconditional_models_train_on_data_with_named_classes() {
    let folder = tempdir().unwrap();
    write_letters(folder.path(), &[]);
    let letters = folder.path().join("letters");
    train(folder.path(), &letters, 4).assert().success();
    // All labels are equal: the dataset has one class, named 5.
    for split in ["train", "test"] {
        let name = format!("emnist-letters-{split}-labels-idx1-ubyte");
        let labels = folder.path().join(name);
        let mut bytes = fs::read(&labels).unwrap();
        bytes[8..].fill(5);
        fs::write(&labels, bytes).unwrap();
    }
    let fives = folder.path().join("fives");
    train_by("digits-nano", folder.path(), &fives, 4)
        .assert()
        .success();
    for file in [letters.join("seed.tgan"), fives.join("digits-nano.tgan")] {
        let bytes = fs::read(file).unwrap();
        let model = Model::parse(&bytes).unwrap();
        assert_eq!((model.class_count(), model.class_names().count()), (0, 0));
    }
}

#[test]
fn labels_and_test_images_are_optional_together() {
    let sheet_of = |without: &[&str]| {
        let folder = tempdir().unwrap();
        let file = write_letters(folder.path(), without);
        let mut command = data("idx", &file, &folder.path().join("sheet.png"));
        command.arg("--transpose").assert()
    };
    sheet_of(&["train-labels", "test-labels"])
        .success()
        .stdout(contains("fewer than two classes"))
        .stderr(predicates::str::is_empty());
    let only_train = sheet_of(&["test-images", "test-labels"]).success();
    only_train.stdout(contains("236 training images, 20 test images"));
    let half = sheet_of(&["test-labels"]).failure();
    half.stderr(
        contains("no emnist-letters-test-labels-idx1-ubyte or").and(contains("or of neither")),
    );
}

#[test]
fn labels_are_found_by_name_and_their_absence_is_reported() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let [images, labels, misnamed] = ["digits.idx3-ubyte", "digits.idx1-ubyte", "my-labels"]
        .map(|name| folder.path().join(name));
    fs::rename(folder.path().join("train-images-idx3-ubyte"), &images).unwrap();
    fs::rename(folder.path().join("train-labels-idx1-ubyte"), &labels).unwrap();
    fs::remove_file(folder.path().join("t10k-images-idx3-ubyte")).unwrap();
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte")).unwrap();
    let sheet = folder.path().join("sheet.png");
    let output = data("idx", &images, &sheet).assert().success();
    output
        .stdout(contains("  9\n"))
        .stderr(predicates::str::is_empty());
    fs::rename(&labels, &misnamed).unwrap();
    let refused = |message: &str| {
        let output = data("idx", &images, &sheet).assert().failure();
        output.stderr(
            contains("has no labels, which would be in digits.idx1-ubyte")
                .and(contains(message))
                .and(contains("--unlabeled")),
        );
    };
    refused(
        "my-labels is an IDX file of unsigned bytes [256]; if it contains the labels, rename it",
    );
    fs::rename(&misnamed, folder.path().join("other")).unwrap();
    fs::write(&misnamed, "name,label\na,5\n").unwrap();
    refused("my-labels is a table in text form (CSV); convert it to an IDX file");
    fs::remove_file(&misnamed).unwrap();
    fs::create_dir(&misnamed).unwrap();
    refused("my-labels is a folder; leave only the file of the labels in it");
    let output = data("idx", &images, &sheet)
        .arg("--unlabeled")
        .assert()
        .success();
    output
        .stdout(contains("fewer than two classes"))
        .stderr(predicates::str::is_empty());
    for path in [folder.path(), &images] {
        let output = data("auto", path, &sheet).assert().failure();
        output.stderr(contains("--dataset idx for a custom dataset"));
    }
}
