//! Executed instructions of one frame of the latent walk, generated and drawn, for each board's core and panel.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use thumbgan_boards::{BOARDS, Board};

use super::snapshot::{Snapshot, SnapshotFile, TOLERANCE};
use crate::{
    firmware::{self, TestProgram},
    machines::{FRAME_MACHINES, Machine},
    models::ModelFile,
    semihosting,
};

/// Snapshot of the counts.
const SNAPSHOT: SnapshotFile = SnapshotFile {
    name: "frames.json",
    command: "cargo xtask snapshots",
};
/// Panels of the program that counts frames, in its order: width, height, bits of a pixel.
const PANELS: [(u32, u32, u32); 5] = [
    (72, 40, 1),
    (128, 64, 1),
    (128, 64, 4),
    (240, 240, 16),
    (240, 320, 16),
];

/// Instructions of one frame.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the board with this core and panel.
    pub board: String,
    /// Executed instructions.
    pub instructions: u64,
}

/// Counts the instructions of a frame of the default model for every board whose core this machine has.
///
/// # Errors
/// If the program does not build or fails.
pub fn count(machine: &Machine) -> Result<Vec<Row>> {
    let model = ModelFile::read(None)?;
    let elf = firmware::test_program(TestProgram::FrameInstructions, machine, &model)?;
    let counts = semihosting::count_instructions(machine, &elf)
        .with_context(|| format!("frames on {}", machine.core))?;
    let boards = BOARDS.iter().filter(|board| board.core == machine.core);
    let row = |board: &Board| {
        let instructions = counts
            .get(panel(board)?)
            .context("the program drew too few frames")?;
        Ok(Row {
            board: board.name.into(),
            instructions: *instructions,
        })
    };
    boards.map(row).collect()
}

/// Counts the instructions of a frame for every board and writes the snapshot.
///
/// # Errors
/// If a program does not build or fails, or the file cannot be written.
pub fn update_snapshot() -> Result<()> {
    let rows = FRAME_MACHINES
        .iter()
        .map(count)
        .collect::<Result<Vec<_>>>()?;
    Snapshot::new(rows.into_iter().flatten().collect())?.write(SNAPSHOT)
}

/// Compares counts with the snapshot, if that is of the compiler in use.
///
/// # Errors
/// If a count differs by more than 2 % or is not in the snapshot.
pub fn compare(rows: &[Row]) -> Result<()> {
    let Some(snapshot) = SNAPSHOT.read_comparable()? else {
        return Ok(());
    };
    for Row {
        board,
        instructions,
    } in rows
    {
        let before = find(&snapshot.rows, board)?;
        ensure!(
            before.abs_diff(*instructions) as f64 <= before as f64 * TOLERANCE,
            "a frame of {board} takes {instructions} instructions instead of {before}; if this is intended, run \
             `{}`",
            SNAPSHOT.command
        );
    }
    Ok(())
}

/// Returns the instructions of a board's frame in the snapshot.
///
/// # Errors
/// If the snapshot cannot be read or lacks the board.
pub fn snapshot_count(board: &Board) -> Result<u64> {
    find(&SNAPSHOT.read::<Row>()?.rows, board.name)
}

fn find(rows: &[Row], board: &str) -> Result<u64> {
    let row = rows.iter().find(|row| row.board == board);
    row.map(|row| row.instructions).with_context(|| {
        format!(
            "docs/{} has no count of {board}; `{}` counts",
            SNAPSHOT.name, SNAPSHOT.command
        )
    })
}

/// Returns the index of a board's panel in [`PANELS`].
fn panel(Board { name, display, .. }: &Board) -> Result<usize> {
    let kind = (display.width, display.height, display.bits);
    PANELS
        .iter()
        .position(|panel| *panel == kind)
        .with_context(|| format!("the program that counts frames has no panel like that of {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_has_a_panel_and_a_count() {
        for board in &BOARDS {
            assert!(
                panel(board).is_ok() && snapshot_count(board).is_ok(),
                "{}",
                board.name
            );
        }
    }

    #[test]
    fn names_a_missing_count() {
        let error = find(&[], "toaster").unwrap_err().to_string();
        assert!(
            error.contains("docs/frames.json has no count of toaster"),
            "{error}"
        );
    }
}
