//! Layouts of datasets: splits, wrapper folders, unused files, unpacked archives, options and their conflicts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, io::Write, path::Path};

use common::{data, train, trainer, write_images};
use flate2::{Compression, write::GzEncoder};
use image::{GrayImage, Luma, LumaA};
use predicates::{prelude::*, str::contains};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// Writes images with a light square whose position depends on `place`.
fn write_squares(folder: &Path, count: u32, place: u32) {
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
fn read(kind: &str, path: &Path, more: &[&str]) -> (u64, u64, Vec<String>, String) {
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

fn refused(kind: &str, path: &Path, more: &[&str]) -> String {
    let out = tempdir().unwrap();
    let mut command = data(kind, path, &out.path().join("sheet.png"));
    let output = command.args(more).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
}

#[test]
fn splits_are_used_as_training_and_test_images() {
    for (train, test) in [("train", "test"), ("Training", "val")] {
        let root = tempdir().unwrap();
        for (split, count) in [(train, 5), (test, 2)] {
            for (place, class) in ["cat", "dog"].into_iter().enumerate() {
                let folder = root.path().join(split).join(class);
                write_squares(&folder, count, place as u32 * 10);
            }
        }
        let classes = ["cat", "dog"].map(String::from).to_vec();
        let (train, test, names, said) = read("images", root.path(), &[]);
        assert_eq!((train, test, names, said.as_str()), (10, 4, classes, ""));
    }
}

#[test]
fn a_third_split_is_reported_and_other_classes_are_an_error() {
    let root = tempdir().unwrap();
    for split in ["train", "test", "val"] {
        write_squares(&root.path().join(split).join("cat"), 3, 5);
    }
    let (train, test, _, said) = read("images", root.path(), &[]);
    assert_eq!((train, test), (3, 3));
    assert_says(
        &said,
        &["3 files", "val/cat/0.png", "only train and test are used"],
    );
    write_squares(&root.path().join("test/dog"), 3, 5);
    let said = refused("images", root.path(), &[]);
    assert_says(
        &said,
        &["the test split has a class folder \"dog\" that the training split lacks"],
    );
}

#[test]
fn flat_splits_are_no_classes() {
    let root = tempdir().unwrap();
    for split in ["train", "test"] {
        write_squares(&root.path().join(split), 3, 5);
    }
    let (train, test, names, said) = read("images", root.path(), &[]);
    assert_eq!((train, test, names.len()), (3, 3, 0));
    assert_says(
        &said,
        &["without labels, not as two classes", "rename the folders"],
    );
}

#[test]
fn wrapper_folders_are_entered_and_folders_of_systems_passed_over() {
    let root = tempdir().unwrap();
    let digits = root.path().join("digits-1.0");
    for (class, place) in [("10", 1), ("9", 5), ("1", 9)] {
        write_squares(&digits.join(class), 3, place);
    }
    for system in ["__MACOSX", "@eaDir"] {
        for parent in [root.path(), &digits] {
            fs::create_dir_all(parent.join(system)).unwrap();
            fs::write(parent.join(system).join("._0.png"), "no image").unwrap();
        }
    }
    fs::write(digits.join("Thumbs.db"), "no image").unwrap();
    let (_, _, names, said) = read("images", root.path(), &[]);
    assert_eq!(
        names,
        ["1", "9", "10"],
        "numbers are in order of their values"
    );
    let expected = ["digits-1.0, the only folder in", "no class has ten images"];
    assert_eq!(said.lines().count(), expected.len(), "{said}");
    assert_says(&said, &expected);
}

#[test]
fn every_unused_file_is_counted_with_its_format_and_remedy() {
    let root = tempdir().unwrap();
    let class = root.path().join("a");
    write_squares(&class, 3, 5);
    write_squares(&class.join("writer7"), 2, 9);
    write_squares(&root.path().join("b"), 3, 5);
    let png = fs::read(class.join("0.png")).unwrap();
    fs::write(class.join("photo.jfif"), &png).unwrap();
    fs::write(class.join("no-ending"), &png).unwrap();
    fs::write(class.join(".hidden.png"), &png).unwrap();
    fs::write(class.join("b.gif"), "GIF89a").unwrap();
    fs::write(class.join("c.gif"), "GIF89a").unwrap();
    fs::write(root.path().join("loose.png"), &png).unwrap();
    let (train, _, _, said) = read("images", root.path(), &[]);
    assert_eq!(
        train,
        3 + 2 + 2 + 3,
        "images are recognized by content; {said}"
    );
    assert_says(
        &said,
        &[
            "read as images of the class",
            "2 images in folders below it, such as",
            "writer7/0.png",
            "2 files",
            "b.gif",
            "a GIF image; convert it to PNG",
            "loose.png",
            "beside the class folders",
            "hidden image; rename it",
        ],
    );
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_reported_and_loops_end() {
    use std::os::unix::fs::symlink;

    let root = tempdir().unwrap();
    let class = root.path().join("a");
    write_squares(&class, 3, 5);
    symlink("gone.png", class.join("linked.png")).unwrap();
    symlink("../gone", root.path().join("z")).unwrap();
    symlink("..", class.join("up")).unwrap();
    let (train, _, names, said) = read("images", root.path(), &[]);
    assert_eq!((train, names.len()), (3, 0), "{said}");
    assert_says(
        &said,
        &[
            "2 files are not read",
            "link to something that does not exist",
            "1 file is not read",
            "up: link to a folder that is read already",
        ],
    );
}

#[test]
fn new_class_names_are_reported_with_the_old_ones_and_are_unique() {
    let root = tempdir().unwrap();
    for class in ["10", "2"] {
        write_squares(&root.path().join(class), 3, 5);
    }
    let (_, _, names, said) = read("images", root.path(), &["--class-names", "two,ten"]);
    assert_eq!(names, ["two", "ten"]);
    assert_says(&said, &["class names: 2 is two, 10 is ten"]);
    let said = refused("images", root.path(), &["--class-names", "a,a"]);
    assert_says(&said, &["two classes have the name \"a\""]);
    let (_, _, _, said) = read("images", root.path(), &["--class-names", "zwei,zehné"]);
    assert_says(&said, &["ASCII characters only", "zehné"]);
}

/// Returns an IDX file.
fn idx(code: u8, shape: &[u32], items: &[u8]) -> Vec<u8> {
    let sides = shape.iter().flat_map(|side| side.to_be_bytes());
    let head = [0, 0, code, shape.len() as u8].into_iter().chain(sides);
    head.chain(items.iter().copied()).collect()
}

/// Returns the small dataset in a folder of its own.
fn images() -> TempDir {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    folder
}

#[test]
fn gzip_is_recognized_by_content() {
    let folder = images();
    for (name, end) in [
        ("train-images-idx3-ubyte", ".gz"),
        ("t10k-images-idx3-ubyte", ""),
    ] {
        let path = folder.path().join(name);
        let mut bytes = fs::read(&path).unwrap();
        if end.is_empty() {
            let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
            packer.write_all(&bytes).unwrap();
            bytes = packer.finish().unwrap();
        }
        fs::remove_file(&path).unwrap();
        fs::write(folder.path().join(format!("{name}{end}")), bytes).unwrap();
    }
    let (train, test, ..) = read("idx", folder.path(), &[]);
    assert_eq!((train, test), (256, 100));
}

#[test]
fn files_unpacked_into_folders_of_their_names_are_read() {
    let folder = images();
    for entry in fs::read_dir(folder.path()).unwrap().collect::<Vec<_>>() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::write(path.join(name.replace("-idx", ".idx")), bytes).unwrap();
    }
    let outer = folder.path().join("train-images-idx3-ubyte");
    let inner = outer.join("train-images.idx3-ubyte");
    for path in [folder.path(), &outer, &inner] {
        let (train, test, names, said) = read("idx", path, &[]);
        assert_eq!((train, test, names.len()), (256, 100, 10), "{said}");
    }
}

#[test]
fn labels_may_have_any_integer_type_and_the_columns_of_qmnist() {
    let folder = images();
    fs::remove_file(folder.path().join("train-labels-idx1-ubyte")).unwrap();
    fs::remove_file(folder.path().join("t10k-images-idx3-ubyte")).unwrap();
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte")).unwrap();
    let rows: Vec<u8> = (0..256_u32)
        .flat_map(|n| [n % 3 * 1_000 + 7, 99_999].map(u32::to_be_bytes))
        .flatten()
        .collect();
    let labels = folder.path().join("train-labels-idx2-int");
    fs::write(&labels, idx(0xc, &[256, 2], &rows)).unwrap();
    let (_, _, names, said) = read("idx", folder.path(), &[]);
    assert_eq!(names, ["7", "1007", "2007"], "{said}");
    fs::write(&labels, idx(0xd, &[256, 2], &rows)).unwrap();
    let said = refused("idx", folder.path(), &[]);
    assert_says(
        &said,
        &["idx2-int has 32-bit floats [256, 2]; labels are integers"],
    );
}

#[test]
fn idx_images_of_other_sizes_are_scaled_on_request() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("usps-images");
    let pixels: Vec<u8> = (0..20 * 256)
        .map(|n| if n % 16 < 8 { 255 } else { 0 })
        .collect();
    fs::write(&path, idx(8, &[20, 16, 16], &pixels)).unwrap();
    let said = refused("idx", &path, &[]);
    assert_says(&said, &["usps-images has 16x16 pixels; pass --resize"]);
    let (train, test, ..) = read("idx", &path, &["--resize"]);
    assert_eq!(train + test, 20);
}

#[test]
fn other_formats_are_named_with_a_remedy() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("train-images-idx3-ubyte");
    let floats = idx(0xd, &[1, 28, 28], &[0; 4 * 784]);
    let cases: [(&[u8], &[&str]); 5] = [
        (&floats, &["has 32-bit floats [1, 28, 28]", "docs/data.md"]),
        (
            b"PK\x03\x04 images.npy",
            &["is a NumPy archive (.npz)", "--dataset numpy"],
        ),
        (
            b"label,a,b\n1,2,3\n",
            &["is a table in text form (CSV)", "--dataset csv"],
        ),
        (
            b"<!DOCTYPE html>",
            &["is a web page (HTML)", "download the file itself"],
        ),
        (
            b"\x89PNG\r\n\x1a\n",
            &["is a PNG image", "--dataset images"],
        ),
    ];
    for (bytes, parts) in cases {
        fs::write(&path, bytes).unwrap();
        assert_says(&refused("idx", folder.path(), &[]), parts);
    }
}

