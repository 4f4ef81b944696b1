//! `cargo xtask test`: everything that must hold, one step after another, until one fails.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    bench,
    boards::{BOARDS, CORE_TARGETS, MACHINES},
    drawing, firmware, golden, hour, link, panel, report, setup,
    shell::{self, cargo, root, run},
    size,
};

/// Property tests' cases under miri, which is a hundred times slower.
const MIRI_CASES: &str = "2";

/// What steps hand on to later ones.
#[derive(Debug, Default)]
struct Findings {
    /// The emulated board's worst stack in bytes.
    stack: Option<u64>,
}

type Step = (&'static str, fn(&mut Findings) -> Result<()>);

/// The steps, quick and telling ones first.
const STEPS: [Step; 20] = [
    ("set-up", |_| setup::all()),
    ("formatting", |_| formatting()),
    ("clippy", |_| clippy()),
    ("clippy of the firmware", |_| firmware_clippy()),
    // Clippy has seen the trainer without the other backend.
    ("tests", |_| run(&mut shell::tested("test"))),
    // Of the packages that a host can build: the workspace's default members.
    ("tests of the firmware", |_| {
        run(cargo(&shell::firmware("")).arg("test"))
    }),
    ("report in a browser", |_| report::check()),
    ("documentation", |_| documentation()),
    ("core under miri", |_| miri()),
    ("core on every kind of chip", |_| core_targets()),
    ("firmware of every board", |_| firmware::build(None)),
    ("no panic in a digit", |_| golden::panicless()),
    ("kernels against their portable twins", |_| golden::twins()),
    ("golden vectors on emulated machines", |_| golden::check()),
    ("instructions of a digit", |_| bench::check()),
    ("instructions of a frame", |_| drawing::check()),
    ("firmware on the emulated board", |findings| {
        panel::check().map(|stack| findings.stack = Some(stack))
    }),
    ("serial link of the emulated board", |_| link::check()),
    ("an hour on the emulated board", |_| hour::check()),
    ("sizes", |findings| size::size(findings.stack)),
];

/// Runs every step, or those whose names contain `only`.
///
/// # Errors
/// The first step that fails, or when there is no such step.
pub fn test(only: &str) -> Result<()> {
    let steps: Vec<_> = STEPS
        .iter()
        .filter(|(name, _)| name.contains(only))
        .collect();
    let names = || STEPS.map(|(name, _)| name).join(", ");
    ensure!(
        !steps.is_empty(),
        "no step has {only:?} in its name; there are: {}",
        names()
    );
    let mut findings = Findings::default();
    let mut times = Vec::new();
    for (index, (name, step)) in steps.iter().enumerate() {
        let place = format!("{}/{} {name}", index + 1, steps.len());
        println!("\n=== {place}");
        let start = Instant::now();
        let outcome = step(&mut findings);
        times.push((*name, start.elapsed()));
        if outcome.is_err() {
            summarise(&times);
        }
        outcome.with_context(|| format!("step {place} failed"))?;
    }
    summarise(&times);
    println!("Passed: all {} steps.", steps.len());
    Ok(())
}

fn summarise(times: &[(&str, Duration)]) {
    println!("\n=== seconds");
    for (name, time) in times {
        println!("{:7.1}  {name}", time.as_secs_f64());
    }
}

fn formatting() -> Result<()> {
    run(cargo(root()).args(["fmt", "--all", "--check"]))?;
    run(cargo(&shell::firmware("")).args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    run(cargo(root()).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Host packages with their tests; then each package for a chip, the golden vectors once for each architecture.
fn firmware_clippy() -> Result<()> {
    run(cargo(&shell::firmware("")).args(["clippy", "--all-targets", "--", "-D", "warnings"]))?;
    let chip = |command: &mut Command, target: &str| {
        run(command.args(["--target", target, "--", "-D", "warnings"]))
    };
    for board in &BOARDS {
        let mut command = cargo(&shell::firmware(board.package));
        chip(
            command
                .args(["clippy", "--release"])
                .args(firmware::features(board)),
            board.target,
        )?;
    }
    for machine in [&MACHINES[0], &MACHINES[MACHINES.len() - 1]] {
        let mut command = cargo(&shell::firmware("golden"));
        chip(
            command
                .args(["clippy", "--release"])
                .env("THUMBGAN_MACHINE", machine.name),
            machine.target,
        )?;
    }
    Ok(())
}

fn documentation() -> Result<()> {
    run(cargo(root())
        .args(["doc", "--workspace", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings"))?;
    run(cargo(&shell::firmware(""))
        .args(["doc", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings"))
}

fn miri() -> Result<()> {
    if !setup::nightly()? {
        println!("skipped: miri needs a nightly toolchain (`rustup toolchain install nightly`)");
        return Ok(());
    }
    let mut command = Command::new("rustup");
    command.current_dir(root()).args([
        "run",
        "nightly",
        "cargo",
        "miri",
        "test",
        "-p",
        "thumbgan-core",
        "--tests",
    ]);
    command
        .env("PROPTEST_CASES", MIRI_CASES)
        .env("MIRIFLAGS", "-Zmiri-disable-isolation");
    run(&mut command)
}

fn core_targets() -> Result<()> {
    for target in CORE_TARGETS {
        run(cargo(root()).args(["build", "-p", "thumbgan-core", "--target", target]))?;
    }
    Ok(())
}
