//! UF2 files of ELF files.

use anyhow::{Context, Result, ensure};
use object::{
    Endianness, elf,
    read::elf::{ElfFile32, ProgramHeader},
};
use thumbgan_boards::{Memory, Uf2};

/// Converts an ELF file to a UF2 file for a boot loader and the flash of its chip.
///
/// # Errors
/// If `elf` is not a complete ELF file, has no contents for the flash, or more than fit.
pub fn from_elf(elf: &[u8], flash: Memory, uf2: Uf2) -> Result<Vec<u8>> {
    Ok(uf2.encode(flash.origin, &flash_image(elf, flash)?))
}

/// Returns the contents of flash from its start; gaps are zeros.
fn flash_image(elf: &[u8], flash: Memory) -> Result<Vec<u8>> {
    let file = ElfFile32::<Endianness>::parse(elf).context("not an ELF file")?;
    let endian = file.endian();
    let mut image = Vec::new();
    for segment in file.elf_program_headers() {
        let start = u64::from(segment.p_paddr(endian));
        if segment.p_type(endian) != elf::PT_LOAD || !flash.contains(start) {
            continue;
        }
        let bytes = segment
            .data(endian, elf)
            .ok()
            .context("the ELF file is incomplete")?;
        let start = (start - flash.origin) as usize;
        let end = start + bytes.len();
        ensure!(
            end as u64 <= flash.bytes,
            "{end} bytes exceed the flash of {} bytes",
            flash.bytes
        );
        if image.len() < end {
            image.resize(end, 0);
        }
        image[start..end].copy_from_slice(bytes);
    }
    ensure!(
        !image.is_empty(),
        "the ELF file has no contents for the flash"
    );
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLASH: Memory = Memory {
        origin: 0x1000_0000,
        bytes: 16 * 1024,
    };
    const UF2: Uf2 = Uf2 {
        family: 0xe48b_ff56,
        drive: "RPI-RP2",
    };

    /// Returns an ELF file for Arm with segments of these physical addresses and contents.
    fn elf(segments: &[(u32, &[u8])]) -> Vec<u8> {
        let headers = 52 + 32 * segments.len();
        let mut file = b"\x7fELF\x01\x01\x01".to_vec();
        file.resize(16, 0);
        file.extend([2, 0, 40, 0]);
        for word in [1_u32, 0, 52, 0, 0] {
            file.extend(word.to_le_bytes());
        }
        for half in [52_u16, 32, segments.len() as u16, 40, 0, 0] {
            file.extend(half.to_le_bytes());
        }
        let mut offset = headers as u32;
        for (address, bytes) in segments {
            let length = bytes.len() as u32;
            for word in [1, offset, 0, *address, length, length, 5, 4] {
                file.extend(word.to_le_bytes());
            }
            offset += length;
        }
        for (_, bytes) in segments {
            file.extend(*bytes);
        }
        file
    }

    #[test]
    fn the_segments_lie_at_their_addresses() {
        let (first, second) = ([1; 300], [2; 5000]);
        let elf = elf(&[
            (0x1000_0000, &first),
            (0x2000_0000, &[9; 16]),
            (0x1000_0200, &second),
        ]);
        let mut image = [&first[..], &[0; 212], &second[..]].concat();
        assert_eq!(flash_image(&elf, FLASH).unwrap(), image);
        image.resize(2 * 4096, 0);
        let file = from_elf(&elf, FLASH, UF2).unwrap();
        assert_eq!(file, UF2.encode(FLASH.origin, &image));
    }

    #[test]
    fn rejects_contents_outside_the_flash() {
        let message = |elf: &[u8]| from_elf(elf, FLASH, UF2).unwrap_err().to_string();
        assert!(
            message(&elf(&[(0x1000_3000, &[0; 5000])]))
                .contains("17288 bytes exceed the flash of 16384 bytes")
        );
        assert!(
            message(&elf(&[(0x2000_0000, &[0; 16])]))
                .contains("the ELF file has no contents for the flash")
        );
        assert!(message(b"text").contains("not an ELF file"));
    }
}