#[test]
fn options_without_effect_are_usage_errors() {
    let folder = images();
    let cases = [
        (
            "mnist",
            "--invert",
            "--invert has no effect with --dataset mnist; it is for --dataset idx, numpy, csv or images",
        ),
        (
            "procedural",
            "--resize",
            "--resize has no effect with --dataset procedural",
        ),
        (
            "auto",
            "--transpose",
            "--transpose has no effect with --dataset auto",
        ),
        (
            "images",
            "--unlabeled",
            "--unlabeled has no effect with --dataset images; it is for --dataset idx, numpy or csv",
        ),
        (
            "idx",
            "--background=0",
            "--background has no effect with --dataset idx",
        ),
    ];
    for (kind, option, message) in cases {
        for command in ["data", "train"] {
            let mut command = {
                let mut trainer = trainer();
                trainer.args([command, "--dataset", kind, option]);
                trainer
            };
            if kind != "procedural" {
                command.arg("--data").arg(folder.path());
            }
            command.assert().code(2).stderr(contains(message));
        }
    }
    let mut resume = trainer();
    resume.args(["train", "--background=0", "--resize", "--resume", "run"]);
    resume
        .assert()
        .code(2)
        .stderr(contains("cannot be used with"));
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let folder = tempdir().unwrap();
    let mut command = trainer();
    command
        .args(["data", "--dataset", "procedural", "--out"])
        .arg(folder.path().join("sheet.png"))
        .env("THUMBGAN_DATA", "");
    command.assert().success();
    let mut command = trainer();
    command
        .args(["data", "--dataset", "idx"])
        .env("THUMBGAN_DATA", "");
    command
        .assert()
        .failure()
        .stderr(contains("pass --data PATH or set THUMBGAN_DATA"));
}

