//! What firmware takes of each board's flash and RAM.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use object::{
    Endianness, Object, ObjectSection, elf,
    read::elf::{ElfFile32, ProgramHeader},
};

use thumbgan_core::{Model, SCRATCH};

use crate::{
    boards::{BOARDS, Board, EMULATED},
    firmware, guide,
    model::ModelFile,
    panel, setup,
};

/// Bytes that a firmware takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// From the start of flash to the last byte written there: code, constants, model, initial values.
    pub flash: u64,
    /// Static variables.
    pub ram: u64,
}

/// What the firmware with `model` takes of every board, in the table's order.
///
/// # Errors
/// When a build fails.
pub fn usages(model: &ModelFile) -> Result<Vec<Usage>> {
    BOARDS
        .iter()
        .map(|board| read(&firmware::board(board, model)?, board))
        .collect()
}

/// Prints the table of all boards; the emulated board's worst stack is measured if not given.
///
/// # Errors
/// When a build fails, a board is over its budget, or docs/boards.md shows other sizes.
pub fn size(stack: Option<u64>) -> Result<()> {
    let model = ModelFile::read(None)?;
    let usages = usages(&model)?;
    let measured = if let Some(stack) = stack {
        stack
    } else {
        setup::qemu()?;
        panel::worst_stack(&firmware::board(&EMULATED, &model)?)?
    };
    let mut lines = Vec::new();
    let mut over = Vec::new();
    for (board, &usage) in BOARDS.iter().zip(&usages) {
        let stack = (board.name == EMULATED.name).then_some(measured);
        let bytes = model.bytes.len() as u64;
        over.extend(excess(board, usage, bytes, stack));
        lines.push(line(board, usage, bytes, stack));
    }
    println!("{}", about(&model)?);
    println!(
        "{:16}{:>8} of {:>6}{:>8}{:>9}{:>10}{:>7}{:>9} of {:>6}",
        "bytes", "program", "budget", "model", "flash", "static", "stack", "RAM", "budget"
    );
    println!("{}", lines.join("\n"));
    ensure!(over.is_empty(), "{}", over.join("; "));
    guide::check_sizes(&model, &usages)
}

/// What the model brings to each board: its bytes are the table's, its scratch is part of the stack or static.
fn about(model: &ModelFile) -> Result<String> {
    let parsed = Model::parse(&model.bytes)?;
    let weights: u64 = parsed
        .layers()
        .iter()
        .map(|layer| layer.shape().weights())
        .sum();
    Ok(format!(
        "model {}: {} bytes, of them {weights} weights; scratch {} of the firmware's {SCRATCH} bytes",
        model.name(),
        model.bytes.len(),
        parsed.scratch(),
    ))
}

/// One row of the table.
fn line(board: &Board, usage: Usage, model: u64, stack: Option<u64>) -> String {
    format!(
        "{:16}{:>8} of {:>6}{:>8}{:>9}{:>10}{:>7}{:>9} of {:>6}",
        board.name,
        usage.flash.saturating_sub(model),
        board.program,
        model,
        usage.flash,
        usage.ram,
        stack.map_or("-".to_owned(), |stack| stack.to_string()),
        usage.ram + stack.unwrap_or(0),
        board.ram_budget,
    )
}

/// What is over a board's budget.
fn excess(board: &Board, usage: Usage, model: u64, stack: Option<u64>) -> Vec<String> {
    let (program, ram) = (
        usage.flash.saturating_sub(model),
        usage.ram + stack.unwrap_or(0),
    );
    let uses = [
        ("flash for its program", program, board.program),
        ("RAM", ram, board.ram_budget),
    ];
    uses.iter()
        .filter(|(_, used, budget)| used > budget)
        .map(|(what, used, budget)| {
            format!(
                "{} takes {used} bytes of {what}, its budget is {budget}",
                board.name
            )
        })
        .collect()
}

/// Measures an ELF file.
///
/// # Errors
/// When it cannot be read, is no ELF file, or has nothing for the board's flash.
pub fn read(path: &Path, board: &Board) -> Result<Usage> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = ElfFile32::<Endianness>::parse(&*bytes)
        .with_context(|| format!("{} is no ELF", path.display()))?;
    let endian = file.endian();
    let ends = file.elf_program_headers().iter().filter_map(|segment| {
        let start = u64::from(segment.p_paddr(endian));
        let end = start + u64::from(segment.p_filesz(endian));
        (segment.p_type(endian) == elf::PT_LOAD && board.flash.contains(start)).then_some(end)
    });
    let flash = ends.max().context("nothing of it goes to flash")? - board.flash.origin;
    let statics = file
        .sections()
        .filter(|section| board.ram.contains(section.address()));
    let ram = statics.map(|section| section.size()).sum();
    Ok(Usage { flash, ram })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;

    #[test]
    fn only_what_is_over_its_budget_is_told() {
        let fits = Usage {
            flash: EMULATED.program + 70_000,
            ram: 1000,
        };
        assert!(excess(&EMULATED, fits, 70_000, Some(EMULATED.ram_budget - 1000)).is_empty());
        let over = excess(&EMULATED, fits, 70_000, Some(EMULATED.ram_budget));
        assert_eq!(
            over,
            ["qemu-lm3s6965 takes 33768 bytes of RAM, its budget is 32768"]
        );
        let both = Usage {
            flash: EMULATED.program + 70_001,
            ram: EMULATED.ram_budget + 1,
        };
        assert_eq!(excess(&EMULATED, both, 70_000, None).len(), 2);
    }

    #[test]
    fn the_model_is_told_with_its_weights_and_scratch() {
        for model in model::committed().unwrap() {
            let about = about(&model).unwrap();
            assert!(
                about.starts_with(&format!("model {}: ", model.name())),
                "{about}"
            );
            let words = about.split(|letter: char| !letter.is_ascii_digit());
            let numbers: Vec<usize> = words.filter_map(|word| word.parse().ok()).collect();
            let [bytes, weights, scratch, most] = numbers[..] else {
                panic!("{about}")
            };
            assert_eq!((bytes, most), (model.bytes.len(), SCRATCH));
            assert!(bytes - bytes / 10 < weights && weights < bytes, "{about}");
            assert!(0 < scratch && scratch <= SCRATCH, "{about}");
        }
    }

    #[test]
    fn rows_show_what_is_unknown_as_a_dash() {
        let row = line(
            &EMULATED,
            Usage {
                flash: 130_000,
                ram: 2000,
            },
            120_000,
            None,
        );
        let words: Vec<_> = row.split_whitespace().collect();
        let expected = [
            "qemu-lm3s6965",
            "10000",
            "of",
            &EMULATED.program.to_string(),
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
