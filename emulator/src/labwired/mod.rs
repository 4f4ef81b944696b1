//! Firmware of the ESP32-C3 boards in the simulator labwired, a Python package; its display is read from the I2C bus.
//!
//! In: an ELF file, and the buttons that are pressed. Out: the pixels in the memory of the display's controller. The
//! package describes the chip but has no image of its mask ROM, which `rom` replaces.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    firmware::{self, symbol},
    process,
};

mod rom;
mod ssd1306;

pub use ssd1306::Memory;

/// Python package of the simulator.
pub const PACKAGE: &str = "labwired==0.25.0";
/// Program that runs the simulator.
const SCRIPT: &str = include_str!("esp32c3.py");

/// Button of an ESP32-C3 board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// MODE: the button BOOT.
    Mode = 9,
    /// ACT.
    Act = 10,
}

/// Returns the virtual environment of Python with the simulator, which `cargo xtask setup` makes.
pub fn environment() -> PathBuf {
    process::target().join("tools").join("labwired")
}

/// State after a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Memory of the display.
    pub memory: Memory,
    /// Largest stack in bytes.
    pub stack: u64,
}

/// Runs a program for `millis` of virtual time, with these buttons held.
///
/// # Errors
/// If the program or the ROM does not build or run, or the display receives an invalid command.
pub fn run(elf: &Path, millis: u32, held: &[Button]) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let program = fs::read(elf).with_context(|| format!("cannot read {}", elf.display()))?;
    let library = firmware::esp32c3_rom()?;
    let library = fs::read(&library).context("cannot read the functions of the ROM")?;
    let rom_path = folder.path().join("rom.bin");
    fs::write(&rom_path, rom::image(&program, &library)?).context("cannot write the ROM")?;
    let script = folder.path().join("esp32c3.py");
    fs::write(&script, SCRIPT).context("cannot write the simulator's script")?;
    let python = if cfg!(windows) {
        "Scripts/python"
    } else {
        "bin/python"
    };
    let mut command = Command::new(environment().join(python));
    command
        .env("LABWIRED_ESP32C3_ROM", &rom_path)
        .arg(script)
        .arg(elf)
        .arg(folder.path())
        .arg(millis.to_string())
        .arg(symbol::address(&program, "_stack_start")?.to_string())
        .args(held.iter().map(|button| (*button as u8).to_string()));
    let text = process::output(&mut command).context("`cargo xtask setup` installs labwired")?;
    let (stack, transactions) = text.split_once('\n').context("no output")?;
    Ok(Outcome {
        memory: Memory::from_transactions(transactions)?,
        stack: stack.trim().parse().context("no number of bytes")?,
    })
}
