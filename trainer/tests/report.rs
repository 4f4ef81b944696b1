//! HTML report of a run, written to the target folder, where the browser test of `thumbgan-emulator` opens it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use common::{resume_to, train, trainer, write_images};
use predicates::{prelude::*, str::contains};
use tempfile::tempdir;

#[test]
fn the_report_is_self_contained() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    // Output of an earlier test run, if any.
    let _ = fs::remove_dir_all(&folder);
    let run = folder.join("run");
    let mut command = trainer();
    command.args([
        "train",
        "--preset",
        "digits-nano",
        "--dataset",
        "procedural",
        "--iterations",
        "60",
        "--out",
    ]);
    command
        .arg(&run)
        .assert()
        .success()
        .stdout(contains("report.html"));
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(page.ends_with("</body></html>"), "the page is whole");
    for words in [
        "digits-nano on procedural",
        "83888 MACs",
        "Float and int8",
        "Raspberry Pi Pico",
        "Estimate",
    ] {
        assert!(page.contains(words), "{words} is missing");
    }
    assert_eq!(
        page.matches("<img src=\"data:image/png;base64,").count(),
        page.matches("<img").count()
    );
    assert_eq!(page.matches("<svg").count(), 3, "losses, FID and classes");
    for outside in ["src=\"http", "href=", "url(", "@import", "<script"] {
        assert!(!page.contains(outside), "{outside} reaches outside");
    }
}

#[test]
fn missing_metrics_are_stated_and_an_unfinished_run_has_no_report() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert_eq!(
        page.matches(
            "Not measured: the test set has 100 images; the evaluation needs at least 129"
        )
        .count(),
        2
    );
    assert!(
        page.contains("Training images of each class") && page.contains("value=\"26\""),
        "{page}"
    );
    assert!(
        page.contains("every 5000 iterations") && page.contains(folder.path().to_str().unwrap())
    );
    fs::remove_file(run.join("report.html")).unwrap();
    trainer()
        .arg("report")
        .arg(&run)
        .env("THUMBGAN_DATA", "nowhere")
        .assert()
        .success();
    assert_eq!(
        fs::read_to_string(run.join("report.html")).unwrap(),
        page,
        "made anew, it is the same"
    );
    fs::remove_file(run.join("seed.tgan")).unwrap();
    let output = trainer().arg("report").arg(&run).assert().failure();
    let missing = format!("error: cannot read {}", run.join("seed.tgan").display());
    output.stderr(
        predicates::str::starts_with(missing)
            .and(contains("the run is not finished: resume it with"))
            .and(contains("--resume")),
    );
    trainer()
        .arg("report")
        .arg(folder.path())
        .assert()
        .failure()
        .stderr(contains("contains no run"));
    trainer()
        .args(["report", "nowhere"])
        .assert()
        .failure()
        .stderr(contains("the folder nowhere does not exist"));
}

#[test]
fn files_of_another_run_are_errors_that_name_both() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let [one, two, three] = ["one", "two", "three"].map(|name| folder.path().join(name));
    train(folder.path(), &one, 20).assert().success();
    let mut other = train(folder.path(), &two, 20);
    other.args(["--seed", "2"]).assert().success();
    let mut other = train(folder.path(), &three, 20);
    other.args(["--latent", "9"]).assert().success();
    let report = || trainer().arg("report").arg(&one).assert();
    // Sample grids can be deleted to save space.
    fs::remove_dir_all(one.join("grids")).unwrap();
    report().success();
    let [model, float] = ["seed.tgan", "seed.float"].map(|name| one.join(name));
    let kept = fs::read(&model).unwrap();
    fs::copy(two.join("seed.tgan"), &model).unwrap();
    report().code(1).stderr(
        contains("seed.tgan is a model of another run than")
            .and(contains("config.json: its seed is 2, not 1; restore")),
    );
    fs::write(&model, &kept).unwrap();
    fs::copy(three.join("seed.float"), &float).unwrap();
    let is_other = || {
        contains("seed.float is not the float network of").and(contains("it has 9 latent values"))
    };
    report().code(1).stderr(is_other());
    let evaluate = |float: &Path| {
        let mut command = trainer();
        command.args(["evaluate", "--data", "none", "--model"]);
        command.arg(&model).arg("--float").arg(float).assert()
    };
    evaluate(&float).code(1).stderr(is_other());
    evaluate(&two.join("seed.float"))
        .code(1)
        .stderr(contains("cannot read none").or(contains("cannot open none")));
    fs::remove_file(&float).unwrap();
    report().code(1).stderr(
        contains("seed.float: there is no such file").and(contains(format!(
            "`trainer train --resume {}` writes it again",
            one.display()
        ))),
    );
    // The remedy works.
    let mut resume = trainer();
    resume.args(["train", "--resume"]).arg(&one);
    resume.assert().success();
    report().success();
}

#[test]
fn a_report_replaces_only_a_report() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    let path = run.join("report.html");
    train(folder.path(), &run, 20).assert().success();
    fs::write(&path, "<html>mine</html>").unwrap();
    // The resumed run does not fail at its end.
    let mut resume = resume_to(&run, "30");
    resume
        .assert()
        .success()
        .stderr(
            contains("report.html exists and is not a report").and(contains(format!(
                "trainer report {} --force",
                run.display()
            ))),
        );
    let report = |words: &[&str]| trainer().arg("report").arg(&run).args(words).assert();
    report(&[])
        .code(1)
        .stderr(contains("report.html exists and is not a report").and(contains("--force")));
    assert_eq!(fs::read_to_string(&path).unwrap(), "<html>mine</html>");
    report(&["--force"]).success();
    let page = fs::read_to_string(&path).unwrap();
    let mark = "<meta name=\"generator\" content=\"thumbgan report\">";
    assert!(page.contains(mark), "{page}");
    report(&[]).success();
    // Earlier versions wrote no mark.
    fs::write(&path, page.replace(mark, "")).unwrap();
    report(&[]).success();
    assert_eq!(fs::read_to_string(&path).unwrap(), page);
    fs::write(&path, page.replace(mark, "").replace("seed on idx", "idx")).unwrap();
    report(&[]).code(1);
}
