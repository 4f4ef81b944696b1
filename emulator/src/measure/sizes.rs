//! Flash and RAM that the firmware uses on each board.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};
use object::{
    Endianness, Object, ObjectSection, elf,
    read::elf::{ElfFile32, ProgramHeader},
};
use thumbgan_app::SCRATCH_LEN;
use thumbgan_boards::{BOARDS, Board, EMULATED, ImageFormat};
use thumbgan_core::Model;

use crate::{firmware, models::ModelFile};

/// Bytes that a firmware uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of code, constants, model and initial values: from the start of flash to the last byte written there, or without
    /// gaps in an image for Espressif's boot loader.
    pub flash: u64,
    /// Bytes of static variables.
    pub static_ram: u64,
}

/// Builds the firmware of every board with `model` and returns its usage, in the table's order.
///
/// # Errors
/// If a build fails, or an ELF file cannot be read.
pub fn measure_all(model: &ModelFile) -> Result<Vec<Usage>> {
    BOARDS
        .iter()
        .map(|board| read(&firmware::board_copy(board, model)?, board))
        .collect()
}

/// Measures an ELF file.
///
/// # Errors
/// If the file cannot be read, is not an ELF file, or has no contents for the board's flash.
pub fn read(path: &Path, board: &Board) -> Result<Usage> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = ElfFile32::<Endianness>::parse(&*bytes)
        .with_context(|| format!("{} is not an ELF file", path.display()))?;
    let endian = file.endian();
    let segments = file.elf_program_headers().iter().filter_map(|segment| {
        let start = u64::from(segment.p_paddr(endian));
        let is_loaded = segment.p_type(endian) == elf::PT_LOAD;
        is_loaded.then_some((start, u64::from(segment.p_filesz(endian))))
    });
    let flash = match board.image {
        ImageFormat::Plain => segments
            .filter(|(start, _)| board.flash.contains(*start))
            .map(|(start, len)| start + len - board.flash.origin)
            .max(),
        // Every segment is in the image, also those that are copied to RAM.
        ImageFormat::EspIdf => Some(segments.map(|(_, len)| len).sum()),
    };
    let flash = flash.filter(|bytes| *bytes > 0).with_context(|| {
        format!(
            "{} has no contents for the flash of {}",
            path.display(),
            board.name
        )
    })?;
    // Espressif's linker script has a section for the stack, which takes the rest of the RAM.
    let statics = file
        .sections()
        .filter(|section| board.ram.contains(section.address()) && section.name() != Ok(".stack"));
    let static_ram = statics.map(|section| section.size()).sum();
    Ok(Usage { flash, static_ram })
}

/// Describes each budget of a board that is exceeded; `stack` is the measured stack of the emulated board.
pub fn excess(board: &Board, usage: Usage, model: &ModelFile, stack: Option<u64>) -> Vec<String> {
    let measured = measured(board, stack).unwrap_or(0);
    let budgets = [
        (
            "flash for the program",
            program_len(usage, model),
            board.program,
        ),
        ("RAM", used_ram(board, usage), board.ram_budget),
        (
            "stack, with a third more in reserve,",
            measured.div_ceil(3) * 4,
            board.stack_budget,
        ),
    ];
    let exceeded = budgets.iter().filter(|(_, used, budget)| used > budget);
    exceeded
        .map(|(memory, used, budget)| {
            format!(
                "{} uses {used} bytes of {memory}, its budget is {budget}",
                board.name
            )
        })
        .collect()
}

/// Formats the usage of every board, with the stack of the emulated board if it was measured.
///
/// # Errors
/// If the model is invalid.
pub fn table(model: &ModelFile, usages: &[Usage], stack: Option<u64>) -> Result<String> {
    let parsed = Model::parse(&model.bytes)?;
    let weights: u64 = parsed
        .layers()
        .iter()
        .map(|layer| layer.shape().weight_count())
        .sum();
    let mut text = format!(
        "model {}: {} bytes, {weights} weights; it uses {} of the firmware's {SCRATCH_LEN} words of scratch\n\
         {:16}{:>8} of {:>6}{:>8}{:>9}{:>10}{:>7} of {:>6}{:>9} of {:>6}",
        model.name(),
        model.bytes.len(),
        parsed.scratch_len(),
        "bytes",
        "program",
        "budget",
        "model",
        "flash",
        "static",
        "stack",
        "budget",
        "RAM",
        "budget",
    );
    for (board, &usage) in BOARDS.iter().zip(usages) {
        write!(
            text,
            "\n{:16}{:>8} of {:>6}{:>8}{:>9}{:>10}{:>7} of {:>6}{:>9} of {:>6}",
            board.name,
            program_len(usage, model),
            board.program,
            model.bytes.len(),
            usage.flash,
            usage.static_ram,
            measured(board, stack).map_or("-".to_owned(), |stack| stack.to_string()),
            board.stack_budget,
            used_ram(board, usage),
            board.ram_budget,
        )?;
    }
    Ok(text)
}

/// Returns the bytes of flash that the program uses without its model.
fn program_len(usage: Usage, model: &ModelFile) -> u64 {
    usage.flash.saturating_sub(model.bytes.len() as u64)
}

/// Returns the bytes of RAM that a board uses: static variables and the budget of the stack.
fn used_ram(board: &Board, usage: Usage) -> u64 {
    usage.static_ram + board.stack_budget
}

/// Returns the stack if it was measured on this board.
fn measured(board: &Board, stack: Option<u64>) -> Option<u64> {
    stack.filter(|_| board.name == EMULATED.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_only_exceeded_budgets() {
        let model = ModelFile::read(None).unwrap();
        let flash = EMULATED.program + model.bytes.len() as u64;
        let fits = Usage {
            flash,
            static_ram: 1000,
        };
        let stack = EMULATED.stack_budget * 3 / 4;
        assert!(excess(&EMULATED, fits, &model, Some(stack)).is_empty());
        let over = excess(&EMULATED, fits, &model, Some(stack + 1));
        assert_eq!(over.len(), 1, "{over:?}");
        assert!(over[0].contains("stack"), "{over:?}");
        let static_ram = EMULATED.ram_budget - EMULATED.stack_budget + 1;
        let over = excess(&EMULATED, Usage { flash, static_ram }, &model, None);
        assert_eq!(
            over,
            ["qemu-lm3s6965 uses 40961 bytes of RAM, its budget is 40960"]
        );
        let both = Usage {
            flash: flash + 1,
            static_ram: EMULATED.ram_budget,
        };
        assert_eq!(excess(&EMULATED, both, &model, None).len(), 2);
    }

    #[test]
    fn the_table_has_a_row_for_each_board_and_a_dash_for_an_unknown_stack() {
        let model = ModelFile::read(None).unwrap();
        let flash = 10_000 + model.bytes.len() as u64;
        let usages = BOARDS.map(|_| Usage {
            flash,
            static_ram: 2000,
        });
        let table = table(&model, &usages, None).unwrap();
        assert_eq!(table.lines().count(), 2 + BOARDS.len());
        let row: Vec<_> = table.lines().nth(2).unwrap().split_whitespace().collect();
        assert_eq!(
            (row[0], row[1], row[6], row[7]),
            (EMULATED.name, "10000", "2000", "-")
        );
    }
}
