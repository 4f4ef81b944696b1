//! `cargo xtask build`: the firmware of a board or of all boards, as ELF and UF2 files.

use std::slice;

use anyhow::{Context, Result};
use thumbgan_boards::{BOARDS, Board};
use thumbgan_emulator::{firmware, models::ModelFile};

use crate::setup;

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
            println!(
                "{}: {}",
                board.name,
                firmware::write_uf2(board, uf2, &elf)?.display()
            );
        }
    }
    Ok(())
}

/// Returns the board of this name.
///
/// # Errors
/// If there is none; the message lists the boards.
pub fn find_board(name: &str) -> Result<&'static Board> {
    thumbgan_boards::find(name).with_context(|| format!("no board {name:?}; {}", board_list()))
}

/// Returns a list of the boards, one a line.
pub fn board_list() -> String {
    let line = |board: &Board| {
        format!(
            "\n  {:17} {}, {}",
            board.name, board.target, board.display.name
        )
    };
    format!("boards:{}", BOARDS.iter().map(line).collect::<String>())
}
