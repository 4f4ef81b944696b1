//! `cargo xtask flash`: the firmware onto a connected board, by probe-rs or as a UF2 file.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};
use thumbgan_boards::{ImageFormat, Runner};
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
    /// Debug probe to use if several are connected; `probe-rs list` shows them
    #[arg(long, value_name = "VID:PID[:SERIAL]")]
    probe: Option<Selector>,
}

/// Builds a board's firmware with a model, writes it to the board and prints the board's log until Ctrl-C.
///
/// Without a debug probe, a board that can be a drive gets a UF2 file to be copied there.
///
/// # Errors
/// If the board is unknown, emulated or not connected, several debug probes are connected and none is selected,
/// probe-rs is missing, the model is invalid, or the build or probe-rs fails.
pub fn flash(options: &Options) -> Result<()> {
    let board = find_board(&options.board)?;
    let Runner::Probe { chip, plug } = board.runner else {
        bail!(
            "{} is emulated and cannot be flashed: run `cargo xtask qemu`",
            board.name
        );
    };
    let model = ModelFile::read(options.model.as_deref())?;
    let selector = options.probe.as_ref();
    let probes = probe::connected(plug);
    if let Ok(probes) = &probes {
        probe::check_choice(probes, selector)?;
    } else if board.uf2.is_none() || selector.is_some() {
        return probes.map(drop);
    }
    setup::install_targets(&[board.target])?;
    let elf = firmware::board(board, &model)?;
    if let (Err(missing), Some(uf2)) = (probes, board.uf2) {
        let file = firmware::write_uf2(board, uf2, &elf)?;
        eprintln!("no debug probe: {missing:#}");
        println!("hold BOOTSEL while you connect the board by USB, then copy");
        println!(
            "  {}\nto the drive {} that appears",
            file.display(),
            uf2.drive
        );
        return Ok(());
    }
    let mut command = Command::new(PROBE_RS);
    command.args(["run", "--chip", chip]);
    if board.image == ImageFormat::EspIdf {
        command.args(["--binary-format", "idf"]);
    }
    if let Some(selector) = selector {
        command.args(["--probe", &selector.to_string()]);
    }
    process::run(command.arg(elf))
}