#[test]
fn settings_files_may_be_utf_16_and_missing_folders_are_named() {
    let folder = images();
    let text = "preset = \"seed\"\niterations = 4\ndataset = \"idx\"\ndata = \".\"\n";
    let marked = format!("\u{feff}{text}");
    let utf_16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.path().join("run.toml"), utf_16).unwrap();
    let mut command = trainer();
    command
        .args(["train", "--config", "run.toml", "--out", "run"])
        .current_dir(folder.path());
    command.assert().success();
    for (path, message) in [
        (
            "~/digits",
            "the shell expands `~` only at the start of a word",
        ),
        ("/no/such/folder", "the folder /no does not exist"),
    ] {
        for kind in ["mnist", "idx", "images"] {
            let said = refused(kind, Path::new(path), &[]);
            assert_says(&said, &[path, message]);
        }
    }
}

#[test]
fn images_without_contrast_are_reported() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("set-images");
    let pixels: Vec<u8> = (0..20 * 784).map(|n| (n % 2) as u8).collect();
    fs::write(&path, idx(8, &[20, 28, 28], &pixels)).unwrap();
    let (_, _, _, said) = read("idx", &path, &[]);
    assert_says(
        &said,
        &[
            "almost no contrast (gray levels 0 to 1) in 18 of 18 training images",
            "scaled to 0..1",
        ],
    );
}

