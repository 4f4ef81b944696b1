//! The instructions that a frame of the latent walk takes, its digit made and drawn, on each board's kind of core and
//! for its panel.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::{
    bench::accepted::Accepted,
    boards::{BOARDS, Board, DRAWN},
    firmware, machine,
    model::ModelFile,
};

/// The accepted counts, in docs/.
const FILE: &str = "frames.json";
/// What accepts counts.
const BLESS: &str = "cargo xtask bless";
/// How much a count may differ from the accepted one, as a share.
const TOLERANCE: f64 = 0.02;
/// The panels that the program `frame` draws on, in its order: width, height, bits of a pixel.
const PANELS: [(u32, u32, u32); 4] = [(128, 64, 1), (128, 64, 4), (240, 240, 16), (240, 320, 16)];

/// The instructions of a frame.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    /// The board whose core and panel they are of.
    board: String,
    instructions: u64,
}

/// Counts, and compares the counts with the accepted ones, as a test.
///
/// # Errors
/// When a program does not build or run, or a count differs by more than 2 %.
pub fn check() -> Result<()> {
    let rows = count()?;
    let Some(known) = Accepted::comparable(FILE, BLESS)? else {
        return Ok(());
    };
    for Row {
        board,
        instructions,
    } in &rows
    {
        let accepted = of(&known.rows, board)?;
        ensure!(
            accepted.abs_diff(*instructions) as f64 <= accepted as f64 * TOLERANCE,
            "a frame of {board} takes {instructions} instructions, not {accepted}; if that is meant, `{BLESS}`"
        );
    }
    eprintln!("{} counts, all within 2 % of the accepted ones", rows.len());
    Ok(())
}

/// Counts and accepts the counts: writes them to docs/frames.json.
///
/// # Errors
/// When a program does not build or run, or the file cannot be written.
pub fn bless() -> Result<()> {
    Accepted::new(count()?)?.save(FILE)
}

/// The accepted instructions of a board's frame.
///
/// # Errors
/// When docs/frames.json cannot be read or lacks the board.
pub fn instructions(board: &Board) -> Result<u64> {
    of(&Accepted::read(FILE, BLESS)?.rows, board.name)
}

fn of(rows: &[Row], board: &str) -> Result<u64> {
    let row = rows.iter().find(|row| row.board == board);
    row.map(|row| row.instructions)
        .with_context(|| format!("docs/{FILE} has no count of {board}; `{BLESS}` counts"))
}

fn count() -> Result<Vec<Row>> {
    let model = ModelFile::read(None)?;
    let mut rows = Vec::new();
    for machine in &DRAWN {
        let counts = machine::instructions(machine, &firmware::machine("frame", machine, &model)?)
            .with_context(|| format!("frames on {}", machine.core))?;
        for board in BOARDS.iter().filter(|board| board.core == machine.core) {
            let instructions = *counts
                .get(panel(board)?)
                .context("the program drew too few frames")?;
            rows.push(Row {
                board: board.name.into(),
                instructions,
            });
        }
    }
    Ok(rows)
}

/// The place of a board's panel in [`PANELS`].
fn panel(Board { name, display, .. }: &Board) -> Result<usize> {
    let kind = (display.width, display.height, display.bits);
    PANELS
        .iter()
        .position(|panel| *panel == kind)
        .with_context(|| {
            format!("firmware/golden/src/frame.rs draws on no panel such as that of {name}")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_has_its_machine_its_panel_and_its_count() {
        for board in &BOARDS {
            assert_eq!(
                DRAWN
                    .iter()
                    .filter(|machine| machine.core == board.core)
                    .count(),
                1,
                "{}",
                board.name
            );
            assert!(
                panel(board).is_ok() && instructions(board).is_ok(),
                "{}",
                board.name
            );
        }
    }

    #[test]
    fn missing_counts_are_named() {
        let error = of(&[], "toaster").unwrap_err().to_string();
        assert!(
            error.contains("docs/frames.json has no count of toaster"),
            "{error}"
        );
    }
}
