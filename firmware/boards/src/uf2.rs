//! UF2 files, which are copied to the drive of a boot loader (github.com/microsoft/uf2; data sheets of RP2040 and RP2350).

use crate::{BOARDS, Board};

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

/// UF2 boot loader of a chip.
#[derive(Clone, Copy, Debug)]
pub struct Uf2 {
    /// Family ID of the chip. A boot loader ignores files of other families.
    pub family: u32,
    /// Volume name of the drive.
    pub drive: &'static str,
}

impl Uf2 {
    /// Returns the UF2 file that writes `image` to the flash from `address` on, in complete sectors that end with zeros.
    pub fn encode(self, address: u64, image: &[u8]) -> Vec<u8> {
        let len = image.len().next_multiple_of(SECTOR);
        let count = (len / PAYLOAD) as u32;
        let mut file = Vec::with_capacity(len / PAYLOAD * BLOCK);
        for number in 0..count {
            let offset = number as usize * PAYLOAD;
            let head = [
                MAGIC[0],
                MAGIC[1],
                FAMILY,
                address as u32 + offset as u32,
                PAYLOAD as u32,
                number,
                count,
                self.family,
            ];
            file.extend(head.iter().flat_map(|word| word.to_le_bytes()));
            file.extend(image.iter().skip(offset).take(PAYLOAD));
            file.resize((number as usize + 1) * BLOCK - 4, 0);
            file.extend(MAGIC[2].to_le_bytes());
        }
        file
    }

    /// Returns the payloads of a UF2 file with their addresses.
    ///
    /// # Errors
    /// A message if a block is incomplete or damaged, or of another family of chips.
    pub fn decode(self, file: &[u8]) -> Result<Vec<(u32, &[u8])>, String> {
        let (blocks, rest) = file.as_chunks::<BLOCK>();
        if !rest.is_empty() {
            return Err("the last block of the UF2 file is incomplete".into());
        }
        blocks.iter().map(|block| self.payload(block)).collect()
    }

    /// Returns address and payload of a block.
    fn payload(self, block: &[u8; BLOCK]) -> Result<(u32, &[u8]), String> {
        let (words, _) = block.as_chunks::<4>();
        let word = |index: usize| u32::from_le_bytes(words[index]);
        let length = word(4) as usize;
        if [word(0), word(1), word(127)] != MAGIC || length > BLOCK - 36 {
            return Err(format!("block {} of the UF2 file is damaged", word(5)));
        }
        if word(7) != self.family {
            let (found, expected) = (word(7), self.family);
            return Err(format!(
                "the UF2 file is for the family {found:#x} instead of {expected:#x}"
            ));
        }
        Ok((word(3), &block[32..32 + length]))
    }
}

/// Returns the boards with a UF2 boot loader.
pub fn with_uf2() -> impl Iterator<Item = &'static Board> {
    BOARDS.iter().filter(|board| board.uf2.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(block: &[u8], index: usize) -> u32 {
        u32::from_le_bytes(block[4 * index..][..4].try_into().unwrap())
    }

    #[test]
    fn blocks_cover_complete_sectors_in_order() {
        let uf2 = Uf2 {
            family: 0xe48b_ff56,
            drive: "RPI-RP2",
        };
        let image: Vec<u8> = (0..5000).map(|index| index as u8).collect();
        let file = uf2.encode(0x101c_0000, &image);
        let blocks: Vec<_> = file.chunks(512).collect();
        assert_eq!(blocks.len(), 2 * 4096 / 256);
        let mut flash = Vec::<u8>::new();
        for (number, block) in blocks.iter().enumerate() {
            let head: Vec<u32> = (0..8).map(|index| word(block, index)).collect();
            let address = 0x101c_0000 + 256 * number as u32;
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
        assert_eq!(flash[..5000], image);
        assert!(flash[5000..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn reads_back_the_blocks_of_one_family() {
        let uf2 = |family| Uf2 { family, drive: "" };
        let mut file = uf2(5).encode(0x1000_0000, &[7; 300]);
        let found = uf2(5).decode(&file).unwrap();
        assert_eq!(found.len(), 16);
        assert_eq!(found[1].0, 0x1000_0100);
        assert_eq!(found[1].1[..44], [7; 44]);
        let message = |file: &[u8], family| uf2(family).decode(file).unwrap_err();
        assert!(message(&file, 6).contains("for the family 0x5 instead of 0x6"));
        assert!(message(&file[..700], 5).contains("the last block of the UF2 file is incomplete"));
        file[512 + 508] ^= 1;
        assert_eq!(message(&file, 5), "block 1 of the UF2 file is damaged");
    }

    #[test]
    fn each_chip_has_a_family_of_its_own() {
        let boards: Vec<_> = with_uf2()
            .filter_map(|board| Some((board.chip, board.uf2?.family)))
            .collect();
        assert!(!boards.is_empty());
        for (index, (chip, family)) in boards.iter().enumerate() {
            for (other_chip, other_family) in &boards[..index] {
                assert_eq!(chip == other_chip, family == other_family, "{family:#x}");
            }
        }
    }
}