#[test]
fn light_drawings_on_transparency_are_read_with_a_dark_background() {
    let folder = tempdir().unwrap();
    for number in 0..20 {
        let stroke = image::ImageBuffer::from_fn(28, 28, |x, y| {
            let inside = x == y || (x, y) == (27, number);
            LumaA([255_u8, if inside { 255 } else { 0 }])
        });
        stroke
            .save(folder.path().join(format!("{number}.png")))
            .unwrap();
    }
    let (_, _, _, said) = read("images", folder.path(), &[]);
    assert_says(
        &said,
        &[
            "in the alpha channel alone",
            "20 images",
            "pass --background 0",
        ],
    );
    let out = tempdir().unwrap();
    let sheet = out.path().join("sheet.png");
    let mut command = data("images", folder.path(), &sheet);
    let output = command.args(["--background", "0"]).assert().success();
    output.stderr(predicates::str::is_empty());
    let sheet = image::open(&sheet).unwrap().into_luma8();
    let gray = |x: u32, y: u32| sheet.get_pixel(2 + x, 2 + y).0[0];
    assert_eq!((gray(5, 5), gray(5, 6)), (255, 0));
}

#[cfg(unix)]
#[test]
fn non_utf_8_class_folders_are_errors_before_anything_is_made() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let root = tempdir().unwrap();
    write_squares(&root.path().join("a"), 3, 5);
    write_squares(&root.path().join(OsStr::from_bytes(b"caf\xe9")), 3, 5);
    let said = refused("images", root.path(), &[]);
    assert_says(&said, &["is not valid UTF-8; rename it"]);
    let set = root.path().join(OsStr::from_bytes(b"set\xe9"));
    fs::create_dir(&set).unwrap();
    write_images(&set);
    let run = root.path().join("run");
    let output = train(&set, &run, 4).assert().failure();
    output.stderr(contains("is not valid UTF-8; rename the file or folder"));
    assert!(!run.exists());
}

