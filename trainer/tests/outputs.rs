//! Output files of the commands: names, formats, and files of others that are not replaced.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[cfg(unix)]
#[path = "common/terminal.rs"]
#[allow(dead_code, reason = "each test file uses some of it")]
mod terminal;

use std::{
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::{Command, assert::Assert};
use common::{array, trainer, write_images};
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;
use thumbgan_core::{Model, model::encode};

fn model(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
}

/// Returns `trainer sample` with a model and the output `out`.
fn sample(model: &Path, out: &Path) -> Command {
    let mut command = trainer();
    command.args(["sample", "--model"]).arg(model);
    command.arg("--out").arg(out);
    command
}

fn nano(out: &Path, words: &[&str]) -> Assert {
    sample(&model("digits-nano.tgan"), out).args(words).assert()
}

fn array_at(path: &Path) -> (Vec<u64>, Vec<u8>) {
    array(&fs::read(path).unwrap())
}

/// Returns the sorted names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn labels_are_named_after_their_array() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    nano(&at("a.npy"), &["--count", "4"])
        .success()
        .stdout(contains("a.npy: 4 images").and(contains("a-labels.npy")));
    nano(&at("b.npy"), &["--count", "3", "--seed", "18"]).success();
    nano(&at("labels.npy"), &["--count", "1"])
        .success()
        .stdout(contains("labels.npy: 1 image of"));
    assert_eq!(array_at(&at("a-labels.npy")), (vec![4], vec![0, 1, 2, 3]));
    assert_eq!(array_at(&at("b-labels.npy")), (vec![3], vec![8, 9, 0]));
    assert_eq!(array_at(&at("a.npy")).0, [4, 28, 28]);
    assert_eq!(array_at(&at("labels.npy")).0, [1, 28, 28]);
    assert_eq!(array_at(&at("labels-labels.npy")).0, [1]);
    assert_eq!(names(folder.path()).len(), 6);
}

#[test]
fn existing_arrays_are_replaced_only_by_force() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    nano(&at("a.npy"), &["--count", "2"]).success();
    let before = fs::read(at("a.npy")).unwrap();
    nano(&at("a.npy"), &["--count", "2", "--seed", "5"])
        .code(1)
        .stderr(contains("a.npy exists").and(contains("--force")));
    assert_eq!(fs::read(at("a.npy")).unwrap(), before);
    fs::write(at("b-labels.npy"), "mine").unwrap();
    nano(&at("b.npy"), &["--count", "2"])
        .code(1)
        .stderr(contains("b-labels.npy exists"));
    assert_eq!(
        names(folder.path()),
        ["a-labels.npy", "a.npy", "b-labels.npy"]
    );
    nano(&at("a.npy"), &["--count", "2", "--seed", "5", "--force"]).success();
    assert_ne!(fs::read(at("a.npy")).unwrap(), before);
}

#[test]
fn an_array_that_appears_in_the_meantime_stays() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("trainer"));
    command
        .args(["sample", "--count", "40000", "--out", "a.npy", "--model"])
        .arg(model("digits-nano.tgan"))
        .current_dir(folder.path())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    while names(folder.path()).is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    fs::write(&path, "mine").unwrap();
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("a.npy exists; choose another file"),
        "{message}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(names(folder.path()), ["a.npy"]);
}

#[test]
fn the_ending_decides_the_format_of_samples() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["new/x.csv", "new/x.npz", "new/x", "new/x.jpg"] {
        nano(&at(name), &[])
            .code(1)
            .stderr(contains(".npy").and(contains(".png")));
    }
    nano(&at("new/x.png"), &["--count", "10001"])
        .code(1)
        .stderr(contains("at most 10000 images").and(contains(".npy")));
    assert!(names(folder.path()).is_empty(), "nothing is made");
    nano(&at("x.npy"), &["--count", "25"]).success();
    nano(&at("x.png"), &["--count", "25"]).success();
    nano(&at("Y.PNG"), &["--count", "9", "--class", "3"]).success();
    assert_eq!(
        names(folder.path()),
        ["Y.PNG", "x-labels.npy", "x.npy", "x.png"]
    );
    let grid = image::open(at("x.png")).unwrap().into_luma8();
    assert_eq!(
        grid.dimensions(),
        (10 * 30 + 2, 3 * 30 + 2),
        "a column for each class"
    );
    let (_, pixels) = array_at(&at("x.npy"));
    for (index, image) in pixels.chunks_exact(784).enumerate() {
        let (left, top) = (index % 10 * 30 + 2, index / 10 * 30 + 2);
        for (place, gray) in image.iter().enumerate() {
            let (x, y) = (left + place % 28, top + place / 28);
            assert_eq!(grid.get_pixel(x as u32, y as u32).0, [*gray]);
        }
    }
    let square = image::open(at("Y.PNG")).unwrap();
    assert_eq!((square.width(), square.height()), (92, 92));
}

