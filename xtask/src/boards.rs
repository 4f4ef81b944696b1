//! What the firmware runs on: the one table of boards, and the emulated machines of the golden vectors.

use anyhow::{Context, Result};

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
    /// Bits that a pixel takes on the bus: 1, 4 (greys) or 16 (RGB 565).
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
    /// Its package: a folder of `firmware/`.
    pub package: &'static str,
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
    /// Most bytes of flash that the firmware may take.
    pub flash_budget: u64,
    /// Most bytes of RAM that the firmware may take, stack included.
    pub ram_budget: u64,
    /// Its display.
    pub display: Display,
}

/// The board of this name.
///
/// # Errors
/// When there is none; the message lists them all.
pub fn find(name: &str) -> Result<&'static Board> {
    BOARDS.iter().find(|board| board.name == name).with_context(|| format!("no board {name:?}\n{}", list()))
}

/// The boards, one a line.
pub fn list() -> String {
    let lines =
        BOARDS.iter().map(|board| format!("  {:17} {}, {}", board.name, board.target, board.display.name));
    format!("boards:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// An emulated machine that the golden vectors run on.
#[derive(Debug)]
pub struct Machine {
    /// QEMU's `-M`, and the value of `THUMBGAN_MACHINE`.
    pub name: &'static str,
    /// Its processor core.
    pub core: &'static str,
    /// Its Rust target.
    pub target: &'static str,
    /// The QEMU program that has it.
    pub qemu: &'static str,
    /// What else QEMU must be told.
    pub arguments: &'static [&'static str],
}

/// QEMU for Arm.
pub const QEMU_ARM: &str = "qemu-system-arm";
/// QEMU for 32-bit RISC-V.
pub const QEMU_RISCV: &str = "qemu-system-riscv32";

/// One machine for each kind of core.
pub const MACHINES: [Machine; 6] = [
    arm("microbit", "Cortex-M0", "thumbv6m-none-eabi"),
    arm("lm3s6965evb", "Cortex-M3", "thumbv7m-none-eabi"),
    arm("mps2-an386", "Cortex-M4F", "thumbv7em-none-eabihf"),
    arm("mps2-an500", "Cortex-M7", "thumbv7em-none-eabihf"),
    arm("mps2-an505", "Cortex-M33", "thumbv8m.main-none-eabihf"),
    Machine {
        name: "virt",
        core: "RV32IMAC",
        target: "riscv32imac-unknown-none-elf",
        qemu: QEMU_RISCV,
        arguments: &["-bios", "none"],
    },
];

/// Where instructions are counted: as [`MACHINES`], but for a Cortex-M3 whose timer keeps time with them.
pub const COUNTED: [Machine; 6] = {
    let mut machines = MACHINES;
    machines[1] = arm("mps2-an385", "Cortex-M3", "thumbv7m-none-eabi");
    machines
};

/// Where other engines are counted: as [`COUNTED`], but a Cortex-M0's instructions on a Cortex-M3, which has them
/// all, since the micro:bit's 16 KB of RAM are too few for MicroFlow's stack.
pub const COMPARED: [Machine; 3] = [
    arm("mps2-an386", "Cortex-M4F", "thumbv7em-none-eabihf"),
    arm("mps2-an385", "Cortex-M3", "thumbv7m-none-eabi"),
    arm("mps2-an385", "Cortex-M0", "thumbv6m-none-eabi"),
];

const fn arm(name: &'static str, core: &'static str, target: &'static str) -> Machine {
    Machine { name, core, target, qemu: QEMU_ARM, arguments: &[] }
}

/// Targets that `core` must build for: every kind of core, also without floating point or atomics.
pub const CORE_TARGETS: [&str; 5] = [
    "thumbv6m-none-eabi",
    "thumbv7m-none-eabi",
    "thumbv7em-none-eabi",
    "thumbv8m.main-none-eabi",
    "riscv32imc-unknown-none-elf",
];

/// Every Rust target of these tables, each once.
pub fn targets() -> Vec<&'static str> {
    let boards = BOARDS.iter().map(|board| board.target);
    let machines = MACHINES.iter().map(|machine| machine.target);
    let mut targets: Vec<_> = boards.chain(machines).chain(CORE_TARGETS).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_is_found_by_its_own_name_only() {
        for board in &BOARDS {
            assert!(std::ptr::eq(find(board.name).unwrap(), find(board.name).unwrap()));
            assert_eq!(BOARDS.iter().filter(|other| other.name == board.name).count(), 1);
            assert!(list().contains(board.name));
        }
        let error = find("toaster").unwrap_err().to_string();
        assert!(error.contains("toaster") && error.contains("nrf52840-dk"), "{error}");
    }

    #[test]
    fn budgets_fit_the_memories_and_memories_do_not_overlap() {
        for board in &BOARDS {
            assert!(board.flash_budget <= board.flash.bytes, "{}", board.name);
            assert!(board.ram_budget <= board.ram.bytes, "{}", board.name);
            assert!(!board.flash.contains(board.ram.origin) && !board.ram.contains(board.flash.origin));
            assert!(board.ram.contains(board.ram.origin + board.ram.bytes - 1));
            assert!(!board.ram.contains(board.ram.origin + board.ram.bytes));
        }
    }

    /// The length of a memory's line in a linker's memory map.
    fn length(map: &str, memory: &str) -> u64 {
        let line = map.lines().find(|line| line.trim_start().starts_with(&format!("{memory} :"))).unwrap();
        let length = line.split("LENGTH = ").nth(1).unwrap().trim();
        let (number, unit) = length.split_at(length.len() - 1);
        number.parse::<u64>().unwrap() * if unit == "K" { 1024 } else { 1024 * 1024 }
    }

    #[test]
    fn memories_are_those_that_the_linker_knows() {
        let maps = |board: &Board| {
            let folder = crate::shell::firmware(board.package).join("memory");
            let entries = std::fs::read_dir(folder).unwrap();
            entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect::<Vec<_>>()
        };
        for board in &BOARDS {
            // All of flash but, on the RP2040, the second stage of its boot loader.
            let fits = |map: &String| {
                let flash = board.flash.bytes - length(map, "FLASH");
                flash <= 1024 && length(map, "RAM") == board.ram.bytes
            };
            let smaller = |map: &&String| length(map, "FLASH") <= board.flash.bytes;
            assert!(maps(board).iter().filter(smaller).any(fits), "{}", board.name);
        }
    }

    #[test]
    fn targets_cover_every_table_without_repeats() {
        let targets = targets();
        assert!(targets.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(BOARDS.iter().all(|board| targets.contains(&board.target)));
        assert!(MACHINES.iter().all(|machine| targets.contains(&machine.target)));
        assert!(CORE_TARGETS.iter().all(|target| targets.contains(target)));
    }
}
