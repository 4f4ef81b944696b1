//! Builds of the firmware.
//!
//! Builds of one program with other models or for other machines end in the same file, so they run one after another
//! under a lock; programs for the tests are copied before the next build replaces them.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempPath;
use thumbgan_boards::{Board, ModelRegion, Uf2};

use crate::{
    files::AtomicFile,
    machines::{Machine, rustflags},
    models::ModelFile,
    process,
};

pub mod symbol;
mod uf2;

/// A program in `firmware/` that runs on an emulated machine and reports by semihosting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestProgram {
    /// Comparison of the images of all seeds with the golden vectors.
    GoldenVectors,
    /// Comparison of the kernels with the reference kernels on random layers.
    KernelEquivalence,
    /// Program that links only if no panic is reachable from parsing a model or generating an image.
    PanicFree,
    /// Instruction count of an image, layer by layer.
    ImageInstructions,
    /// Instruction count of a frame of the latent walk on each kind of panel.
    FrameInstructions,
}

impl TestProgram {
    /// Returns the name of the program's binary.
    const fn bin(self) -> &'static str {
        match self {
            Self::GoldenVectors => "golden-vectors",
            Self::KernelEquivalence => "kernel-equivalence",
            Self::PanicFree => "panic-free",
            Self::ImageInstructions => "image-instructions",
            Self::FrameInstructions => "frame-instructions",
        }
    }
}

/// Folder of the test programs in `firmware/`.
pub const TEST_PROGRAMS: &str = "core-tests";
/// Folder of the baselines in `firmware/`.
pub const BASELINES: &str = "baselines";

/// Builds a board's firmware with a model and returns cargo's path of the ELF file, which the next build of the board
/// overwrites.
///
/// # Errors
/// If the build fails.
pub fn board(board: &Board, model: &ModelFile) -> Result<PathBuf> {
    let _lock = BuildLock::acquire()?;
    executable(board.name, board.target, &mut board_command(board, model))
}

/// Builds a board's firmware with a model and returns a copy of the ELF file.
///
/// # Errors
/// If the build or the copy fails.
pub fn board_copy(board: &Board, model: &ModelFile) -> Result<TempPath> {
    executable_copy(board.name, board.target, &mut board_command(board, model))
}

/// Builds a board's firmware with an invalid model, without the build's check of the model, and returns a copy of the
/// ELF file.
///
/// # Errors
/// If the build or the copy fails.
pub fn board_copy_unchecked(board: &Board, model: &ModelFile) -> Result<TempPath> {
    let mut command = board_command(board, model);
    executable_copy(
        board.name,
        board.target,
        command.env("THUMBGAN_UNCHECKED", "1"),
    )
}

/// Writes a board's UF2 file beside its ELF file and returns the path.
///
/// # Errors
/// If the ELF file cannot be read or converted, or the UF2 file cannot be written.
pub fn write_uf2(board: &Board, uf2: Uf2, elf: &Path) -> Result<PathBuf> {
    let path = elf.with_added_extension("uf2");
    let bytes = fs::read(elf).with_context(|| format!("cannot read {}", elf.display()))?;
    let file = uf2::from_elf(&bytes, board.flash, uf2)
        .with_context(|| format!("cannot convert {} to UF2", elf.display()))?;
    AtomicFile::new(&path)?.write(&file)?;
    Ok(path)
}

/// Writes a UF2 file with a model for a board's model region and returns the path.
///
/// # Errors
/// If the UF2 file cannot be written.
pub fn write_model_uf2(
    board: &Board,
    uf2: Uf2,
    region: ModelRegion,
    model: &ModelFile,
) -> Result<PathBuf> {
    let folder = process::target();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join(format!("{}-{}.uf2", model.name(), board.name));
    let file = uf2.encode(region.memory.origin, &model.bytes);
    AtomicFile::new(&path)?.write(&file)?;
    Ok(path)
}

