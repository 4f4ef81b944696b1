//! Folders of images: splits, wrapper folders, links and files that are not used.

use std::fs;

use image::LumaA;
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;

use crate::{
    common::{data, train, trainer, write_images},
    support::{assert_says, idx, read, refused, write_squares},
};

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
        &[
            "the test split has a class folder \"dog\" that the training split lacks",
            "test/dog is not in",
        ],
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
    for (folders, same) in [
        (
            &["fold_train/cat", "fold_held/cat"][..],
            "contain the same folders, such as cat",
        ),
        (
            &["a_test/cat", "a_train/cat", "a_train/dog", "other"],
            "a_test and",
        ),
        (
            &["a_test/0", "a_test/1", "a_test/2", "a_train/1", "a_train/3"],
            "contain mostly the same folders, such as 1",
        ),
        (
            &["a_test", "a_train/1", "a_train/3"],
            "a_train have the names of splits",
        ),
    ] {
        let root = tempdir().unwrap();
        for folder in folders {
            write_squares(&root.path().join(folder), 3, 5);
        }
        let said = refused("images", root.path(), &[]);
        assert_says(&said, &[same, "rename them to train and test"]);
    }
}

#[test]
fn test_images_without_classes_are_reported_and_training_images_are_held_out() {
    for (train, test, extra) in [
        ("train", "test", None),
        ("trainingSet/trainingSet", "testSet/testSet", None),
        ("train", "test", Some("val")),
    ] {
        let root = tempdir().unwrap();
        for class in ["cat", "dog"] {
            write_squares(&root.path().join(train).join(class), 10, 5);
            if let Some(extra) = extra {
                write_squares(&root.path().join(extra).join(class), 3, 5);
            }
        }
        write_squares(&root.path().join(test), 4, 5);
        let (training, held_out, names, said) = read("images", root.path(), &[]);
        let expected = if extra.is_some() { (20, 6) } else { (18, 2) };
        assert_eq!(((training, held_out), names.len()), (expected, 2));
        let warning = format!("{test}/0.png: without class folders, unlike those in");
        assert_says(&said, &["4 files are not read, such as", &warning]);
        let instead = extra.unwrap_or("test images are taken from the training images");
        assert_says(&said, &[instead]);
    }
    let root = tempdir().unwrap();
    write_squares(&root.path().join("train"), 3, 5);
    write_squares(&root.path().join("test/cat"), 3, 5);
    let said = refused("images", root.path(), &[]);
    assert_says(&said, &["test has class folders, but", "train has none"]);
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
    for system in [
        "Thumbs.db",
        "THUMBS.DB",
        "Ehthumbs.db",
        "Desktop.ini",
        "Icon\r",
    ] {
        fs::write(digits.join(system), "no image").unwrap();
    }
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

#[test]
fn folders_below_classes_are_reported_once_and_are_no_splits() {
    let root = tempdir().unwrap();
    for class in ["a", "b", "c"] {
        for split in ["train", "test"] {
            write_squares(&root.path().join(class).join(split), 3, 5);
        }
    }
    let (train, _, names, said) = read("images", root.path(), &[]);
    assert_eq!((train, names.len()), (18, 3));
    assert_says(
        &said,
        &[
            "read as images of their classes: 18 images in folders below 3 class folders, such as",
            "training and test folders below 3 class folders, such as",
            "put class folders into the folders train and test",
        ],
    );
    assert_eq!(said.matches("in folders below").count(), 1, "{said}");
}

#[test]
fn class_names_that_look_the_same_are_reported() {
    let root = tempdir().unwrap();
    for class in ["caf\u{e9}", "cafe\u{301}", "tea"] {
        write_squares(&root.path().join(class), 3, 5);
    }
    let (.., said) = read("images", root.path(), &[]);
    let files = fs::read_dir(root.path()).unwrap();
    if files.count() == 3 {
        assert_says(
            &said,
            &["NFC and NFD): 1 pair", "cafe\u{301} and", "caf\u{e9};"],
        );
    }
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
