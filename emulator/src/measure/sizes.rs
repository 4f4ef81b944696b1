//! Flash and RAM that the firmware uses on each board.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use object::{
    Endianness, Object, ObjectSection, elf,
    read::elf::{ElfFile32, ProgramHeader},
};
use thumbgan_boards::{BOARDS, Board};

use crate::{firmware, models::ModelFile};

/// Bytes that a firmware uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes from the start of flash to the last byte written there: code, constants, model, initial values.
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
    let ends = file.elf_program_headers().iter().filter_map(|segment| {
        let start = u64::from(segment.p_paddr(endian));
        let end = start + u64::from(segment.p_filesz(endian));
        let is_loaded = segment.p_type(endian) == elf::PT_LOAD;
        (is_loaded && board.flash.contains(start)).then_some(end)
    });
    let end = ends.max().with_context(|| {
        format!(
            "{} has no contents for the flash of {}",
            path.display(),
            board.name
        )
    })?;
    let statics = file
        .sections()
        .filter(|section| board.ram.contains(section.address()));
    let static_ram = statics.map(|section| section.size()).sum();
    Ok(Usage {
        flash: end - board.flash.origin,
        static_ram,
    })
}

/// Describes each budget of a board that is exceeded, with a model of `model_len` bytes and a measured stack.
pub fn excess(board: &Board, usage: Usage, model_len: u64, stack: Option<u64>) -> Vec<String> {
    let program = usage.flash.saturating_sub(model_len);
    let ram = usage.static_ram + stack.unwrap_or(0);
    let budgets = [
        ("flash for the program", program, board.program),
        ("RAM", ram, board.ram_budget),
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

#[cfg(test)]
mod tests {
    use thumbgan_boards::EMULATED;

    use super::*;

    #[test]
    fn describes_only_exceeded_budgets() {
        let fits = Usage {
            flash: EMULATED.program + 70_000,
            static_ram: 1000,
        };
        let stack = EMULATED.ram_budget - 1000;
        assert!(excess(&EMULATED, fits, 70_000, Some(stack)).is_empty());
        let over = excess(&EMULATED, fits, 70_000, Some(stack + 1000));
        assert_eq!(
            over,
            ["qemu-lm3s6965 uses 33768 bytes of RAM, its budget is 32768"]
        );
        let both = Usage {
            flash: EMULATED.program + 70_001,
            static_ram: EMULATED.ram_budget + 1,
        };
        assert_eq!(excess(&EMULATED, both, 70_000, None).len(), 2);
    }
}
