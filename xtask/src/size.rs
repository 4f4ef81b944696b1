//! `cargo xtask size`: flash and RAM of the firmware on each board, against the board's budget.

use anyhow::{Result, ensure};
use thumbgan_boards::{BOARDS, EMULATED};
use thumbgan_emulator::{
    board, firmware,
    measure::{boards_doc, sizes},
    models::ModelFile,
};

use crate::setup;

/// Prints the memory that every board uses with the default model; measures the emulated board's stack if
/// `with_stack` is set.
///
/// # Errors
/// If a build fails, a board exceeds its budget, or docs/boards.md shows other sizes.
pub fn size(with_stack: bool) -> Result<()> {
    let model = ModelFile::read(None)?;
    setup::install_targets(&BOARDS.map(|board| board.target))?;
    let stack = if with_stack {
        setup::install_qemu()?;
        Some(board::largest_stack(&firmware::board_copy(
            &EMULATED, &model,
        )?)?)
    } else {
        None
    };
    let usages = sizes::measure_all(&model)?;
    println!("{}", sizes::table(&model, &usages, stack)?);
    let boards = BOARDS.iter().zip(&usages);
    let excess: Vec<_> = boards
        .flat_map(|(board, &usage)| sizes::excess(board, usage, &model, stack))
        .collect();
    ensure!(excess.is_empty(), "{}", excess.join("; "));
    boards_doc::compare_sizes(&model, &usages)
}