#[test]
fn splits_under_other_names_are_recognized_or_refused() {
    for [train, test] in [
        ["train_set", "testSet"],
        ["Training", "dev"],
        ["train/train", "test/test"],
    ] {
        let root = tempdir().unwrap();
        for (split, count) in [(train, 5), (test, 2)] {
            for class in ["cat", "dog"] {
                write_squares(&root.path().join(split).join(class), count, 5);
            }
        }
        let (train, test, names, _) = read("images", root.path(), &[]);
        assert_eq!((train, test, names.len()), (10, 4, 2));
    }
    let root = tempdir().unwrap();
    for split in ["fold_train", "fold_held"] {
        write_squares(&root.path().join(split).join("cat"), 3, 5);
    }
    let said = refused("images", root.path(), &[]);
    assert_says(
        &said,
        &[
            "contain the same folders, such as cat",
            "rename them to train and test",
        ],
    );
    let root = tempdir().unwrap();
    write_squares(&root.path().join("train/cat"), 3, 5);
    write_squares(&root.path().join("test"), 3, 5);
    let said = refused("images", root.path(), &[]);
    assert_says(&said, &["train has class folders, but", "test has none"]);
}

#[test]
fn outputs_of_runs_are_no_images_of_the_dataset() {
    let root = tempdir().unwrap();
    write_squares(&root.path().join("a"), 12, 5);
    write_squares(&root.path().join("b"), 12, 9);
    let mut command = trainer();
    command.args([
        "train",
        "--dataset=images",
        "--data=.",
        "--preset=seed",
        "--iterations=2",
    ]);
    command
        .args(["--batch=8", "--no-tui"])
        .current_dir(root.path());
    let output = command.assert().failure();
    output.stderr(contains("the folder that is read as images").and(contains("--out")));
    assert!(!root.path().join("runs").exists());
    // A run of another program version, say.
    let run = root.path().join("a/run");
    write_squares(&run.join("grids"), 3, 5);
    fs::write(run.join("config.json"), "{}").unwrap();
    let (train, test, _, said) = read("images", root.path(), &[]);
    assert_eq!(train + test, 24);
    assert_says(&said, &["folder of a training run; move it elsewhere"]);
}

#[test]
fn folders_that_are_linked_many_times_are_read_once_for_each_class() {
    #[cfg(unix)]
    {
        let root = tempdir().unwrap();
        for class in 0..8 {
            write_squares(&root.path().join(class.to_string()), 1, 5);
        }
        for (class, other) in (0..8).flat_map(|class| (0..8).map(move |other| (class, other))) {
            let link = root.path().join(format!("{class}/to{other}"));
            std::os::unix::fs::symlink(format!("../{other}"), link).unwrap();
        }
        let (train, ..) = read("images", root.path(), &[]);
        assert_eq!(train, 64);
    }
}

#[test]
fn unused_idx_files_are_reported() {
    let folder = images();
    let copy = |from: &str, to: &str| {
        fs::copy(folder.path().join(from), folder.path().join(to)).unwrap();
    };
    copy("t10k-images-idx3-ubyte", "val-images-idx3-ubyte");
    copy("train-images-idx3-ubyte", "train-images-idx3-ubyte.part");
    fs::write(
        folder.path().join("train-images-idx3-ubyte.sha256"),
        "0123  train\n",
    )
    .unwrap();
    let said = refused("idx", folder.path(), &[]);
    assert_says(&said, &["contains 2 datasets"]);
    fs::remove_file(folder.path().join("train-images-idx3-ubyte.part")).unwrap();
    let (train, test, _, said) = read("idx", folder.path(), &[]);
    assert_eq!((train, test), (256, 100));
    assert_says(
        &said,
        &[
            "not read: 1 file, such as",
            "val-images-idx3-ubyte",
            "consists of train-images",
        ],
    );
}

