//! What the build scripts of the boards' packages do: they hand the linker the chip's memory map, and refuse a
//! model that leaves too little flash for the program. Programs for emulated machines need the map alone.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use thumbgan_boards::Board;

/// The path of the model that the firmware carries, from the build of `thumbgan-model`.
const MODEL: &str = "DEP_THUMBGAN_MODEL_PATH";
/// QEMU's name of the emulated machine.
const MACHINE: &str = "THUMBGAN_MACHINE";

/// Prepares the build of the firmware of the board of this name, linked by `scripts`.
///
/// Errors end the build with their message.
pub fn board(name: &str, scripts: &[&str]) {
    if let Err(error) = prepare(name, scripts) {
        println!("cargo::error={error:#}");
    }
}

/// Prepares the build of a program for the emulated machine that the environment names, or for the machine
/// `default`; the folder `maps` has a memory map for each.
///
/// Errors end the build with their message.
pub fn machine(maps: &str, default: &str) {
    println!("cargo::rerun-if-env-changed={MACHINE}");
    let machine = env::var(MACHINE).unwrap_or_else(|_| default.into());
    let unknown = || format!("{MACHINE}={machine}: {maps}/ has no map of this machine");
    if let Err(error) = link(&memory_map(maps, &machine), &["link.x"]).with_context(unknown) {
        println!("cargo::error={error:#}");
    }
}

/// Where the memory map of a chip or machine lies in the folder `maps`.
fn memory_map(maps: &str, name: &str) -> PathBuf {
    Path::new(maps).join(name).with_added_extension("x")
}

/// Hands the linker a memory map and scripts, and gives the map's text.
fn link(map: &Path, scripts: &[&str]) -> Result<String> {
    println!("cargo::rerun-if-changed={}", map.display());
    let text = fs::read_to_string(map).with_context(|| format!("cannot read {}", map.display()))?;
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    fs::write(out.join("memory.x"), &text).with_context(|| format!("cannot write to {}", out.display()))?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=--nmagic");
    for script in scripts {
        println!("cargo::rustc-link-arg-bins=-T{script}");
    }
    Ok(text)
}

fn prepare(name: &str, scripts: &[&str]) -> Result<()> {
    let board = thumbgan_boards::find(name).with_context(|| format!("no board {name:?}"))?;
    let map = memory_map("memory", board.chip);
    let text = link(&map, scripts)?;
    let model = PathBuf::from(env::var_os(MODEL).context("thumbgan-model names its model")?);
    let bytes = fs::metadata(&model).with_context(|| format!("cannot read {}", model.display()))?.len();
    let flash = flash(&text).with_context(|| format!("{} has no FLASH", map.display()))?;
    check(&model, bytes, board, flash)
}

/// Compares a model with the flash that the linker has for a board, both in bytes.
fn check(model: &Path, bytes: u64, Board { title, program, .. }: &Board, flash: u64) -> Result<()> {
    let room = flash.saturating_sub(*program);
    ensure!(
        bytes <= room,
        "{} has {bytes} bytes, too large for the {title}: of its {flash} bytes of flash {program} are kept for \
         the program, so that a model may have {room}",
        model.display()
    );
    Ok(())
}

/// The length of FLASH in a linker's memory map, in bytes.
fn flash(map: &str) -> Option<u64> {
    let line = map.lines().find(|line| line.trim_start().starts_with("FLASH"))?;
    let (_, length) = line.split_once("LENGTH =")?;
    let (number, factor) = match length.trim().strip_suffix('K') {
        Some(number) => (number, 1024),
        None => (length.trim().strip_suffix('M')?, 1024 * 1024),
    };
    Some(number.parse::<u64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flash_is_read_from_the_map() {
        let map = |length: &str| {
            format!(
                "MEMORY\n{{\n  BOOT2 : ORIGIN = 0, LENGTH = 256\n  FLASH : ORIGIN = 0x0, LENGTH = {length}\n}}\n"
            )
        };
        assert_eq!(flash(&map("256K")), Some(256 * 1024));
        assert_eq!(flash(&map("1M")), Some(1024 * 1024));
        assert_eq!(flash(&map("many")), None);
        assert_eq!(flash("MEMORY {}"), None);
    }

    #[test]
    fn a_model_that_leaves_no_room_for_the_program_is_refused_with_the_numbers() {
        let model = Path::new("models/big.tgan");
        let board = &thumbgan_boards::EMULATED;
        assert!(check(model, 163_840, board, 262_144).is_ok());
        let error = check(model, 163_841, board, 262_144).unwrap_err().to_string();
        for part in
            ["models/big.tgan has 163841 bytes", board.title, "262144", "98304", "a model may have 163840"]
        {
            assert!(error.contains(part), "{error}");
        }
        assert!(check(model, 1, board, 1024).is_err());
    }
}
