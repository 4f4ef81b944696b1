//! `cargo xtask build`: the firmware of a board or of all boards, as ELF and UF2 files.

use std::{
    fs,
    path::{Path, PathBuf},
    slice,
};

use anyhow::{Context, Result};
use thumbgan_boards::{BOARDS, Board, Uf2};
use thumbgan_emulator::{files::AtomicFile, firmware, models::ModelFile};

use crate::{find_board, setup};

mod uf2;

/// Options of `cargo xtask build`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Name of the board; see the list in `cargo xtask --help`
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    board: Option<String>,
    /// Build every board
    #[arg(long)]
    all: bool,
}

/// Builds the chosen boards with the default model and prints the paths of their files.
///
/// # Errors
/// If the board is unknown or a build fails.
pub fn build(options: &Options) -> Result<()> {
    match &options.board {
        Some(name) => build_boards(slice::from_ref(find_board(name)?)),
        None => build_all(),
    }
}

/// Builds every board with the default model and prints the paths of their files.
///
/// # Errors
/// If a build fails.
pub fn build_all() -> Result<()> {
    build_boards(&BOARDS)
}

fn build_boards(boards: &[Board]) -> Result<()> {
    let model = ModelFile::read(None)?;
    for board in boards {
        setup::install_targets(&[board.target])?;
        let elf = firmware::board(board, &model)?;
        println!("{}: {}", board.name, elf.display());
        if let Some(uf2) = board.uf2 {
            println!("{}: {}", board.name, write_uf2(board, uf2, &elf)?.display());
        }
    }
    Ok(())
}

/// Writes a board's UF2 file beside its ELF file and returns the path.
///
/// # Errors
/// If the ELF file cannot be read or converted, or the UF2 file cannot be written.
pub fn write_uf2(board: &Board, uf2: Uf2, elf: &Path) -> Result<PathBuf> {
    let path = elf.with_added_extension("uf2");
    let bytes = fs::read(elf).with_context(|| format!("cannot read {}", elf.display()))?;
    let file = uf2::from_elf(&bytes, board.flash, uf2.family)
        .with_context(|| format!("cannot convert {} to UF2", elf.display()))?;
    AtomicFile::new(&path)?.write(&file)?;
    Ok(path)
}
