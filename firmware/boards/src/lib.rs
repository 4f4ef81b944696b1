//! The one table of boards, for all that has to know them: `xtask`, the build of the firmware, and the trainer's
//! reports.

mod table;

pub use table::{BOARDS, EMULATED};

/// A stretch of a chip's memory.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// First address.
    pub origin: u64,
    /// How long it is.
    pub bytes: u64,
}

impl Memory {
    /// Whether `address` lies in it.
    pub const fn contains(self, address: u64) -> bool {
        address >= self.origin && address - self.origin < self.bytes
    }
}

/// How firmware gets onto a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// It is emulated: QEMU's `-M`.
    Qemu(&'static str),
    /// A debug probe, driven by probe-rs.
    Probe {
        /// The chip as probe-rs calls it.
        chip: &'static str,
        /// What to connect to the computer.
        plug: &'static str,
    },
}

/// How a display is reached, and what of.
#[derive(Clone, Copy, Debug)]
pub struct Display {
    /// What it is, with its bus.
    pub name: &'static str,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Bits that a pixel takes on the bus: 1, 4 (grays) or 16 (RGB 565).
    pub bits: u32,
    /// Bits a second on the bus.
    pub bus_hz: u32,
    /// Bits that a byte takes on the bus: 8 on SPI, 9 with I2C's acknowledgement.
    pub byte_bits: u32,
}

/// What the drive of a board that takes UF2 files is called, and the family of its chip.
#[derive(Clone, Copy, Debug)]
pub struct Uf2 {
    /// The number that the boot loader knows its own files by.
    pub family: u32,
    /// The name of the drive.
    pub drive: &'static str,
}

/// A board that the firmware supports.
#[derive(Debug)]
pub struct Board {
    /// Its name on the command line; also the name of its binary.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its package: a folder of `firmware/`.
    pub package: &'static str,
    /// Its chip, as the memory map in its package is called: `memory/<chip>.x`.
    pub chip: &'static str,
    /// The features of its package that choose its chip.
    pub features: &'static [&'static str],
    /// Its Rust target.
    pub target: &'static str,
    /// The kind of core whose instructions are counted for it; a Cortex-M0+ runs those of a Cortex-M0.
    pub core: &'static str,
    /// Its processor's clock.
    pub clock_hz: u32,
    /// How to run firmware on it.
    pub runner: Runner,
    /// What is needed where its firmware can also be copied to a drive.
    pub uf2: Option<Uf2>,
    /// The flash that the program may fill.
    pub flash: Memory,
    /// Its RAM.
    pub ram: Memory,
    /// Bytes of flash that are kept for the program, without its model: it may take no more, and the model none of
    /// them.
    pub program: u64,
    /// Most bytes of RAM that the firmware may take, stack included.
    pub ram_budget: u64,
    /// Its display.
    pub display: Display,
}

/// The board of this name; `None` if there is none.
pub fn find(name: &str) -> Option<&'static Board> {
    BOARDS.iter().find(|board| board.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_is_found_by_its_own_name_only() {
        for board in &BOARDS {
            assert_eq!(find(board.name).map(|found| found.title), Some(board.title));
            let same = BOARDS
                .iter()
                .filter(|other| other.name == board.name || other.title == board.title);
            assert_eq!(same.count(), 1, "{}", board.name);
        }
        assert!(find("toaster").is_none());
    }

    #[test]
    fn budgets_fit_the_memories_and_memories_do_not_overlap() {
        for board in &BOARDS {
            assert!(board.program < board.flash.bytes, "{}", board.name);
            assert!(board.ram_budget <= board.ram.bytes, "{}", board.name);
            assert!(
                !board.flash.contains(board.ram.origin) && !board.ram.contains(board.flash.origin)
            );
            assert!(board.ram.contains(board.ram.origin + board.ram.bytes - 1));
            assert!(!board.ram.contains(board.ram.origin + board.ram.bytes));
        }
    }

    /// The length of a memory's line in a linker's memory map.
    fn length(map: &str, memory: &str) -> u64 {
        let line = map
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{memory} :")))
            .unwrap();
        let length = line.split("LENGTH = ").nth(1).unwrap().trim();
        let (number, unit) = length.split_at(length.len() - 1);
        number.parse::<u64>().unwrap() * if unit == "K" { 1024 } else { 1024 * 1024 }
    }

    #[test]
    fn memories_are_those_that_the_linker_knows() {
        for Board {
            name,
            package,
            chip,
            flash,
            ram,
            ..
        } in &BOARDS
        {
            let path = format!(
                "{}/../{package}/memory/{chip}.x",
                env!("CARGO_MANIFEST_DIR")
            );
            let map = std::fs::read_to_string(&path).unwrap();
            assert_eq!(length(&map, "RAM"), ram.bytes, "{name}");
            // All of flash but, on the RP2040, the second controller of its boot loader.
            let rest = flash.bytes.checked_sub(length(&map, "FLASH"));
            assert!(rest.is_some_and(|rest| rest <= 1024), "{name}");
        }
    }
}
