//! Options of datasets, the variable with their folder, and settings files.

use std::{fs, path::Path};

use predicates::{prelude::*, str::contains};
use tempfile::tempdir;

use crate::{
    common::trainer,
    support::{assert_says, images, read, refused, write_squares},
};

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

#[cfg(unix)]
#[test]
fn pipes_are_errors_at_once() {
    let folder = tempdir().unwrap();
    let pipe = folder.path().join("train-images-idx3-ubyte");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let message = "a pipe, socket or device, not a regular file or folder; copy it into a file";
    for kind in ["auto", "mnist", "idx", "numpy", "csv", "images"] {
        assert_says(&refused(kind, &pipe, &[]), &[message]);
    }
    for kind in ["mnist", "idx"] {
        assert_says(&refused(kind, folder.path(), &[]), &[message]);
    }
}
