//! Symbols of a program.

use anyhow::{Context, Result};
use object::{Endianness, Object, ObjectSymbol, read::elf::ElfFile32};

/// Returns the address of the symbol `name` of a program in ELF format.
///
/// # Errors
/// If the file is invalid or has no such symbol.
pub fn address(elf: &[u8], name: &str) -> Result<u64> {
    let elf = ElfFile32::<Endianness>::parse(elf).context("not an ELF file")?;
    let symbol = elf.symbols().find(|symbol| symbol.name() == Ok(name));
    symbol
        .map(|symbol| symbol.address())
        .with_context(|| format!("the firmware has no symbol {name}"))
}