#[test]
fn a_grid_replaces_only_a_grid() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let at = |name: &str| folder.path().join(name);
    nano(&at("x.png"), &["--count", "5"]).success();
    nano(&at("x.png"), &["--count", "10"]).success();
    let mut data = trainer();
    data.args(["data", "--dataset", "idx", "--data"])
        .arg(folder.path())
        .arg("--out");
    data.arg(at("sheet.png")).assert().success();
    let before = fs::read(at("sheet.png")).unwrap();
    nano(&at("sheet.png"), &[])
        .code(1)
        .stderr(contains("sheet.png exists and is not a sample grid").and(contains("--force")));
    assert_eq!(fs::read(at("sheet.png")).unwrap(), before);
    nano(&at("sheet.png"), &["--force"]).success();
    data.assert()
        .code(1)
        .stderr(contains("is not a contact sheet"));
}

#[test]
fn a_dash_is_standard_output() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("x.npy");
    nano(&file, &["--count", "7", "--seed", "3"]).success();
    let output = nano(Path::new("-"), &["--count", "7", "--seed", "3"]).success();
    assert_eq!(output.get_output().stdout, fs::read(&file).unwrap());
    output.stderr(contains("the labels are not written").and(contains("(i + 3) modulo 10")));
    assert!(!Path::new("-").exists());
}

#[test]
#[cfg(unix)]
fn a_reader_may_close_standard_output_early() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("trainer"));
    command
        .args(["sample", "--count", "20", "--out", "-", "--model"])
        .arg(model("digits-nano.tgan"))
        .stdout(writer);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_standard_output_is_an_error() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("trainer"));
    command
        .args(["sample", "--out", "-", "--model"])
        .arg(model("digits-nano.tgan"))
        .stdout(full);
    let output = command.output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("error: cannot write to standard output: "),
        "{message}"
    );
}

#[test]
#[cfg(unix)]
fn a_terminal_shows_progress_and_gets_no_array() {
    let folder = tempdir().unwrap();
    let model = model("digits-nano.tgan");
    let sample = |words: &[&str]| {
        let words = [&["sample", "--model", model.to_str().unwrap()], words].concat();
        terminal::Terminal::start(folder.path(), &words, "xterm", &[])
    };
    let mut refused = sample(&["--out", "-"]);
    assert_eq!(refused.end(), 1);
    assert!(
        refused.text().contains("redirect standard output"),
        "{}",
        refused.text()
    );
    let mut shown = sample(&["--count", "20000"]);
    assert_eq!(shown.end(), 0);
    assert!(
        shown.text().contains("samples.npy: 20000 images"),
        "{}",
        shown.text()
    );
    let written = shown.written();
    assert!(written.contains("/20,000 images, "), "{written}");
}

#[test]
fn one_class_is_chosen_by_number_or_name() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    nano(&at("all.npy"), &["--count", "40"]).success();
    nano(&at("seven.npy"), &["--count", "40", "--class", "7"]).success();
    assert_eq!(array_at(&at("seven-labels.npy")).1, [7; 40]);
    let [all, seven] = ["all.npy", "seven.npy"].map(|name| array_at(&at(name)).1);
    for (seed, (one, other)) in all.chunks(784).zip(seven.chunks(784)).enumerate() {
        assert_eq!(one == other, seed % 10 == 7, "seed {seed}");
    }
    nano(&at("x.npy"), &["--class", "10"])
        .code(1)
        .stderr(contains("no such class").and(contains("classes are 0 to 9")));
    sample(&model("seed.tgan"), &at("x.npy"))
        .args(["--class", "0"])
        .assert()
        .code(1)
        .stderr(contains("unconditional").and(contains("omit --class")));
    let bytes = fs::read(model("digits-nano.tgan")).unwrap();
    let parsed = Model::parse(&bytes).unwrap();
    let layers: Vec<_> = parsed
        .layers()
        .iter()
        .map(|layer| (layer.shape(), layer.into()))
        .collect();
    let mut metadata = *parsed.metadata();
    metadata.class_names = "shirt\ncoat\n7\nd\ne\nf\ng\nbag\ni\nj";
    fs::write(at("named.tgan"), encode(&metadata, &layers)).unwrap();
    let named = |class: &str, out: &str| {
        let mut command = sample(&at("named.tgan"), &at(out));
        command.args(["--count", "2", "--class", class]).assert()
    };
    named("bag", "bag.npy").success();
    named("8", "eight.npy").success();
    named("7", "name.npy").success();
    assert_eq!(array_at(&at("bag-labels.npy")).1, [7; 2]);
    assert_eq!(array_at(&at("eight-labels.npy")).1, [8; 2]);
    assert_eq!(
        array_at(&at("name-labels.npy")).1,
        [2; 2],
        "names come first"
    );
    named("hat", "x.npy")
        .code(1)
        .stderr(contains("0 (shirt), 1 (coat), 2 (7), "));
    assert!(!at("x.npy").exists());
}