#[test]
fn labels_are_found_by_their_content() {
    let folder = images();
    for name in ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let labels = folder.path().join("train-labels-idx1-ubyte");
    fs::rename(&labels, folder.path().join("targets")).unwrap();
    let said = refused("idx", folder.path(), &[]);
    assert_says(
        &said,
        &[
            "has no labels",
            "targets is an IDX file of unsigned bytes [256]",
        ],
    );
    let rows: Vec<u8> = (0..256)
        .flat_map(|n| [0, 1, 2].map(|class| u8::from(n % 3 == class)))
        .collect();
    fs::write(&labels, idx(8, &[256, 3], &rows)).unwrap();
    let (_, _, names, said) = read("idx", folder.path(), &[]);
    assert_eq!(names, ["0", "1", "2"]);
    assert_says(&said, &["one-hot labels of 3 classes"]);
}

#[test]
fn idx_images_may_be_rows_of_pixels_or_have_a_channel() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("set-images");
    let pixels: Vec<u8> = (0..20 * 784).map(|n| (n % 251) as u8).collect();
    for shape in [&[20, 784][..], &[20, 1, 28, 28], &[20, 28, 28, 1]] {
        fs::write(&path, idx(8, shape, &pixels)).unwrap();
        let (train, test, ..) = read("idx", &path, &[]);
        assert_eq!((train, test), (18, 2));
    }
    let rows = folder.path().join("rows-images-idx2-ubyte");
    fs::write(&rows, idx(8, &[20, 784], &pixels)).unwrap();
    let labels: Vec<u8> = (0..20).map(|n| n % 2).collect();
    fs::write(
        folder.path().join("rows-labels-idx1-ubyte"),
        idx(8, &[20], &labels),
    )
    .unwrap();
    assert_eq!(read("idx", &rows, &[]).2, ["0", "1"]);
    fs::write(&path, idx(8, &[20, 28, 29], &pixels)).unwrap();
    assert_says(&refused("idx", &path, &[]), &["truncated"]);
    let mut little = idx(8, &[20, 28, 28], &pixels);
    little[4..16]
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .for_each(|side| side.reverse());
    fs::write(&path, little).unwrap();
    assert_says(
        &refused("idx", &path, &[]),
        &["little-endian byte order, as [20, 28, 28]"],
    );
    let many = idx(8, &[2_000_000, 1, 1], &vec![0; 2_000_000]);
    fs::write(&path, many).unwrap();
    assert_says(
        &refused("idx", &path, &["--resize"]),
        &["has 2000000 images, the maximum is"],
    );
}

#[test]
fn the_variable_is_named_and_one_class_needs_no_names() {
    let mut command = trainer();
    command
        .args(["data", "--dataset", "idx"])
        .env("THUMBGAN_DATA", "/no/such");
    command.assert().failure().stderr(
        contains("the folder /no does not exist").and(contains("is that of THUMBGAN_DATA")),
    );
    let root = tempdir().unwrap();
    write_squares(&root.path().join("cats"), 3, 5);
    let said = refused("images", root.path(), &["--class-names", "cat"]);
    assert_says(
        &said,
        &["--class-names has no effect", "fewer than two classes"],
    );
    let (.., said) = read("images", root.path(), &["--background", "0"]);
    assert_says(
        &said,
        &["--background has no effect: no image has transparent pixels"],
    );
}

#[cfg(unix)]
#[test]
fn pipes_beside_idx_files_are_not_opened() {
    let folder = images();
    let lone = folder.path().join("lone-images");
    fs::copy(folder.path().join("train-images-idx3-ubyte"), &lone).unwrap();
    for name in ["pipe", "pipe-label"] {
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join(name))
            .status()
            .unwrap();
        assert!(made.success());
    }
    let (train, ..) = read("idx", folder.path(), &[]);
    assert_eq!(train, 256);
    assert_says(&refused("idx", &lone, &[]), &["has no labels"]);
}
