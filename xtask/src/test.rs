//! `cargo xtask test`: all checks in steps, until one fails.

use std::{
    env,
    path::Path,
    process::Command,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use thumbgan_boards::BOARDS;
use thumbgan_emulator::{
    firmware,
    machines::{CORE_TARGETS, MACHINES, rustflags},
    process::{self, cargo, cargo_workspace, output, root, run},
};

use crate::{build, miri, setup, size};

/// Options of `cargo xtask test`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Run only the steps whose names contain this text, such as golden
    #[arg(default_value = "")]
    filter: String,
}

type Step = (&'static str, fn() -> Result<()>);

/// Steps before all others: the set-up, and fast ones.
const FIRST: [Step; 4] = [
    ("set-up", setup::install_all),
    ("formatting", formatting),
    ("licenses and sources", || {
        deny(&["licenses", "bans", "sources"])
    }),
    ("security advisories", advisories),
];
/// Steps of the root workspace.
const HOST: [Step; 6] = [
    ("clippy", clippy),
    ("tests", || run(&mut cargo_workspace("test"))),
    ("documentation", documentation),
    ("core on every target", core_targets),
    ("core as a package", || emulated("packaged_core")),
    ("example of core", || {
        run(cargo(root()).args(["run", "-p", "thumbgan-core", "--example", "terminal"]))
    }),
];
/// Steps that build in folders of their own: the firmware's workspace, and miri.
const FIRMWARE: [Step; 5] = [
    ("clippy of the firmware", firmware_clippy),
    ("tests of the firmware", || {
        run(cargo(&process::firmware("")).arg("test"))
    }),
    FIRMWARE_OF_EVERY_BOARD,
    ("sizes", || size::size(false)),
    ("core under miri", miri::test),
];
/// Steps that wait for other programs for most of their time.
const WAITING: [Step; 3] = [
    ("sweep on Slurm", slurm),
    ("report in a browser", || emulated("browser_report")),
    ("page in a browser", || emulated("web_page")),
];
const FIRMWARE_OF_EVERY_BOARD: Step = ("firmware of every board", build::build_all);
/// Steps that run the firmware, after it is built.
const EMULATED: [Step; 9] = [
    ("panic-free check", || emulated("panic_free")),
    ("kernels against the reference kernels", || {
        emulated("kernel_equivalence")
    }),
    ("golden vectors on emulated machines", || {
        emulated("golden_vectors")
    }),
    ("instruction counts", || emulated("instruction_counts")),
    ("display of the emulated board", || emulated("display")),
    ("serial protocol of the emulated board", || {
        emulated("serial_protocol")
    }),
    ("the Pico's firmware in an emulator", || emulated("pico")),
    ("display of the ESP32-C3 boards", || emulated("esp32c3")),
    ("soak test", || emulated("soak")),
];

/// Runs the steps that match the filter and prints the time of each.
///
/// # Errors
/// If a step fails, or no step matches the filter.
pub fn test(options: &Options) -> Result<()> {
    let steps = || {
        [&FIRST[..], &HOST, &FIRMWARE, &WAITING, &EMULATED]
            .into_iter()
            .flatten()
    };
    let selected = |(name, _): &&Step| name.contains(&options.filter);
    ensure!(
        steps().any(|step| selected(&step)),
        "no step matches {:?}; the steps are: {}",
        options.filter,
        steps()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(", ")
    );
    let progress = Progress {
        filter: &options.filter,
        count: steps().filter(selected).count(),
        started: AtomicUsize::new(0),
        has_failed: AtomicBool::new(false),
        times: Mutex::default(),
        ended: Condvar::new(),
    };
    // Three lanes beside each other: two of them alone would leave a processor idle while their tests wait.
    let lanes: [fn(&Progress) -> Result<()>; 3] = [
        |progress| progress.run(&HOST),
        |progress| progress.run(&FIRMWARE),
        |progress| {
            progress.run(&WAITING)?;
            progress.wait_for(FIRMWARE_OF_EVERY_BOARD.0);
            progress.run(&EMULATED)
        },
    ];
    let progress = &progress;
    let outcome = progress.run(&FIRST).and_then(|()| {
        thread::scope(|scope| {
            let lanes = lanes.map(|lane| scope.spawn(move || lane(progress)));
            let outcomes = lanes.map(|lane| {
                lane.join()
                    .unwrap_or_else(|_| Err(anyhow!("a thread of the steps panicked")))
            });
            outcomes.into_iter().collect::<Result<()>>()
        })
    });
    progress.print_times();
    outcome?;
    println!("Passed: all {} steps.", progress.count);
    Ok(())
}

/// Progress of all steps.
struct Progress<'a> {
    /// Text in the names of the steps to run.
    filter: &'a str,
    /// Number of these steps.
    count: usize,
    started: AtomicUsize,
    has_failed: AtomicBool,
    times: Mutex<Vec<(&'static str, Duration)>>,
    /// Notified when a step has ended.
    ended: Condvar,
}

impl Progress<'_> {
    /// Runs the steps that match the filter one after another, until one fails here or in another thread.
    fn run(&self, steps: &[Step]) -> Result<()> {
        for (name, step) in steps.iter().filter(|(name, _)| name.contains(self.filter)) {
            if self.has_failed.load(Ordering::Relaxed) {
                break;
            }
            let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
            let title = format!("{number}/{} {name}", self.count);
            println!("\n=== {title}");
            let start = Instant::now();
            let outcome = step();
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times.push((name, start.elapsed()));
            if outcome.is_err() {
                self.has_failed.store(true, Ordering::Relaxed);
            }
            drop(times);
            self.ended.notify_all();
            outcome.with_context(|| format!("step {title} failed"))?;
        }
        Ok(())
    }

    /// Waits until a step of another thread has ended, if it matches the filter, or any step has failed.
    fn wait_for(&self, step: &str) {
        let is_open = |times: &mut Vec<(&str, Duration)>| {
            !self.has_failed.load(Ordering::Relaxed) && times.iter().all(|(name, _)| *name != step)
        };
        if step.contains(self.filter) {
            let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = self.ended.wait_while(times, is_open);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn print_times(&self) {
        println!("\n=== seconds");
        for (name, time) in &*self.times.lock().unwrap_or_else(PoisonError::into_inner) {
            println!("{:7.1}  {name}", time.as_secs_f64());
        }
    }
}

fn formatting() -> Result<()> {
    run(cargo(root()).args(["fmt", "--all", "--check"]))?;
    run(cargo(&root().join("fuzz")).args(["fmt", "--check"]))?;
    run(cargo(&process::firmware("")).args(["fmt", "--all", "--check"]))
}

/// Runs checks of cargo-deny, as deny.toml describes them, on the dependencies of every workspace.
fn deny(checks: &[&str]) -> Result<()> {
    let program = setup::cargo_deny()?;
    for workspace in [root(), &process::firmware(""), &root().join("fuzz")] {
        let mut command = Command::new(&program);
        command
            .current_dir(workspace)
            .arg("--config")
            .arg(root().join("deny.toml"));
        command.args(["check", "--hide-inclusion-graph"]);
        // Each workspace has only a part of the exceptions in deny.toml.
        for lint in [
            "unmatched-skip",
            "unnecessary-skip",
            "license-exception-not-encountered",
            "license-not-encountered",
        ] {
            command.args(["-A", lint]);
        }
        run(command.args(checks))?;
    }
    Ok(())
}

/// Compares all dependencies with the advisories of the Rust Secure Code working group. Without a network the step is skipped,
/// except on GitHub.
fn advisories() -> Result<()> {
    let mut fetch = Command::new(setup::cargo_deny()?);
    fetch.current_dir(root()).args(["fetch", "db"]);
    match output(&mut fetch) {
        Ok(_) => deny(&["advisories"]),
        Err(error) if env::var_os("GITHUB_ACTIONS").is_some() => Err(error),
        Err(_) => {
            println!("skipped: the database of advisories cannot be reached");
            Ok(())
        }
    }
}

/// Checks the workspace with the default backend alone, and the emulated tests.
fn clippy() -> Result<()> {
    let mut command = cargo(root());
    command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--features",
        "thumbgan-emulator/qemu",
    ]);
    run(command.args(["--", "-D", "warnings"]))
}

