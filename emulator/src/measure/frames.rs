//! Executed instructions of one frame of the latent walk, generated and drawn, and of drawing an image that fills the panel, for
//! each board's core and panel.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use thumbgan_boards::{BOARDS, Board};

use super::{
    snapshot::{Snapshot, SnapshotFile, TOLERANCE},
    tables::thousands,
};
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
/// Section of docs/performance.md.
const SECTION: &str = "frames";
/// Panels of the program that counts frames, in its order: width, height, bits of a pixel.
const PANELS: [(u32, u32, u32); 6] = [
    (72, 40, 1),
    (128, 64, 1),
    (128, 64, 4),
    (170, 170, 16),
    (240, 240, 16),
    (240, 320, 16),
];

/// Instructions of a board's frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the board with this core and panel.
    pub board: String,
    /// Executed instructions of a frame.
    pub instructions: u64,
    /// Executed instructions of drawing an image that fills the panel.
    pub drawing: u64,
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
        let (pairs, _) = counts.as_chunks();
        let [instructions, drawing] = pairs
            .get(panel(board)?)
            .context("the program drew too few frames")?;
        Ok(Row {
            board: board.name.into(),
            instructions: *instructions,
            drawing: *drawing,
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
    let snapshot = Snapshot::new(rows.into_iter().flatten().collect())?;
    snapshot.write_with_table(SNAPSHOT, SECTION, &markdown(&snapshot)?)
}

/// Formats counts as Markdown.
fn markdown(Snapshot { rustc, rows }: &Snapshot<Row>) -> Result<String> {
    let mut text =
        "| board | latent walk (instructions per frame) | drawing (instructions per pixel) |\n|---|---|---|\n".to_owned();
    for row in rows {
        let board = thumbgan_boards::find(&row.board).with_context(|| {
            format!("docs/{} has an unknown board {}", SNAPSHOT.name, row.board)
        })?;
        let pixels = board.display.width * board.display.height;
        let (frame, drawing) = (
            thousands(row.instructions),
            row.drawing as f64 / f64::from(pixels),
        );
        writeln!(text, "| `{}` | {frame} | {drawing:.1} |", row.board)?;
    }
    writeln!(text, "\n({rustc})")?;
    Ok(text)
}

/// Compares counts with the snapshot, if that is of the compiler in use.
///
/// # Errors
/// If a count differs by more than 2 % or is not in the snapshot.
pub fn compare(rows: &[Row]) -> Result<()> {
    let Some(snapshot) = SNAPSHOT.read_comparable()? else {
        return Ok(());
    };
    for row in rows {
        let (board, before) = (&row.board, find(&snapshot.rows, &row.board)?);
        for (part, count, before) in [
            ("a frame", row.instructions, before.instructions),
            ("drawing an image", row.drawing, before.drawing),
        ] {
            ensure!(
                before.abs_diff(count) as f64 <= before as f64 * TOLERANCE,
                "{part} of {board} takes {count} instructions instead of {before}; if this is intended, run `{}`",
                SNAPSHOT.command
            );
        }
    }
    Ok(())
}

/// Returns the counts of a board in the snapshot.
///
/// # Errors
/// If the snapshot cannot be read or lacks the board.
pub fn snapshot_row(board: &Board) -> Result<Row> {
    find(&SNAPSHOT.read::<Row>()?.rows, board.name).cloned()
}

fn find<'r>(rows: &'r [Row], board: &str) -> Result<&'r Row> {
    let row = rows.iter().find(|row| row.board == board);
    row.with_context(|| {
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
    use super::{super::snapshot::assert_shown, *};

    #[test]
    fn the_document_shows_the_snapshot() {
        assert_shown(SNAPSHOT, SECTION, markdown);
    }

    #[test]
    fn every_board_has_a_panel_and_a_count() {
        for board in &BOARDS {
            assert!(
                panel(board).is_ok() && snapshot_row(board).is_ok(),
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