/// Builds a test program with a model for a machine and returns a copy of the ELF file.
///
/// # Errors
/// If the build or the copy fails.
pub fn test_program(
    program: TestProgram,
    machine: &Machine,
    model: &ModelFile,
) -> Result<TempPath> {
    let mut command = process::cargo(&process::firmware(TEST_PROGRAMS));
    command
        .args(["build", "--release"])
        .env("THUMBGAN_MACHINE", machine.name);
    command
        .env("THUMBGAN_MODEL", &model.path)
        .env_remove("THUMBGAN_UNCHECKED");
    executable_copy(program.bin(), machine.target, &mut command)
}

/// Builds the program that counts MicroFlow's instructions on a machine, with this `opt-level`, and returns a copy of
/// the ELF file.
///
/// # Errors
/// If the build or the copy fails.
pub fn baseline(machine: &Machine, opt_level: &str) -> Result<TempPath> {
    let mut command = process::cargo(&process::firmware(BASELINES));
    command
        .args(["build", "--release"])
        .env("THUMBGAN_MACHINE", machine.name);
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level);
    executable_copy("baselines", machine.target, &mut command)
}

/// Builds the functions of the ESP32-C3's mask ROM for the simulator and returns a copy of the ELF file.
///
/// # Errors
/// If the build or the copy fails.
pub fn esp32c3_rom() -> Result<TempPath> {
    const NAME: &str = "esp32c3-rom";
    let mut command = process::cargo(&process::firmware(NAME));
    command.args(["build", "--release"]);
    executable_copy(NAME, "riscv32imc-unknown-none-elf", &mut command)
}

fn board_command(board: &Board, model: &ModelFile) -> Command {
    let mut command = process::cargo(&process::firmware(board.package));
    command.args(["build", "--release"]).args(features(board));
    command
        .env("THUMBGAN_MODEL", &model.path)
        .env_remove("THUMBGAN_UNCHECKED");
    command
}

/// Returns cargo's arguments that select a board's chip in its package.
pub fn features(board: &Board) -> impl Iterator<Item = &'static str> {
    board
        .features
        .iter()
        .flat_map(|feature| ["--features", feature])
}

/// Exclusive right to build firmware, across threads and processes.
struct BuildLock(#[expect(dead_code, reason = "closing the file releases the lock")] File);

impl BuildLock {
    fn acquire() -> Result<Self> {
        let folder = process::target();
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join("firmware-build.lock");
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        file.lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(Self(file))
    }
}

/// Builds one binary and returns a copy of its ELF file.
fn executable_copy(bin: &str, target: &str, cargo: &mut Command) -> Result<TempPath> {
    let _lock = BuildLock::acquire()?;
    let elf = executable(bin, target, cargo)?;
    let copy = tempfile::Builder::new()
        .prefix(bin)
        .suffix(".elf")
        .tempfile()?
        .into_temp_path();
    fs::copy(&elf, &copy).with_context(|| format!("cannot copy {}", elf.display()))?;
    Ok(copy)
}

/// Builds one binary for a target with the command `cargo` and returns cargo's path of the ELF file.
fn executable(bin: &str, target: &str, cargo: &mut Command) -> Result<PathBuf> {
    let flags = rustflags(target).unwrap_or_default().split_whitespace();
    process::set_rustc_flags(cargo, target, flags);
    built(bin, cargo.args(["--bin", bin, "--target", target]))
}

/// Runs a build and returns the path of its binary `bin`, as reported by cargo.
///
/// # Errors
/// If the build fails or has no such binary.
pub fn built(bin: &str, cargo: &mut Command) -> Result<PathBuf> {
    eprintln!("$ {}", process::line(cargo));
    cargo
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    let mut running = process::ChildGuard::spawn(cargo)?;
    let output = running
        .0
        .stdout
        .take()
        .context("cargo's output was not piped")?;
    let mut elf = None;
    for line in BufReader::new(output).lines() {
        let message: Value = serde_json::from_str(&line?).context("cargo printed invalid JSON")?;
        if message["target"]["name"] == bin && message["profile"]["test"] == false {
            elf = message["executable"].as_str().map(PathBuf::from).or(elf);
        }
    }
    let status = running.0.wait()?;
    ensure!(
        status.success(),
        "{bin} does not build: see cargo's messages above"
    );
    elf.with_context(|| format!("cargo reported no executable {bin}"))
}