/// Checks host packages with their tests, then every board's package, and the test programs once for each architecture.
fn firmware_clippy() -> Result<()> {
    let mut command = cargo(&process::firmware(""));
    // The profile of the boards, with which the packages share build scripts and procedural macros.
    command.args(["clippy", "--release", "--all-targets"]);
    run(command.args(["--", "-D", "warnings"]))?;
    let clippy = |package: &str, target: &str, configure: &dyn Fn(&mut Command)| {
        let mut command = cargo(&process::firmware(package));
        configure(command.args(["clippy", "--release", "--target", target]));
        if let Some(flags) = rustflags(target) {
            command.env("RUSTFLAGS", flags);
        }
        run(command.args(["--", "-D", "warnings"]))
    };
    for board in &BOARDS {
        clippy(board.package, board.target, &|command| {
            command.args(firmware::features(board));
        })?;
    }
    for machine in [&MACHINES[0], &MACHINES[MACHINES.len() - 1]] {
        clippy(firmware::TEST_PROGRAMS, machine.target, &|command| {
            command.env("THUMBGAN_MACHINE", machine.name);
        })?;
    }
    Ok(())
}

/// Runs a sweep as an array job of Slurm.
fn slurm() -> Result<()> {
    if !setup::install_slurm()? {
        println!("skipped: Slurm is not installed (Debian, Ubuntu: slurm-wlm)");
        return Ok(());
    }
    let mut command = cargo_workspace("test");
    run(command.args(["--test", "slurm", "--", "--ignored", "--nocapture"]))
}

/// Runs one test target of the emulator's package, with the output of its tests.
fn emulated(target: &str) -> Result<()> {
    let mut command = cargo_workspace("test");
    command.args(["--features", "thumbgan-emulator/qemu", "--test", target]);
    run(command.args(["--", "--nocapture"]))
}

fn documentation() -> Result<()> {
    let document = |folder: &Path, arguments: &[&str]| {
        let mut command = cargo(folder);
        run(command.args(arguments).env("RUSTDOCFLAGS", "-D warnings"))
    };
    document(root(), &["doc", "--workspace", "--no-deps"])?;
    document(&process::firmware(""), &["doc", "--release", "--no-deps"])
}

fn core_targets() -> Result<()> {
    for target in CORE_TARGETS {
        let mut command = cargo(root());
        command.args(["build", "-p", "thumbgan-core", "--target", target]);
        if let Some(flags) = rustflags(target) {
            command.env("RUSTFLAGS", flags);
        }
        run(&mut command)?;
    }
    Ok(())
}