#[test]
fn seeds_and_classes_below_0_are_errors_that_name_the_range() {
    let commands: [(&[&str], &str); 5] = [
        (
            &["sample", "--model", "x.tgan", "--seed", "-1"],
            "seeds are integers from 0",
        ),
        (
            &["feature-extractor", "--seed", "-1"],
            "seeds are integers from 0",
        ),
        (
            &["board", "--port", "x", "generate", "--seed", "-1"],
            "seeds are integers from 0",
        ),
        (
            &["board", "--port", "x", "generate", "--class", "-1"],
            "-1 is not in 0..=255",
        ),
        (
            &["sample", "--model", "x.tgan", "--seed", "x"],
            "seeds are integers from 0",
        ),
    ];
    for (words, message) in commands {
        trainer()
            .args(words)
            .assert()
            .code(2)
            .stderr(contains(message));
    }
    let folder = tempdir().unwrap();
    nano(&folder.path().join("x.npy"), &["--class", "-1"])
        .code(1)
        .stderr(contains("--class -1: the model").and(contains("0 to 9")));
    let last = u64::MAX.to_string();
    nano(
        &folder.path().join("x.npy"),
        &["--seed", &last, "--count", "2"],
    )
    .code(1)
    .stderr(contains("too large for 2 images").and(contains("at most 2^64 - 1")));
    for output in ["x.png", "x.npy"] {
        let output = folder.path().join(output);
        nano(&output, &["--seed", &last, "--count", "1"]).success();
    }
    let before = (u64::MAX - 1).to_string();
    let output = folder.path().join("y.npy");
    nano(&output, &["--seed", &before, "--count", "2"]).success();
    let [one, two] = ["x.npy", "y.npy"].map(|name| array_at(&folder.path().join(name)).1);
    assert_eq!(one, two[784..]);
    let classes = array_at(&folder.path().join("y-labels.npy")).1;
    assert_eq!(classes, [4, 5], "2^64 - 1 is 18446744073709551615");
}

#[test]
#[cfg(unix)]
fn devices_and_pipes_get_an_array_without_labels() {
    let folder = tempdir().unwrap();
    nano(Path::new("/dev/null"), &["--count", "3"])
        .success()
        .stderr(contains("the labels are not written"));
    let [pipe, file] = ["pipe", "x.npy"].map(|name| folder.path().join(name));
    let made = Command::new("mkfifo").arg(&pipe).output().unwrap();
    assert!(made.status.success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    nano(&pipe, &["--count", "3"]).success();
    nano(&file, &["--count", "3"]).success();
    assert_eq!(reader.join().unwrap(), fs::read(file).unwrap());
    assert_eq!(names(folder.path()), ["pipe", "x-labels.npy", "x.npy"]);
}

/// The images of this test take more memory than the limit.
#[test]
#[cfg(target_os = "linux")]
fn the_memory_of_samples_does_not_depend_on_their_number() {
    let folder = tempdir().unwrap();
    let program = assert_cmd::cargo::cargo_bin("trainer");
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 100000; exec \"$0\" \"$@\""])
        .arg(program)
        .args(["sample", "--count", "100000", "--out", "x.npy", "--model"])
        .arg(model("digits-nano.tgan"))
        .env("RAYON_NUM_THREADS", "2")
        .current_dir(folder.path());
    command
        .assert()
        .success()
        .stderr(contains("generating 100000 images"));
    let size = |name: &str| fs::metadata(folder.path().join(name)).unwrap().len();
    assert_eq!(size("x.npy"), 128 + 100_000 * 784);
    assert_eq!(size("x-labels.npy"), 128 + 100_000);
}

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

