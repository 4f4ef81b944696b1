//! Board table: chips, memory, displays and flashing methods, used by `xtask`, the firmware's build scripts, the emulator and the
//! trainer's reports.

mod region;
mod table;
mod uf2;

pub use region::{ModelRegion, RegionError};
pub use table::{BOARDS, EMULATED};
pub use uf2::{Uf2, with_uf2};

/// Memory region of a chip.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// First address.
    pub origin: u64,
    /// Length in bytes.
    pub bytes: u64,
}

impl Memory {
    /// Returns true if `address` is in the region.
    pub const fn contains(self, address: u64) -> bool {
        address >= self.origin && address - self.origin < self.bytes
    }
}

/// Method of running firmware on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// Emulation: QEMU's machine name (`-M`).
    Qemu(&'static str),
    /// Debug probe, with probe-rs.
    Probe {
        /// Chip name of probe-rs.
        chip: &'static str,
        /// Connector to plug in.
        plug: &'static str,
    },
}

/// Format of a program in a chip's flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// Contents of the ELF file at their addresses, linked with a memory map of `firmware/build-support/memory/`.
    Plain,
    /// Image for Espressif's boot loader, which maps some segments of the ELF file and copies the others to RAM. The HAL brings
    /// the memory map.
    EspIdf,
}

/// Display of a board.
#[derive(Clone, Copy, Debug)]
pub struct Display {
    /// Controller, size and bus.
    pub name: &'static str,
    /// Width in pixels of the part that is drawn on: all of it, or the square in a round display.
    pub width: u32,
    /// Height in pixels of the part that is drawn on.
    pub height: u32,
    /// Bits per pixel on the bus: 1, 4 (grayscale) or 16 (RGB565).
    pub bits: u32,
    /// Bus clock in bits per second.
    pub bus_hz: u32,
    /// Bits per byte on the bus: 8 for SPI, 9 for I2C with its acknowledge bit.
    pub byte_bits: u32,
}

/// Supported board.
#[derive(Debug)]
pub struct Board {
    /// Name on the command line, also of the binary.
    pub name: &'static str,
    /// Product name.
    pub title: &'static str,
    /// Package, a folder of `firmware/`.
    pub package: &'static str,
    /// Chip, also the name of its memory map in `firmware/build-support/memory/`.
    pub chip: &'static str,
    /// Format of the program in flash.
    pub image: ImageFormat,
    /// Cargo features of the package that select the chip.
    pub features: &'static [&'static str],
    /// Rust target.
    pub target: &'static str,
    /// Core whose instruction counts apply; a Cortex-M0+ executes those of a Cortex-M0.
    pub core: &'static str,
    /// Processor clock in hertz.
    pub clock_hz: u32,
    /// Method of running firmware.
    pub runner: Runner,
    /// UF2 boot loader, if the chip has one.
    pub uf2: Option<Uf2>,
    /// Flash available to the firmware.
    pub flash: Memory,
    /// Region for a model file, if the board has one.
    pub model_region: Option<ModelRegion>,
    /// RAM.
    pub ram: Memory,
    /// Flash in bytes that is reserved for the program without the model, and the program's budget.
    pub program: u64,
    /// RAM budget of the firmware in bytes, including the stack.
    pub ram_budget: u64,
    /// Stack budget of the firmware in bytes. The largest stack of boards that run in an emulator is at most three quarters of
    /// it, and also of the budgets of the other boards, which run the same application.
    pub stack_budget: u64,
    /// Display.
    pub display: Display,
}

impl Board {
    /// Returns true if a stack that was measured on this board leaves a quarter of its budget free.
    pub const fn stack_fits(&self, bytes: u64) -> bool {
        bytes * 4 <= self.stack_budget * 3
    }
}

/// Returns the board with this name.
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
            assert!(board.stack_budget < board.ram_budget, "{}", board.name);
            assert!(
                !board.flash.contains(board.ram.origin) && !board.ram.contains(board.flash.origin)
            );
            assert!(board.ram.contains(board.ram.origin + board.ram.bytes - 1));
            assert!(!board.ram.contains(board.ram.origin + board.ram.bytes));
        }
    }

    #[test]
    fn model_regions_are_whole_sectors_directly_behind_the_firmware() {
        for board in &BOARDS {
            let Some(ModelRegion {
                memory,
                erase_bytes,
            }) = board.model_region
            else {
                continue;
            };
            assert_eq!(
                memory.origin,
                board.flash.origin + board.flash.bytes,
                "{}",
                board.name
            );
            assert!(memory.bytes > 0, "{}", board.name);
            for value in [memory.origin, memory.bytes] {
                assert_eq!(value % erase_bytes, 0, "{}", board.name);
            }
            assert!(!memory.contains(board.ram.origin) && !board.ram.contains(memory.origin));
        }
    }

    /// Returns a region of a linker's memory map; `None` if it has no such region.
    fn region(map: &str, memory: &str) -> Option<Memory> {
        let line = map
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{memory} :")))?;
        let (origin, length) = line
            .split_once("ORIGIN = ")?
            .1
            .split_once(", LENGTH = ")
            .unwrap();
        let (number, unit) = length.split_at(length.len() - 1);
        let unit = if unit == "K" { 1024 } else { 1024 * 1024 };
        Some(Memory {
            origin: u64::from_str_radix(origin.trim_start_matches("0x"), 16).unwrap(),
            bytes: number.parse::<u64>().unwrap() * unit,
        })
    }

    #[test]
    fn the_board_table_agrees_with_the_memory_maps() {
        let plain = |board: &&Board| board.image == ImageFormat::Plain;
        for board in BOARDS.iter().filter(plain) {
            let Board {
                name, chip, flash, ..
            } = board;
            let maps = concat!(env!("CARGO_MANIFEST_DIR"), "/../build-support/memory");
            let path = format!("{maps}/{chip}.x");
            let map = std::fs::read_to_string(&path).unwrap();
            assert_eq!(
                region(&map, "RAM").unwrap().bytes,
                board.ram.bytes,
                "{name}"
            );
            let linked = region(&map, "FLASH").unwrap();
            // The memory map of the RP2040 leaves out the second-stage boot loader.
            let rest = flash.bytes.checked_sub(linked.bytes);
            assert!(rest.is_some_and(|rest| rest <= 1024), "{name}");
            assert!(
                linked.origin >= flash.origin
                    && linked.origin + linked.bytes <= flash.origin + flash.bytes,
                "{name}"
            );
            let model = region(&map, "MODEL").map(|memory| (memory.origin, memory.bytes));
            let expected = board.model_region.map(|region| region.memory);
            assert_eq!(
                model,
                expected.map(|memory| (memory.origin, memory.bytes)),
                "{name}"
            );
            assert_eq!(
                map.contains("__model_region_start = ORIGIN(MODEL);\n"),
                model.is_some(),
                "{name}"
            );
        }
    }
}
