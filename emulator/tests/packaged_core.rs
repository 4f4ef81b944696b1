//! The packaged `thumbgan-core` builds by itself, and in firmware outside of the repository for three kinds of core.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSection};
use thumbgan_emulator::process::{self, cargo, root, run};

/// Targets of the outside firmware: Cortex-M0, Cortex-M4, and RISC-V without atomics.
const TARGETS: [&str; 3] = [
    "thumbv6m-none-eabi",
    "thumbv7em-none-eabihf",
    "riscv32imc-unknown-none-elf",
];

#[test]
fn builds_outside_of_the_repository() -> Result<()> {
    run(cargo(root()).args(["package", "-p", "thumbgan-core", "--allow-dirty"]))?;
    let name = concat!("thumbgan-core-", env!("CARGO_PKG_VERSION"));
    let archive = process::target()
        .join("package")
        .join(name)
        .with_added_extension("crate");
    let folder = tempfile::tempdir()?;
    unpack(&archive, name, folder.path())?;
    for (file, contents) in [
        ("Cargo.toml", include_str!("outside/Cargo.toml.in")),
        ("src/main.rs", include_str!("outside/firmware.rs")),
        ("link.x", include_str!("outside/link.x")),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(path, contents)?;
    }
    let model = root().join("models/digits-nano.tgan");
    fs::copy(&model, folder.path().join("digits-nano.tgan"))
        .with_context(|| format!("cannot copy {}", model.display()))?;
    for target in TARGETS {
        build(folder.path(), target)?;
    }
    Ok(())
}

#[test]
fn kernels_that_the_target_cannot_run_are_errors() -> Result<()> {
    // A path that contains "-dsp" says nothing about the core.
    let path_flag = "--remap-path-prefix=/home/my-dsp=x";
    for (target, kernel, flags, message) in [
        (
            "thumbv6m-none-eabi",
            "dsp",
            "",
            "supports mul-v6, reference",
        ),
        ("thumbv8m.main-none-eabihf", "", "", "set THUMBGAN_KERNEL"),
        (
            "thumbv8m.main-none-eabihf",
            "",
            path_flag,
            "set THUMBGAN_KERNEL",
        ),
        (
            "thumbv8m.main-none-eabihf",
            "dsp",
            "-Ctarget-feature=-dsp",
            "supports mul, reference",
        ),
    ] {
        let mut command = cargo(root());
        command.args([
            "check",
            "-p",
            "thumbgan-core",
            "--no-default-features",
            "--target",
            target,
        ]);
        let output = command
            .env("THUMBGAN_KERNEL", kernel)
            .env("RUSTFLAGS", flags)
            .output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        ensure!(
            !output.status.success() && text.contains(message),
            "{target}, kernel {kernel:?}, flags {flags:?}: {text}"
        );
    }
    Ok(())
}

/// Unpacks a package into `folder/thumbgan-core`.
fn unpack(archive: &Path, name: &str, folder: &Path) -> Result<()> {
    run(Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder))?;
    fs::rename(folder.join(name), folder.join("thumbgan-core"))
        .with_context(|| format!("{} contains no folder {name}", archive.display()))
}

/// Builds the outside firmware for a target and checks that its code is where the linker script says.
fn build(folder: &Path, target: &str) -> Result<()> {
    let link = folder.join("link.x");
    let mut command = cargo(folder);
    command.args(["build", "--release", "--target", target]);
    command.env("CARGO_TARGET_DIR", folder.join("target"));
    command.env("RUSTFLAGS", format!("-C link-arg=-T{}", link.display()));
    run(&mut command)?;
    let elf = folder
        .join("target")
        .join(target)
        .join("release")
        .join("outside");
    let bytes = fs::read(&elf).with_context(|| format!("no {}", elf.display()))?;
    let file = object::File::parse(&*bytes)?;
    let text = file
        .section_by_name(".text")
        .context("the firmware has no code")?;
    ensure!(
        text.address() == 0x1_0000 && text.size() > 10_000,
        "{target}: {} bytes of code at {:#x}",
        text.size(),
        text.address()
    );
    println!("{target}: {} bytes of code and constants", text.size());
    Ok(())
}
