//! UF2 files, which are copied to the drive of a Pico (github.com/microsoft/uf2; data sheets of RP2040 and RP2350).

use anyhow::{Context, Result, ensure};
use object::{
    Endianness, elf,
    read::elf::{ElfFile32, ProgramHeader},
};
use thumbgan_boards::Memory;

/// Bytes of flash in one block.
const PAYLOAD: usize = 256;
/// Length of a block in bytes.
const BLOCK: usize = 512;
/// Bytes of flash that are erased together; a boot loader needs all blocks of a sector.
const SECTOR: usize = 4096;
/// First two words and last word of a block.
const MAGIC: [u32; 3] = [0x0a32_4655, 0x9e5d_5157, 0x0ab1_6f30];
/// Flag of a block that contains its chip's family.
const FAMILY: u32 = 0x2000;

/// Converts an ELF file to a UF2 file for the flash of a chip of this family.
///
/// # Errors
/// If `elf` is not a complete ELF file, has no contents for the flash, or more than fit.
pub fn from_elf(elf: &[u8], flash: Memory, family: u32) -> Result<Vec<u8>> {
    let image = flash_image(elf, flash)?;
    let count = (image.len() / PAYLOAD) as u32;
    let mut file = Vec::with_capacity(image.len() * BLOCK / PAYLOAD);
    for (number, payload) in (0..).zip(image.chunks(PAYLOAD)) {
        let address = flash.origin as u32 + number * PAYLOAD as u32;
        let head = [
            MAGIC[0],
            MAGIC[1],
            FAMILY,
            address,
            PAYLOAD as u32,
            number,
            count,
            family,
        ];
        file.extend(head.iter().flat_map(|word| word.to_le_bytes()));
        file.extend(payload);
        file.resize(file.len() + BLOCK - 36 - PAYLOAD, 0);
        file.extend(MAGIC[2].to_le_bytes());
    }
    Ok(file)
}

/// Returns the payloads of a UF2 file with their addresses.
///
/// # Errors
/// If a block is incomplete or damaged, or of another family of chips.
pub fn blocks(file: &[u8], family: u32) -> Result<Vec<(u32, &[u8])>> {
    let (blocks, rest) = file.as_chunks::<BLOCK>();
    ensure!(
        rest.is_empty(),
        "the last block of the UF2 file is incomplete"
    );
    let read = |block: &'_ [u8; BLOCK]| {
        let (words, _) = block.as_chunks::<4>();
        let word = |index: usize| u32::from_le_bytes(words[index]);
        let length = word(4) as usize;
        ensure!(
            [word(0), word(1), word(127)] == MAGIC && length <= BLOCK - 36,
            "block {} of the UF2 file is damaged",
            word(5)
        );
        ensure!(
            word(7) == family,
            "the UF2 file is for the family {:#x} instead of {family:#x}",
            word(7)
        );
        Ok((word(3), length))
    };
    let heads = blocks.iter().map(read).collect::<Result<Vec<_>>>()?;
    let payloads = heads.into_iter().zip(blocks);
    Ok(payloads
        .map(|((address, length), block)| (address, &block[32..32 + length]))
        .collect())
}

/// Returns the contents of flash from its start in complete sectors; gaps are zeros.
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
            image.resize(end.next_multiple_of(SECTOR), 0);
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

    fn word(block: &[u8], index: usize) -> u32 {
        u32::from_le_bytes(block[4 * index..][..4].try_into().unwrap())
    }

    #[test]
    fn blocks_cover_complete_sectors_in_order() {
        let (first, second) = ([1; 300], [2; 5000]);
        let elf = elf(&[
            (0x1000_0000, &first),
            (0x2000_0000, &[9; 16]),
            (0x1000_0200, &second),
        ]);
        let file = from_elf(&elf, FLASH, 0xe48b_ff56).unwrap();
        let blocks: Vec<_> = file.chunks(512).collect();
        assert_eq!(blocks.len(), 2 * 4096 / 256);
        let mut flash = Vec::<u8>::new();
        for (number, block) in blocks.iter().enumerate() {
            let head: Vec<u32> = (0..8).map(|index| word(block, index)).collect();
            let address = 0x1000_0000 + 256 * number as u32;
            assert_eq!(
                head,
                [
                    0x0a32_4655,
                    0x9e5d_5157,
                    0x2000,
                    address,
                    256,
                    number as u32,
                    32,
                    0xe48b_ff56
                ]
            );
            assert_eq!(word(block, 127), 0x0ab1_6f30);
            flash.extend(&block[32..288]);
        }
        assert_eq!(flash[..300], first);
        assert!(flash[300..512].iter().all(|byte| *byte == 0));
        assert_eq!(flash[512..5512], second);
        assert!(flash[5512..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn reads_back_the_blocks_of_one_family() {
        let elf = elf(&[(0x1000_0000, &[7; 300])]);
        let mut file = from_elf(&elf, FLASH, 5).unwrap();
        let found = blocks(&file, 5).unwrap();
        assert_eq!(found.len(), 16);
        assert_eq!(found[1].0, 0x1000_0100);
        assert_eq!(found[1].1[..44], [7; 44]);
        let message = |file: &[u8], family| blocks(file, family).unwrap_err().to_string();
        assert!(message(&file, 6).contains("for the family 0x5 instead of 0x6"));
        assert!(message(&file[..700], 5).contains("the last block of the UF2 file is incomplete"));
        file[512 + 508] ^= 1;
        assert_eq!(message(&file, 5), "block 1 of the UF2 file is damaged");
    }

    #[test]
    fn rejects_contents_outside_the_flash() {
        let message = |elf: &[u8]| from_elf(elf, FLASH, 0).unwrap_err().to_string();
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
