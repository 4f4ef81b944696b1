//! The generated tables of `docs/boards.md`: sizes and estimated frame rates.

use std::{fmt::Write as _, fs};

use anyhow::{Context, Result, ensure};
use thumbgan_boards::BOARDS;

use super::{
    frame_rates,
    images::{self, Row},
    sizes::{self, Usage},
    snapshot::{TOLERANCE, docs},
    tables::{replace_section, section, thousands},
};
use crate::{files::AtomicFile, models::ModelFile};

/// Command that writes the tables.
const COMMAND: &str = "cargo xtask snapshots";
const FRAME_RATES: &str = "frame rates";
const SIZES: &str = "sizes";

/// Writes both tables; builds every board for the sizes.
///
/// # Errors
/// If a board does not build, a snapshot lacks a count, or the document lacks a section or cannot be written.
pub fn update() -> Result<()> {
    let text = replace_section(&document()?, FRAME_RATES, &frame_rates::markdown()?)?;
    let model = ModelFile::read(None)?;
    let table = sizes_markdown(&model, &sizes::measure_all(&model)?)?;
    let text = replace_section(&text, SIZES, &table)?;
    AtomicFile::new(&docs("boards.md"))?.write(text.as_bytes())?;
    eprintln!("wrote docs/boards.md ({FRAME_RATES} and {SIZES})");
    Ok(())
}

/// Compares sizes with those of the document, if the snapshots are of the compiler in use.
///
/// # Errors
/// If a size differs by more than 2 %, or the document cannot be read or lacks its table.
pub fn compare_sizes(model: &ModelFile, usages: &[Usage]) -> Result<()> {
    if images::SNAPSHOT.read_comparable::<Row>()?.is_none() {
        return Ok(());
    }
    let (text, table) = (document()?, sizes_markdown(model, usages)?);
    ensure!(
        are_similar(section(&text, SIZES)?, &table),
        "docs/boards.md shows other sizes; if these are intended, run `{COMMAND}`:\n{table}"
    );
    Ok(())
}

fn document() -> Result<String> {
    let path = docs("boards.md");
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Returns true if two tables have the same words, and numbers within the tolerance.
///
/// Sizes differ a little between folders, on which the order of functions depends.
fn are_similar(one: &str, other: &str) -> bool {
    let cells = |table: &str| {
        let cells = table.split('|').map(|cell| cell.trim().to_owned());
        cells.collect::<Vec<_>>()
    };
    let number = |cell: &str| cell.replace(',', "").parse::<f64>().ok();
    let (one, other) = (cells(one), cells(other));
    let same = |(one, other): (&String, &String)| match (number(one), number(other)) {
        (Some(one), Some(other)) => (one - other).abs() <= one * TOLERANCE,
        _ => one == other,
    };
    one.len() == other.len() && one.iter().zip(&other).all(same)
}

/// Formats the memory use of every board as Markdown.
fn sizes_markdown(model: &ModelFile, usages: &[Usage]) -> Result<String> {
    let mut text =
        "| board | program (bytes) | model (bytes) | flash used | flash size | static RAM used | RAM size |\n\
         |---|---|---|---|---|---|---|\n"
            .to_owned();
    for (board, &Usage { flash, static_ram }) in BOARDS.iter().zip(usages) {
        let model_len = model.bytes.len() as u64;
        let (flash_size, ram_size) = (board.flash.bytes, board.ram.bytes);
        let numbers = [
            flash - model_len,
            model_len,
            flash,
            flash_size,
            static_ram,
            ram_size,
        ]
        .map(thousands);
        writeln!(text, "| `{}` | {} |", board.name, numbers.join(" | "))?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_shows_the_frame_rates_of_the_snapshots() {
        let text = document().unwrap();
        let shown = section(&text, FRAME_RATES).unwrap();
        let expected = frame_rates::markdown().unwrap();
        assert!(
            shown == expected,
            "docs/boards.md is outdated: run `{COMMAND}`"
        );
    }

    #[test]
    fn every_board_has_a_row_in_each_table() {
        let text = document().unwrap();
        for board in &BOARDS {
            let start = format!("| `{}` |", board.name);
            let rows = text.lines().filter(|line| line.starts_with(&start));
            let expected = if board.model_region.is_some() { 4 } else { 3 };
            assert_eq!(
                rows.count(),
                expected,
                "{}: parts, model region, sizes, frame rates",
                board.name
            );
        }
    }

    #[test]
    fn the_document_shows_the_model_regions_of_the_board_table() {
        let text = document().unwrap();
        for board in &BOARDS {
            let Some(region) = board.model_region else {
                continue;
            };
            let row = format!(
                "| `{}` | 0x{:08X} | {} | {} KiB |",
                board.name,
                region.memory.origin,
                thousands(region.memory.bytes),
                region.erase_bytes / 1024
            );
            assert!(text.contains(&row), "docs/boards.md lacks {row:?}");
        }
    }

    #[test]
    fn tolerates_sizes_that_differ_by_two_percent() {
        let table = |name: &str, bytes: &str| {
            format!("| board | program |\n|---|---|\n| `{name}` | {bytes} |\n")
        };
        let documented = table("pico", "128,772");
        assert!(are_similar(&documented, &table("pico", "128,772")));
        assert!(are_similar(&documented, &table("pico", "126,300")));
        assert!(!are_similar(&documented, &table("pico", "131,400")));
        assert!(!are_similar(&documented, &table("pico2", "128,772")));
        assert!(!are_similar(&documented, &documented.repeat(2)));
    }
}
