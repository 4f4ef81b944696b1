//! The tables in docs/ that this program makes.

use std::{fmt::Write as _, fs, ops::Range, path::PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{
    bench,
    boards::BOARDS,
    drawing, estimate,
    files::Pending,
    model::ModelFile,
    setup, shell,
    size::{self, Usage},
};

/// How much sizes may differ from the documented ones, as a share: paths to sources are part of a program, and
/// they differ between computers.
const TOLERANCE: f64 = 0.02;

/// Writes the tables of docs/boards.md anew, and docs/frames.json; builds every board for that, and counts.
///
/// # Errors
/// When a board does not build, the instructions of a frame cannot be counted, or docs/boards.md has no place for a table or cannot be written.
pub fn bless() -> Result<()> {
    setup::qemu()?;
    drawing::bless()?;
    let text = with(&document()?, "frame rates", &estimate::table()?)?;
    let model = ModelFile::read(None)?;
    let text = with(&text, "sizes", &sizes(&model, &size::usages(&model)?)?)?;
    Pending::new(&path())?.finish(text.as_bytes())?;
    println!("wrote {} (frame rates and sizes)", path().display());
    Ok(())
}

fn path() -> PathBuf {
    shell::root().join("docs").join("boards.md")
}

fn document() -> Result<String> {
    fs::read_to_string(path()).with_context(|| format!("cannot read {}", path().display()))
}

/// `text` with `table` between the marks of this name.
///
/// # Errors
/// When it does not have them.
pub fn with(text: &str, name: &str, table: &str) -> Result<String> {
    let place = place(text, name)?;
    Ok([&text[..place.start], table, &text[place.end..]].concat())
}

/// Where `text` has the table of this name.
fn place(text: &str, name: &str) -> Result<Range<usize>> {
    let (begin, end) = (
        format!("<!-- {name}: cargo xtask bless -->\n"),
        format!("<!-- end of {name} -->\n"),
    );
    let begins = text.find(&begin).map(|at| at + begin.len());
    let (begins, ends) = begins
        .zip(text.find(&end))
        .with_context(|| format!("the document lacks the marks of its table of {name}"))?;
    ensure!(
        begins <= ends,
        "the document ends its {name} before they begin"
    );
    Ok(begins..ends)
}

/// Compares sizes with those of docs/boards.md, where the compiler is the one that the accepted counts are of.
///
/// # Errors
/// When they differ by more than 2 %, or docs/boards.md cannot be read or lacks its table.
pub fn check_sizes(model: &ModelFile, usages: &[Usage]) -> Result<()> {
    if !bench::is_of_the_compiler()? {
        return Ok(());
    }
    let text = document()?;
    let (documented, fresh) = (&text[place(&text, "sizes")?], sizes(model, usages)?);
    ensure!(
        alike(documented, &fresh),
        "docs/boards.md shows other sizes; if these are meant, `cargo xtask bless`:\n{fresh}"
    );
    Ok(())
}

/// Whether two tables have the same words, and numbers that differ by no more than the tolerance.
fn alike(one: &str, other: &str) -> bool {
    let cells = |table: &str| {
        table
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let number = |cell: &str| cell.replace(',', "").parse::<f64>().ok();
    let (one, other) = (cells(one), cells(other));
    let same = |(one, other): (&String, &String)| match (number(one), number(other)) {
        (Some(one), Some(other)) => (one - other).abs() <= one * TOLERANCE,
        _ => one == other,
    };
    one.len() == other.len() && one.iter().zip(&other).all(same)
}

/// What the firmware takes of each board's memory, in Markdown.
fn sizes(model: &ModelFile, usages: &[Usage]) -> Result<String> {
    let mut text =
        "| board | program | model | flash | of | static RAM | of |\n|---|---|---|---|---|---|---|\n"
            .to_owned();
    for (board, &Usage { flash, ram }) in BOARDS.iter().zip(usages) {
        let bytes = model.bytes.len() as u64;
        let numbers = [
            flash - bytes,
            bytes,
            flash,
            board.flash.bytes,
            ram,
            board.ram.bytes,
        ]
        .map(thousands);
        writeln!(text, "| `{}` | {} |", board.name, numbers.join(" | "))?;
    }
    Ok(text)
}

/// A number with commas.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_rates_in_the_documentation_are_those_of_the_counts() {
        let text = document().unwrap();
        let fresh = with(&text, "frame rates", &estimate::table().unwrap()).unwrap();
        assert!(
            text == fresh,
            "docs/boards.md is stale: run `cargo xtask bless`"
        );
    }

    #[test]
    fn the_documentation_has_a_chapter_or_row_for_every_board_and_table() {
        let text = document().unwrap();
        for board in &BOARDS {
            let rows = text
                .lines()
                .filter(|line| line.starts_with(&format!("| `{}` |", board.name)));
            assert_eq!(
                rows.count(),
                3,
                "{} in docs/boards.md: what it is, sizes, frame rates",
                board.name
            );
        }
        assert!(
            with(&text, "colours", "")
                .unwrap_err()
                .to_string()
                .contains("lacks the marks")
        );
    }

    #[test]
    fn sizes_may_differ_by_the_lengths_of_paths_but_not_more() {
        let table = |name: &str, bytes: &str| {
            format!("| board | program |\n|---|---|\n| `{name}` | {bytes} |\n")
        };
        let documented = table("pico", "128,772");
        assert!(
            alike(&documented, &table("pico", "128,772"))
                && alike(&documented, &table("pico", "126,300"))
        );
        assert!(!alike(&documented, &table("pico", "131,400")));
        assert!(!alike(&documented, &table("pico2", "128,772")));
        assert!(!alike(&documented, &documented.repeat(2)));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [7, 94_676, 1_048_576].map(thousands),
            ["7", "94,676", "1,048,576"]
        );
    }
}
