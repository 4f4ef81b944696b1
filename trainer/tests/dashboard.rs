//! Live view in a pseudoterminal, plain output elsewhere, and stopping with a checkpoint in both.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
};

use common::{train, trainer, write_images};
use tempfile::tempdir;
use terminal::Terminal;

const FOREVER: [&str; 10] = [
    "train",
    "--preset",
    "seed",
    "--dataset",
    "idx",
    "--data",
    ".",
    "--iterations",
    "100000",
    "--out=run",
];

/// Returns the iteration of the newest checkpoint of the run in `folder`.
fn newest(folder: &Path) -> u32 {
    let names = fs::read_dir(folder.join("run/checkpoints"))
        .unwrap()
        .flatten();
    names
        .map(|entry| entry.file_name().to_str().unwrap().parse().unwrap())
        .max()
        .unwrap()
}

/// Resumes the stopped run and compares its model with that of an uninterrupted run.
fn assert_resumes_to_the_bit(folder: &Path) {
    let end = newest(folder) + 20;
    let mut resume = trainer();
    resume
        .current_dir(folder)
        .args(["train", "--data", ".", "--resume", "run", "--iterations"]);
    resume.arg(end.to_string()).assert().success();
    train(folder, &folder.join("whole"), end).assert().success();
    let model = |run: &str| fs::read(folder.join(run).join("seed.tgan")).unwrap();
    assert!(
        model("run") == model("whole"),
        "the run of {end} iterations that was stopped ends otherwise"
    );
}

/// Returns the number before " of 100000".
fn iteration(screen: &str) -> u32 {
    let before = screen.split(" of 100000").next().unwrap();
    before
        .rsplit(|letter: char| !letter.is_ascii_digit())
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn the_live_view_shows_the_run_and_obeys_keys() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let mut terminal = Terminal::start(folder.path(), &FOREVER, "xterm-256color", &[]);
    terminal.until("speed and samples", |text| {
        text.contains("iterations/s") && text.contains('▀')
    });
    assert!(terminal.is_full_screen());
    // By then the generator draws bright bars.
    terminal.until("some iterations", |text| {
        text.contains("iterations/s") && iteration(text) > 600
    });
    let bright = (248..=255).any(|gray| terminal.shows(vt100::Color::Idx(gray)));
    assert!(bright, "samples have ink:\n{}", terminal.text());
    terminal.press("p");
    let paused = iteration(&terminal.until("the pause", |text| text.contains("PAUSED")));
    for words in [
        "seed on idx, in run",
        "loss D",
        "FID: not measured yet",
        "c checkpoint",
    ] {
        assert!(
            terminal.text().contains(words),
            "{words} is missing:\n{}",
            terminal.text()
        );
    }
    terminal.press("s");
    let text = terminal.until("the samples", |text| text.contains("samples in run/grids/"));
    let still = iteration(&text);
    assert!(
        still <= paused + 500,
        "at most the iterations of a moment pass: {paused} and {still}"
    );
    assert!(
        folder
            .path()
            .join(format!("run/grids/{still:06}.png"))
            .exists()
    );
    terminal.press("c");
    terminal.until("the checkpoint", |text| {
        text.contains(&format!("iteration {still}: checkpoint"))
    });
    assert_eq!(newest(folder.path()), still);
    terminal.press("p");
    terminal.until("the run to go on", |text| {
        !text.contains("PAUSED") && iteration(text) > still
    });
    terminal.press("q");
    assert_eq!(terminal.end(), 130);
    assert!(!terminal.is_full_screen(), "the terminal is given back");
    let stopped = format!(
        "stopped at iteration {} with a checkpoint",
        newest(folder.path())
    );
    assert!(terminal.text().contains(&stopped), "{}", terminal.text());
    assert!(newest(folder.path()) > still);
    assert_resumes_to_the_bit(folder.path());
}

#[test]
fn ctrl_c_in_the_live_view_and_in_the_plain_one_stops_with_a_checkpoint() {
    for (plain, full_screen) in [(&["--no-tui"][..], false), (&[], true)] {
        let folder = tempdir().unwrap();
        write_images(folder.path());
        let arguments = [&FOREVER, plain].concat();
        let mut terminal = Terminal::start(folder.path(), &arguments, "xterm-256color", &[]);
        terminal.until("progress", |text| text.contains("iterations/s"));
        assert_eq!(terminal.is_full_screen(), full_screen);
        terminal.press("\u{3}");
        assert_eq!(terminal.end(), 130);
        assert!(!terminal.is_full_screen());
        assert!(
            terminal.text().contains("--resume run`"),
            "{}",
            terminal.text()
        );
        assert!(newest(folder.path()) > 0);
    }
}

#[test]
fn ctrl_c_after_q_does_not_cost_the_checkpoint() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let mut terminal = Terminal::start(folder.path(), &FOREVER, "xterm-256color", &[]);
    terminal.until("progress", |text| text.contains("iterations/s"));
    terminal.press("p");
    terminal.until("the pause", |text| text.contains("PAUSED"));
    terminal.press("q\u{3}");
    assert_eq!(terminal.end(), 130);
    assert!(newest(folder.path()) > 0);
}

#[test]
fn a_closed_terminal_stops_the_run_with_a_checkpoint() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let mut terminal = Terminal::start(folder.path(), &FOREVER, "xterm-256color", &[]);
    terminal.until("progress", |text| text.contains("iterations/s"));
    terminal.close();
    assert_eq!(terminal.end(), 130);
    assert!(newest(folder.path()) > 0);
}

#[test]
fn samples_are_shown_without_colors() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let mut terminal = Terminal::start(
        folder.path(),
        &FOREVER,
        "xterm-256color",
        &[("NO_COLOR", "1")],
    );
    // By then the generator draws bright bars.
    terminal.until("ink", |text| {
        text.contains("iterations/s") && text.contains('@')
    });
    assert!(!terminal.text().contains('▀'), "{}", terminal.text());
    terminal.press("q");
    assert_eq!(terminal.end(), 130);
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_under_nohup_continues_without_its_terminal() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let mut child = Command::new("sh")
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(assert_cmd::cargo::cargo_bin("trainer"))
        .args([
            "train",
            "--preset=seed",
            "--dataset=idx",
            "--data=.",
            "--iterations=2000",
            "--out=run",
        ])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("training seed")));
    let hang_up = Command::new("kill")
        .args(["-HUP", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(hang_up.success());
    assert!(lines.all(|line| !line.unwrap().starts_with("stopped")));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn dumb_terminals_and_ci_get_plain_lines() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let few = [
        "train",
        "--preset=seed",
        "--dataset=idx",
        "--data=.",
        "--iterations=30",
    ];
    for (kind, environment) in [("dumb", &[][..]), ("xterm", &[("CI", "true")])] {
        let mut terminal = Terminal::start(folder.path(), &few, kind, environment);
        assert_eq!(terminal.end(), 0, "{}", terminal.written());
        let written = terminal.written();
        assert!(written.contains("training seed on idx"), "{written}");
        assert!(
            !written.contains('\u{1b}'),
            "no control characters: {written:?}"
        );
    }
}

#[test]
fn an_interrupt_in_a_pipe_stops_with_a_checkpoint() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("trainer"))
        .args(FOREVER)
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("training seed") {
        line.clear();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "the run ended by itself"
        );
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(
        rest.contains("with a checkpoint; resume with `trainer train --resume run`"),
        "{rest}"
    );
    assert_resumes_to_the_bit(folder.path());
}
