//! `cargo xtask flash`: the firmware, or a model alone, onto a connected board, by probe-rs or as a UF2 file.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use thumbgan_boards::{Board, ImageFormat, ModelRegion, Runner, Uf2};
use thumbgan_emulator::{firmware, models::ModelFile, process};

use crate::{
    build::find_board,
    probe::{self, PROBE_RS, Selector},
    setup,
};

/// Options of `cargo xtask flash`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Name of the board; see the list in `cargo xtask --help`
    board: String,
    /// Model file to carry instead of models/digits.tgan
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Write the model alone, into the board's model region; the firmware on the board uses it instead of its own
    #[arg(long)]
    model_only: bool,
    /// Debug probe to use if several are connected; `probe-rs list` shows them
    #[arg(long, value_name = "VID:PID[:SERIAL]")]
    probe: Option<Selector>,
}

/// Builds a board's firmware with a model, writes it to the board and prints the board's log until Ctrl-C; or writes the
/// model alone to the board's model region and restarts the board.
///
/// Without a debug probe, a board that can be a drive gets a UF2 file to be copied there.
///
/// # Errors
/// If the board is unknown, emulated or not connected, several debug probes are connected and none is selected,
/// probe-rs is missing, the model is invalid or too large, or the build or probe-rs fails.
pub fn flash(options: &Options) -> Result<()> {
    let board = find_board(&options.board)?;
    let Runner::Probe { chip, plug } = board.runner else {
        bail!(
            "{} is emulated and cannot be flashed: run `cargo xtask qemu`",
            board.name
        );
    };
    let model = ModelFile::read(options.model.as_deref())?;
    let region = options
        .model_only
        .then(|| model_region(board, &model))
        .transpose()?;
    let selector = options.probe.as_ref();
    let probes = probe::connected(plug);
    if let Ok(probes) = &probes {
        probe::check_choice(probes, selector)?;
    } else if board.uf2.is_none() || selector.is_some() {
        return probes.map(drop);
    }
    let uf2 = probes
        .err()
        .zip(board.uf2)
        .inspect(|(missing, _)| eprintln!("no debug probe: {missing:#}"))
        .map(|(_, uf2)| uf2);
    if let Some(region) = region {
        if let Some(uf2) = uf2 {
            print_copy(&firmware::write_model_uf2(board, uf2, region, &model)?, uf2);
            return Ok(());
        }
        let mut download = probe_rs("download", chip, selector);
        download
            .args(["--binary-format", "bin", "--base-address"])
            .arg(format!("{:#x}", region.memory.origin));
        process::run(download.arg(&model.path))?;
        return process::run(&mut probe_rs("reset", chip, selector));
    }
    setup::install_targets(&[board.target])?;
    let elf = firmware::board(board, &model)?;
    if let Some(uf2) = uf2 {
        print_copy(&firmware::write_uf2(board, uf2, &elf)?, uf2);
        return Ok(());
    }
    let mut run = probe_rs("run", chip, selector);
    if board.image == ImageFormat::EspIdf {
        run.args(["--binary-format", "idf"]);
    }
    process::run(run.arg(elf))
}

/// Returns the board's model region if the model fits.
fn model_region(board: &Board, model: &ModelFile) -> Result<ModelRegion> {
    board
        .region_for(model.bytes.len() as u64)
        .with_context(|| format!("{} cannot be written", model.path.display()))
}

/// Returns a command of probe-rs for a chip.
fn probe_rs(command: &str, chip: &str, selector: Option<&Selector>) -> Command {
    let mut program = Command::new(PROBE_RS);
    program.args([command, "--chip", chip]);
    if let Some(selector) = selector {
        program.args(["--probe", &selector.to_string()]);
    }
    program
}

/// Prints how to copy a UF2 file to a board.
fn print_copy(file: &Path, uf2: Uf2) {
    println!("hold BOOTSEL while you connect the board by USB, then copy");
    println!(
        "  {}\nto the drive {} that appears",
        file.display(),
        uf2.drive
    );
}
