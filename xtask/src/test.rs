//! `cargo xtask test`: all checks in steps, until one fails.

use std::{
    path::Path,
    process::Command,
    sync::{
        Mutex, PoisonError,
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
    process::{self, cargo, cargo_workspace, root, run},
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
const FIRST: [Step; 3] = [
    ("set-up", setup::install_all),
    ("formatting", formatting),
    ("licenses and sources", licenses),
];
/// Steps of the root workspace.
const HOST: [Step; 8] = [
    ("clippy", clippy),
    ("tests", || run(&mut cargo_workspace("test"))),
    ("report in a browser", || emulated("browser_report")),
    ("page in a browser", || emulated("web_page")),
    ("documentation", documentation),
    ("core on every target", core_targets),
    ("core as a package", || emulated("packaged_core")),
    ("example of core", || {
        run(cargo(root()).args(["run", "-p", "thumbgan-core", "--example", "terminal"]))
    }),
];
/// Steps of the firmware's workspace and of miri, which build in folders of their own, and one that mostly waits: they run beside
/// those of the root workspace, because each kind leaves a processor idle for a part of its time.
const FIRMWARE: [Step; 5] = [
    ("clippy of the firmware", firmware_clippy),
    ("tests of the firmware", || {
        run(cargo(&process::firmware("")).arg("test"))
    }),
    ("firmware of every board", build::build_all),
    ("core under miri", miri::test),
    ("sweep on Slurm", slurm),
];
/// Steps that run the firmware.
const EMULATED: [Step; 10] = [
    ("sizes", || size::size(false)),
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
        [&FIRST[..], &HOST, &FIRMWARE, &EMULATED]
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
    };
    let outcome = progress.run(&FIRST).and_then(|()| {
        thread::scope(|scope| {
            let firmware = scope.spawn(|| progress.run(&FIRMWARE));
            let host = progress.run(&HOST);
            let firmware = firmware.join();
            host.and(
                firmware.unwrap_or_else(|_| Err(anyhow!("the thread of the firmware panicked"))),
            )
        })
    });
    let outcome = outcome.and_then(|()| progress.run(&EMULATED));
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
            outcome.with_context(|| format!("step {title} failed"))?;
        }
        Ok(())
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
    run(cargo(&process::firmware("")).args(["fmt", "--all", "--check"]))
}

/// Checks licenses, banned crates and sources of all dependencies with cargo-deny, by deny.toml.
fn licenses() -> Result<()> {
    let program = setup::cargo_deny()?;
    for workspace in [root(), &process::firmware("")] {
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
            "license-not-encountered",
        ] {
            command.args(["-A", lint]);
        }
        run(command.args(["licenses", "bans", "sources"]))?;
    }
    Ok(())
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
