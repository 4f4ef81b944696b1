//! Building the firmware.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    slice,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    boards::{self, BOARDS, Board, Machine, Uf2},
    files::Pending,
    model::ModelFile,
    setup, shell,
    uf2::convert,
};

/// Builds the firmware of the board of this name, or of all, with the default model; where a board takes UF2
/// files, one of them too.
///
/// # Errors
/// When the board is unknown, or as [`board`].
pub fn build(name: Option<&str>) -> Result<()> {
    let boards = match name {
        Some(name) => slice::from_ref(boards::find(name)?),
        None => &BOARDS[..],
    };
    let model = ModelFile::read(None)?;
    for one in boards {
        let elf = board(one, &model)?;
        println!("{}: {}", one.name, elf.display());
        if let Some(uf2) = one.uf2 {
            println!("{}: {}", one.name, drive_file(one, uf2, &elf)?.display());
        }
    }
    Ok(())
}

/// Builds a board's binary with this model and gives the ELF file.
///
/// # Errors
/// When the build fails, or the board's Rust target cannot be installed.
pub fn board(board: &Board, model: &ModelFile) -> Result<PathBuf> {
    executable(board.name, board.target, &mut board_command(board, model))
}

/// Writes the UF2 file of a board's ELF file beside it.
///
/// # Errors
/// When the ELF file cannot be read, or the other not be written.
pub fn drive_file(board: &Board, uf2: Uf2, elf: &Path) -> Result<PathBuf> {
    let path = elf.with_added_extension("uf2");
    let bytes = fs::read(elf).with_context(|| format!("cannot read {}", elf.display()))?;
    let file = convert(&bytes, board.flash, uf2.family)
        .with_context(|| format!("{} cannot become a UF2 file", elf.display()))?;
    Pending::new(&path)?.finish(&file)?;
    Ok(path)
}

/// Like [`board`], for a model that is known to be bad: the build's own check of it is switched off.
///
/// # Errors
/// As [`board`].
pub fn board_unchecked(board: &Board, model: &ModelFile) -> Result<PathBuf> {
    let mut command = board_command(board, model);
    executable(
        board.name,
        board.target,
        command.env("THUMBGAN_UNCHECKED", "1"),
    )
}

/// Builds a program for a machine, `golden` or `count`, with this model and gives the ELF file.
///
/// # Errors
/// As [`board`].
pub fn machine(program: &str, machine: &Machine, model: &ModelFile) -> Result<PathBuf> {
    let mut command = shell::cargo(&shell::firmware("golden"));
    command.args(["build", "--release"]);
    command
        .env("THUMBGAN_MODEL", &model.path)
        .env_remove("THUMBGAN_UNCHECKED");
    executable(
        program,
        machine.target,
        command.env("THUMBGAN_MACHINE", machine.name),
    )
}

/// Builds the program that counts MicroFlow on a machine, with this `opt-level`, and gives the ELF file.
///
/// # Errors
/// As [`board`].
pub fn peer(machine: &Machine, level: &str) -> Result<PathBuf> {
    let mut command = shell::cargo(&shell::firmware("peers"));
    command
        .args(["build", "--release"])
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level);
    executable(
        "peers",
        machine.target,
        command.env("THUMBGAN_MACHINE", machine.name),
    )
}

fn board_command(board: &Board, model: &ModelFile) -> Command {
    let mut command = shell::cargo(&shell::firmware(board.package));
    command.args(["build", "--release"]).args(features(board));
    command
        .env("THUMBGAN_MODEL", &model.path)
        .env_remove("THUMBGAN_UNCHECKED");
    command
}

/// What chooses the board's chip in its package.
pub fn features(board: &Board) -> Vec<String> {
    board
        .features
        .iter()
        .flat_map(|feature| ["--features".to_owned(), (*feature).to_owned()])
        .collect()
}

/// Builds, by the build that `cargo` begins, one binary and gives its file, which cargo names.
fn executable(bin: &str, target: &str, cargo: &mut Command) -> Result<PathBuf> {
    setup::targets(&[target])?;
    if target.starts_with("thumbv8m.main") {
        // Every such core here is a Cortex-M33 with DSP instructions, which its target leaves open.
        cargo.env("RUSTFLAGS", "-C target-cpu=cortex-m33");
    }
    built(bin, cargo.args(["--bin", bin, "--target", target]))
}

/// Runs a build and gives the file of its binary `bin`, which cargo names.
///
/// # Errors
/// When it fails.
pub fn built(bin: &str, cargo: &mut Command) -> Result<PathBuf> {
    // Where cargo's own messages go, so that a chore's output is its own.
    eprintln!("$ {}", shell::line(cargo));
    cargo
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    let mut running = shell::Running::start(cargo)?;
    let output = running
        .0
        .stdout
        .take()
        .context("cargo's output was not piped")?;
    let mut elf = None;
    for line in BufReader::new(output).lines() {
        let message: Value = serde_json::from_str(&line?).context("cargo printed no JSON")?;
        if message["target"]["name"] == bin && message["profile"]["test"] == false {
            elf = message["executable"].as_str().map(PathBuf::from).or(elf);
        }
    }
    let status = running.0.wait()?;
    ensure!(
        status.success(),
        "{bin} does not build: see cargo's messages above"
    );
    elf.with_context(|| format!("cargo named no executable for {bin}"))
}
