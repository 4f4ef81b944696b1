//! Image of a mask ROM of the ESP32-C3: at each address of a function that a program expects there, a jump to the same function
//! of rustc's compiler-builtins, or a return.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use object::{
    Endianness, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolSection,
    read::elf::ElfFile32,
};

/// First address of the ROM.
const ORIGIN: u64 = 0x4000_0000;
/// Length of the ROM in bytes.
const LEN: usize = 384 * 1024;
/// Instruction `ret` (C.JR ra).
const RETURN: [u8; 2] = [0x82, 0x80];

/// Returns the ROM for `program`, with the functions of the ELF file `library`, which is linked into the ROM's address range.
///
/// Functions of the ROM that are not in `library` set up hardware and return at once.
///
/// # Errors
/// If one of the files is not an ELF file, or a function of `library` is out of reach.
pub fn image(program: &[u8], library: &[u8]) -> Result<Vec<u8>> {
    let (program, library) = (parse(program)?, parse(library)?);
    let mut rom = RETURN.repeat(LEN / RETURN.len());
    for section in library.sections() {
        if matches!(
            section.kind(),
            SectionKind::Text | SectionKind::ReadOnlyData
        ) {
            let start = offset(section.address()).context("a section is outside of the ROM")?;
            let bytes = section.data()?;
            let target = rom.get_mut(start..start + bytes.len());
            target
                .context("a section exceeds the ROM")?
                .copy_from_slice(bytes);
        }
    }
    let functions: HashMap<_, _> = library
        .symbols()
        .filter(ObjectSymbol::is_definition)
        .filter_map(|symbol| Some((symbol.name().ok()?, symbol.address())))
        .collect();
    let mut jumps = 0;
    for symbol in program.symbols() {
        let is_absolute = symbol.section() == SymbolSection::Absolute;
        let Some(start) = offset(symbol.address()).filter(|_| is_absolute) else {
            continue;
        };
        if let Some(function) = functions.get(symbol.name()?) {
            let jump = jump(function.wrapping_sub(symbol.address()))?;
            rom[start..start + 4].copy_from_slice(&jump);
            jumps += 1;
        }
    }
    ensure!(jumps > 0, "the program expects no function in the ROM");
    Ok(rom)
}

fn parse(bytes: &[u8]) -> Result<ElfFile32<'_, Endianness>> {
    ElfFile32::parse(bytes).context("not an ELF file")
}

/// Returns the offset of an address in the ROM.
fn offset(address: u64) -> Option<usize> {
    let offset = usize::try_from(address.checked_sub(ORIGIN)?).ok()?;
    (offset < LEN - 4).then_some(offset)
}

/// Encodes the instruction `j` (JAL zero) over a distance in bytes.
fn jump(distance: u64) -> Result<[u8; 4]> {
    ensure!(
        distance < 1 << 20,
        "{distance} bytes are too far for a jump"
    );
    let distance = distance as u32;
    let high = (distance & 0x7fe) << 20 | (distance & 0x800) << 9 | (distance & 0xf_f000);
    Ok((high | 0x6f).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_encoded_as_by_an_assembler() {
        // j .+0x10000; j .+0x1234; j .+0x802
        assert_eq!(jump(0x1_0000).unwrap(), 0x0001_006f_u32.to_le_bytes());
        assert_eq!(jump(0x1234).unwrap(), 0x2340_106f_u32.to_le_bytes());
        assert_eq!(jump(0x802).unwrap(), 0x0030_006f_u32.to_le_bytes());
        assert!(jump(1 << 20).is_err() && jump(4_u64.wrapping_neg()).is_err());
    }
}
