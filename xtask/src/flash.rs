//! `cargo xtask flash`: the firmware onto a connected board, by probe-rs or as a UF2 file.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, bail, ensure};
use thumbgan_boards::Runner;
use thumbgan_emulator::{firmware, models::ModelFile, process};

use crate::{build::find_board, setup};

/// Program that accesses debug probes.
const PROBE_RS: &str = "probe-rs";

/// Options of `cargo xtask flash`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Name of the board; see the list in `cargo xtask --help`
    board: String,
    /// Model file to carry instead of models/digits.tgan
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// Builds a board's firmware with a model, writes it to the board and prints the board's log until Ctrl-C.
///
/// Without a debug probe, a board that can be a drive gets a UF2 file to be copied there.
///
/// # Errors
/// If the board is unknown, emulated or not connected, probe-rs is missing, the model is invalid, or the build or
/// probe-rs fails.
pub fn flash(options: &Options) -> Result<()> {
    let board = find_board(&options.board)?;
    let Runner::Probe { chip, plug } = board.runner else {
        bail!(
            "{} is emulated and cannot be flashed: run `cargo xtask qemu`",
            board.name
        );
    };
    let model = ModelFile::read(options.model.as_deref())?;
    let probe = find_probe(plug);
    let uf2 = match (&probe, board.uf2) {
        (Err(_), None) => return probe,
        (_, uf2) => uf2,
    };
    setup::install_targets(&[board.target])?;
    let elf = firmware::board(board, &model)?;
    match (probe, uf2) {
        (Err(missing), Some(uf2)) => {
            let file = firmware::write_uf2(board, uf2, &elf)?;
            eprintln!("no debug probe: {missing:#}");
            println!("hold BOOTSEL while you connect the board by USB, then copy");
            println!(
                "  {}\nto the drive {} that appears",
                file.display(),
                uf2.drive
            );
            Ok(())
        }
        _ => process::run(
            Command::new(PROBE_RS)
                .args(["run", "--chip", chip])
                .arg(elf),
        ),
    }
}

/// Checks that a debug probe is connected; `plug` describes the connection.
fn find_probe(plug: &str) -> Result<()> {
    let probes = process::try_output(Command::new(PROBE_RS).arg("list"))?.context(
        "probe-rs is not installed; it writes to boards: run `cargo install --locked probe-rs-tools`",
    )?;
    let list = String::from_utf8_lossy(&probes.stdout);
    let errors = String::from_utf8_lossy(&probes.stderr);
    ensure!(
        probes.status.success(),
        "`probe-rs list` failed: {list}{errors}"
    );
    if list.contains("No debug probes were found") {
        let permissions = if cfg!(target_os = "linux") {
            " (if it is connected, its udev rules may be missing: see probe.rs)"
        } else {
            ""
        };
        bail!("no board found: connect {plug}, then try again{permissions}");
    }
    Ok(())
}
