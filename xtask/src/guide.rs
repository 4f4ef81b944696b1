//! The tables in docs/ that this program makes.

use std::{fmt::Write as _, fs, path::PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{
    boards::BOARDS,
    estimate,
    files::Pending,
    firmware,
    model::ModelFile,
    shell,
    size::{self, Usage},
};

/// Writes the tables of docs/boards.md anew; builds every board for that.
///
/// # Errors
/// When a board does not build, or docs/boards.md has no place for a table or cannot be written.
pub fn bless() -> Result<()> {
    let text = with(&document()?, "frame rates", &estimate::table()?)?;
    let text = with(&text, "sizes", &sizes()?)?;
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
    let (begin, end) = (format!("<!-- {name}: cargo xtask bless -->\n"), format!("<!-- end of {name} -->\n"));
    let begins = text.find(&begin).map(|at| at + begin.len());
    let (begins, ends) = begins
        .zip(text.find(&end))
        .with_context(|| format!("the document lacks the marks of its table of {name}"))?;
    ensure!(begins <= ends, "the document ends its {name} before they begin");
    Ok([&text[..begins], table, &text[ends..]].concat())
}

/// What the firmware takes of each board's memory, in Markdown.
fn sizes() -> Result<String> {
    let model = ModelFile::read(None)?;
    let mut text =
        "| board | program | model | flash | of | static RAM | of |\n|---|---|---|---|---|---|---|\n"
            .to_owned();
    for board in &BOARDS {
        let Usage { flash, ram } = size::read(&firmware::board(board, &model)?, board)?;
        let bytes = model.bytes.len() as u64;
        let numbers = [flash - bytes, bytes, flash, board.flash.bytes, ram, board.ram.bytes].map(thousands);
        writeln!(text, "| `{}` | {} |", board.name, numbers.join(" | "))?;
    }
    Ok(text)
}

/// A number with commas.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_rates_in_the_documentation_are_those_of_the_counts() {
        let text = document().unwrap();
        let fresh = with(&text, "frame rates", &estimate::table().unwrap()).unwrap();
        assert!(text == fresh, "docs/boards.md is stale: run `cargo xtask bless`");
    }

    #[test]
    fn the_documentation_has_a_chapter_or_row_for_every_board_and_table() {
        let text = document().unwrap();
        for board in &BOARDS {
            let rows = text.lines().filter(|line| line.starts_with(&format!("| `{}` |", board.name)));
            assert_eq!(rows.count(), 3, "{} in docs/boards.md: what it is, sizes, frame rates", board.name);
        }
        assert!(with(&text, "colours", "").unwrap_err().to_string().contains("lacks the marks"));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([7, 94_676, 1_048_576].map(thousands), ["7", "94,676", "1,048,576"]);
    }
}
