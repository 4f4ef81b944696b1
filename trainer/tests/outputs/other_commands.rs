//! Outputs of boards, evaluations and feature extractors.

use std::fs;

use predicates::{prelude::*, str::contains};
use tempfile::tempdir;

use crate::{
    common::{trainer, write_images},
    support::{model, names},
};

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
