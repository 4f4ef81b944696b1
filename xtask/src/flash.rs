//! `cargo xtask flash`: firmware onto a board that is connected by a debug probe.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    boards::{self, Runner},
    firmware,
    model::ModelFile,
    shell,
};

/// The program that talks to debug probes.
const PROBE_RS: &str = "probe-rs";

/// Builds a board's firmware with a model, writes it to the board and prints what it logs, until Ctrl-C. Where no
/// debug probe is found, but the board can be a drive, it says which file to copy there instead.
///
/// # Errors
/// When the board is unknown or not connected, probe-rs is missing, the model is bad, or the build or
/// flashing fails; the message says what to do.
pub fn flash(name: &str, model: Option<&Path>) -> Result<()> {
    let board = boards::find(name)?;
    let Runner::Probe { chip, plug } = board.runner else {
        bail!("{name} is emulated: there is nothing to flash, run `cargo xtask qemu`");
    };
    let model = ModelFile::read(model)?;
    match (find_probe(plug), board.uf2) {
        (Ok(()), _) => {
            let elf = firmware::board(board, &model)?;
            shell::run(
                Command::new(PROBE_RS)
                    .args(["run", "--chip", chip])
                    .arg(elf),
            )
        }
        (Err(missing), None) => Err(missing),
        (Err(missing), Some(uf2)) => {
            println!("no debug probe: {missing:#}");
            let file = firmware::drive_file(board, uf2, &firmware::board(board, &model)?)?;
            println!("without one: hold BOOTSEL while you connect the board by USB, then copy");
            println!(
                "  {}\nto the drive {} that appears",
                file.display(),
                uf2.drive
            );
            Ok(())
        }
    }
}

/// Looks for a debug probe; `plug` is what to connect if there is none.
fn find_probe(plug: &str) -> Result<()> {
    let probes = shell::try_output(Command::new(PROBE_RS).arg("list"))?.context(
        "probe-rs, which writes to boards, is not installed: `cargo install --locked probe-rs-tools`",
    )?;
    let list = String::from_utf8_lossy(&probes.stdout);
    ensure!(
        probes.status.success(),
        "`probe-rs list` failed: {list}{}",
        String::from_utf8_lossy(&probes.stderr)
    );
    if list.contains("No debug probes were found") {
        bail!(
            "no board found: connect {plug}, then try again{}",
            permissions()
        );
    }
    Ok(())
}

/// What else may hide a probe on this system.
const fn permissions() -> &'static str {
    if cfg!(target_os = "linux") {
        " (if it is connected: its udev rules may be missing, see probe.rs)"
    } else {
        ""
    }
}
