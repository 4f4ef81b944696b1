//! `cargo xtask size`: flash and RAM of the firmware on each board, against the board's budget.

use anyhow::{Result, ensure};
use thumbgan_boards::{BOARDS, Board, EMULATED};
use thumbgan_core::{Model, SCRATCH};
use thumbgan_emulator::{
    board, firmware,
    measure::{
        boards_doc,
        sizes::{self, Usage},
    },
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
    println!("{}", model_line(&model)?);
    println!(
        "{:16}{:>8} of {:>6}{:>8}{:>9}{:>10}{:>7}{:>9} of {:>6}",
        "bytes", "program", "budget", "model", "flash", "static", "stack", "RAM", "budget"
    );
    let model_len = model.bytes.len() as u64;
    let mut excess = Vec::new();
    for (board, &usage) in BOARDS.iter().zip(&usages) {
        let stack = stack.filter(|_| board.name == EMULATED.name);
        excess.extend(sizes::excess(board, usage, model_len, stack));
        println!("{}", row(board, usage, model_len, stack));
    }
    ensure!(excess.is_empty(), "{}", excess.join("; "));
    boards_doc::compare_sizes(&model, &usages)
}

/// Describes a model's share of the sizes.
fn model_line(model: &ModelFile) -> Result<String> {
    let parsed = Model::parse(&model.bytes)?;
    let weights: u64 = parsed
        .layers()
        .iter()
        .map(|layer| layer.shape().weights())
        .sum();
    Ok(format!(
        "model {}: {} bytes, {weights} weights; it uses {} of the firmware's {SCRATCH} bytes of scratch",
        model.name(),
        model.bytes.len(),
        parsed.scratch(),
    ))
}

/// Formats one row of the table; an unknown stack is a dash.
fn row(board: &Board, usage: Usage, model_len: u64, stack: Option<u64>) -> String {
    format!(
        "{:16}{:>8} of {:>6}{:>8}{:>9}{:>10}{:>7}{:>9} of {:>6}",
        board.name,
        usage.flash.saturating_sub(model_len),
        board.program,
        model_len,
        usage.flash,
        usage.static_ram,
        stack.map_or("-".to_owned(), |stack| stack.to_string()),
        usage.static_ram + stack.unwrap_or(0),
        board.ram_budget,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_stack_is_a_dash() {
        let row = row(
            &EMULATED,
            Usage {
                flash: 130_000,
                static_ram: 2000,
            },
            120_000,
            None,
        );
        let words: Vec<_> = row.split_whitespace().collect();
        let program = EMULATED.program.to_string();
        let expected = [
            "qemu-lm3s6965",
            "10000",
            "of",
            &program,
            "120000",
            "130000",
            "2000",
            "-",
            "2000",
            "of",
            "32768",
        ];
        assert_eq!(words, expected);
    }
}