#[test]
#[cfg(target_os = "linux")]
fn paths_that_json_cannot_hold_are_errors_that_name_them() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let mut command = trainer();
    command
        .args(["data", "--json", "--dataset", "idx", "--data", ".", "--out"])
        .arg(std::ffi::OsStr::from_bytes(b"caf\xe9.png"))
        .current_dir(folder.path());
    command
        .assert()
        .code(1)
        .stderr(contains("is not valid UTF-8"));
}

#[test]
fn the_output_of_a_board_is_checked_before_the_request() {
    let folder = tempdir().unwrap();
    let generate = |out: &str| {
        let mut command = trainer();
        command.args([
            "board",
            "--port",
            "tcp:127.0.0.1:1",
            "generate",
            "--out",
            out,
        ]);
        command.current_dir(folder.path()).assert().code(1)
    };
    generate("x.bmp").stderr(contains("x.bmp: the output is a PNG image"));
    fs::write(folder.path().join("x.png"), "mine").unwrap();
    generate("x.png").stderr(contains("x.png exists and is not a board image"));
}

#[test]
fn outputs_of_an_evaluation_are_checked_before_it() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::copy(model("seed.tgan"), at("seed.tgan")).unwrap();
    let evaluate = |words: &[&str]| {
        let mut command = trainer();
        command.args(["evaluate", "--model", "seed.tgan", "--data", "none"]);
        command
            .args(words)
            .current_dir(folder.path())
            .assert()
            .code(1)
    };
    fs::write(at("notes.json"), r#"{"model": "mine"}"#).unwrap();
    evaluate(&["--json", "notes.json"]).stderr(
        contains("notes.json exists and is not the results of an evaluation")
            .and(contains("--force")),
    );
    evaluate(&["--json", "new/x.json"]).stderr(contains("cannot read none"));
    evaluate(&["--card"]).stderr(contains("cannot read seed.md").and(contains("omit --card")));
    fs::write(at("seed.md"), "# Notes\n").unwrap();
    evaluate(&["--card"]).stderr(contains("seed.md is not the card of the model seed"));
    fs::copy(model("seed.md"), at("seed.md")).unwrap();
    evaluate(&["--card", "--json", "notes.json", "--force"]).stderr(contains("cannot read none"));
    assert_eq!(
        fs::read_to_string(at("notes.json")).unwrap(),
        r#"{"model": "mine"}"#
    );
    assert_eq!(
        names(folder.path()),
        ["new", "notes.json", "seed.md", "seed.tgan"]
    );
    assert!(names(&at("new")).is_empty());
}

#[test]
fn a_feature_extractor_replaces_only_a_feature_extractor() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let train = |words: &[&str]| {
        let mut command = trainer();
        command.args(["feature-extractor", "--data", "none"]);
        command
            .args(words)
            .current_dir(folder.path())
            .assert()
            .code(1)
    };
    let own = fs::read(model("feature-extractor.bpk")).unwrap();
    fs::write(at("foreign.bpk"), &own[..own.len() / 2]).unwrap();
    train(&["--out", "foreign.bpk"]).stderr(
        contains("foreign.bpk exists and is not a feature extractor").and(contains("--force")),
    );
    fs::write(at("own.bpk"), &own).unwrap();
    fs::write(at("own.md"), "# My notes\n").unwrap();
    train(&["--out", "own.bpk"]).stderr(contains(
        "own.md exists and is not the card of a feature extractor",
    ));
    train(&["--out", "own.md"]).stderr(contains("choose another ending"));
    fs::copy(model("feature-extractor.md"), at("own.md")).unwrap();
    train(&["--out", "own.bpk"]).stderr(contains("none"));
    train(&["--out", "foreign.bpk", "--force"]).stderr(contains("none"));
    train(&["--out", "new/x.bpk"]).stderr(contains("none"));
    fs::remove_dir(at("new")).unwrap();
    assert_eq!(fs::read(at("own.bpk")).unwrap(), own);
    assert_eq!(names(folder.path()), ["foreign.bpk", "own.bpk", "own.md"]);
}
