//! Installing what is missing. Nothing is said where all is there.

use std::{env, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    boards::{self, QEMU_ARM, QEMU_RISCV},
    browser,
    shell::{output, present},
};

mod apt;

/// Everything that `cargo xtask test` needs.
///
/// # Errors
/// When something cannot be installed; the message says what to do.
pub fn all() -> Result<()> {
    targets(&boards::targets())?;
    components()?;
    miri()?;
    qemu()?;
    chromium()
}

/// Standard libraries of these Rust targets.
///
/// # Errors
/// When one is missing and rustup cannot add it.
pub fn targets(wanted: &[&str]) -> Result<()> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let installed = Path::new(sysroot.trim()).join("lib").join("rustlib");
    let missing: Vec<_> = wanted
        .iter()
        .filter(|target| !installed.join(target).is_dir())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    for target in &missing {
        println!("set-up: adding the Rust target {target}");
    }
    output(
        Command::new("rustup")
            .args(["target", "add"])
            .args(&missing),
    )
    .context(
        "Rust targets are missing; install Rust with rustup, or these targets with your Rust",
    )?;
    Ok(())
}

/// Clippy and rustfmt for the Rust in use.
fn components() -> Result<()> {
    for (component, program) in [("clippy", "cargo-clippy"), ("rustfmt", "cargo-fmt")] {
        if !present(program) {
            println!("set-up: adding {component}");
            output(Command::new("rustup").args(["component", "add", component]))
                .with_context(|| format!("{component} is missing; install it with your Rust"))?;
        }
    }
    Ok(())
}

/// Whether there is a nightly toolchain, which miri needs.
///
/// # Errors
/// When rustup exists, but fails.
pub fn nightly() -> Result<bool> {
    if !present("rustup") {
        return Ok(false);
    }
    let toolchains = output(Command::new("rustup").args(["toolchain", "list"]))?;
    Ok(toolchains
        .lines()
        .any(|line| line.starts_with("nightly-") && !line.starts_with("nightly-20")))
}

/// Miri and its sources, where there is a nightly toolchain.
fn miri() -> Result<()> {
    if !nightly()? {
        return Ok(());
    }
    let list = output(Command::new("rustup").args([
        "component",
        "list",
        "--installed",
        "--toolchain",
        "nightly",
    ]))?;
    for component in ["miri", "rust-src"] {
        if !list.lines().any(|line| line.starts_with(component)) {
            println!("set-up: adding {component} to nightly");
            output(Command::new("rustup").args([
                "component",
                "add",
                component,
                "--toolchain",
                "nightly",
            ]))?;
        }
    }
    Ok(())
}

/// QEMU for Arm and RISC-V.
///
/// # Errors
/// When it is missing and cannot be installed here.
pub fn qemu() -> Result<()> {
    let missing: Vec<_> = [QEMU_ARM, QEMU_RISCV]
        .into_iter()
        .filter(|program| !present(program))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(" and ");
    if !present("apt-get") {
        bail!("{missing} not found; install QEMU: {}", qemu_hint());
    }
    println!("set-up: installing {missing} with apt-get");
    apt::install(&["qemu-system-arm", "qemu-system-misc"])?;
    ensure!(
        present(QEMU_ARM) && present(QEMU_RISCV),
        "{missing} still not found after the installation"
    );
    Ok(())
}

/// Chromium, unless Chrome is there.
///
/// # Errors
/// When neither is there and it cannot be installed here.
pub fn chromium() -> Result<()> {
    if browser::find().is_some() {
        return Ok(());
    }
    ensure!(
        present("apt-get"),
        "no Chromium or Chrome found; install one of them, it shows the trainer's report"
    );
    println!("set-up: installing chromium with apt-get");
    apt::install(&["chromium"])?;
    ensure!(
        browser::find().is_some(),
        "no Chromium found after the installation"
    );
    Ok(())
}

/// How to install QEMU on systems where this program does not.
fn qemu_hint() -> &'static str {
    match env::consts::OS {
        "macos" => "brew install qemu",
        "windows" => "winget install SoftwareFreedomConservancy.QEMU, and add its folder to PATH",
        _ => {
            "pacman -S qemu-system-arm qemu-system-riscv, dnf install qemu-system-arm qemu-system-riscv, \
             zypper install qemu-arm qemu-extra, or your system's like"
        }
    }
}

/// Whether this user may install packages as it is.
fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// `env`, to run a program that installs packages.
///
/// # Errors
/// When the user is not root and there is no sudo.
fn privileged() -> Result<Command> {
    if is_root() {
        return Ok(Command::new("env"));
    }
    ensure!(
        present("sudo"),
        "installing packages needs root: run this as root once, or install sudo"
    );
    let mut command = Command::new("sudo");
    command.arg("env");
    Ok(command)
}
