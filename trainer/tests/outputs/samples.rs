//! Outputs of `trainer sample`: arrays with labels, grids, standard output, devices and pipes.

use std::{fs, path::Path};

use assert_cmd::Command;
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;
use thumbgan_core::{Model, model::encode};

use crate::{
    common::{trainer, write_images},
    support::{array_at, model, names, nano, sample},
};

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
        crate::terminal::Terminal::start(folder.path(), &words, "xterm", &[])
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
