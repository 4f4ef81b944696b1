//! Build-script support: passes the chip's memory map to the linker and rejects a model that leaves too little flash for the
//! program. The folder `memory/` has the one memory map of each chip and emulated machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use thumbgan_boards::{Board, ImageFormat};

/// Environment variable with the path of the model, set by the build of `thumbgan-bundled-model`.
const MODEL: &str = "DEP_THUMBGAN_BUNDLED_MODEL_PATH";
/// Environment variable with QEMU's name of the emulated machine.
const MACHINE: &str = "THUMBGAN_MACHINE";

/// Prepares the build of a board's firmware, linked with `scripts`. Errors fail the build with their message.
pub fn board(name: &str, scripts: &[&str]) {
    if let Err(error) = prepare(name, scripts) {
        println!("cargo::error={error:#}");
    }
}

/// Prepares the build of a program for the emulated machine that the environment variable `THUMBGAN_MACHINE` names, or for
/// `default`. Errors fail the build with their message.
pub fn machine(default: &str) {
    println!("cargo::rerun-if-env-changed={MACHINE}");
    let machine = env::var(MACHINE).unwrap_or_else(|_| default.into());
    let unknown = || format!("{MACHINE}={machine}: no memory map of this machine");
    // The machine with a board of its own has the memory map of the board's chip.
    let chip = thumbgan_boards::EMULATED.chip;
    let name = if machine.starts_with(chip) {
        chip
    } else {
        &machine
    };
    if let Err(error) = link(&memory_map(name), &["link.x"]).with_context(unknown) {
        println!("cargo::error={error:#}");
    }
}

/// Returns the path of the memory map of a chip or machine.
fn memory_map(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/memory"))
        .join(name)
        .with_added_extension("x")
}

/// Passes a memory map and scripts to the linker and returns the text of the memory map.
fn link(map: &Path, scripts: &[&str]) -> Result<String> {
    println!("cargo::rerun-if-changed={}", map.display());
    let text = fs::read_to_string(map).with_context(|| format!("cannot read {}", map.display()))?;
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    fs::write(out.join("memory.x"), &text)
        .with_context(|| format!("cannot write to {}", out.display()))?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=--nmagic");
    pass_scripts(scripts);
    Ok(text)
}

/// Passes linker scripts to the linker.
fn pass_scripts(scripts: &[&str]) {
    for script in scripts {
        println!("cargo::rustc-link-arg-bins=-T{script}");
    }
}

/// Passes the memory map of a board's chip and scripts to the linker and checks the size of the model.
fn prepare(name: &str, scripts: &[&str]) -> Result<()> {
    let board = thumbgan_boards::find(name).with_context(|| format!("no board {name:?}"))?;
    let flash = match board.image {
        ImageFormat::Plain => {
            let map = memory_map(board.chip);
            let text = link(&map, scripts)?;
            flash(&text).with_context(|| format!("{} has no FLASH", map.display()))?
        }
        ImageFormat::EspIdf => {
            pass_scripts(scripts);
            board.flash.bytes
        }
    };
    let model = PathBuf::from(
        env::var_os(MODEL)
            .context("the build of thumbgan-bundled-model sets the path of the model")?,
    );
    let bytes = fs::metadata(&model)
        .with_context(|| format!("cannot read {}", model.display()))?
        .len();
    check(&model, bytes, board, flash)
}

/// Checks that a model of `bytes` bytes leaves enough of `flash` bytes for the board's program.
fn check(model: &Path, bytes: u64, Board { title, program, .. }: &Board, flash: u64) -> Result<()> {
    let available = flash.saturating_sub(*program);
    ensure!(
        bytes <= available,
        "{} has {bytes} bytes and is too large for the {title}: {program} of its {flash} bytes of flash are reserved for the \
         program, so a model can have {available} bytes; choose a smaller model",
        model.display()
    );
    Ok(())
}

/// Returns the length of FLASH in a linker's memory map, in bytes.
fn flash(map: &str) -> Option<u64> {
    let line = map
        .lines()
        .find(|line| line.trim_start().starts_with("FLASH"))?;
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
    fn a_model_that_leaves_too_little_flash_is_an_error_with_the_numbers() {
        let model = Path::new("models/big.tgan");
        let board = &Board {
            program: 96 * 1024,
            ..thumbgan_boards::EMULATED
        };
        assert!(check(model, 163_840, board, 262_144).is_ok());
        let error = check(model, 163_841, board, 262_144)
            .unwrap_err()
            .to_string();
        for part in [
            "models/big.tgan has 163841 bytes",
            board.title,
            "262144",
            "98304",
            "a model can have 163840",
        ] {
            assert!(error.contains(part), "{error}");
        }
        assert!(check(model, 1, board, 1024).is_err());
    }
}
