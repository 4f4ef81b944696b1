//! What the firmware runs on: the one table of boards, and the emulated machines of the golden vectors.

use anyhow::{Context, Result};

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

/// A board that the firmware supports.
#[derive(Debug)]
pub struct Board {
    /// Its name on the command line; also the name of its binary.
    pub name: &'static str,
    /// Its package: a folder of `firmware/`.
    pub package: &'static str,
    /// Its Rust target.
    pub target: &'static str,
    /// How to run firmware on it.
    pub runner: Runner,
    /// The flash that the program may fill.
    pub flash: Memory,
    /// Its RAM.
    pub ram: Memory,
    /// Most bytes of flash that the firmware may take.
    pub flash_budget: u64,
    /// Most bytes of RAM that the firmware may take, stack included.
    pub ram_budget: u64,
    /// Its display.
    pub display: &'static str,
}

/// The reference board, which QEMU emulates with its display and buttons.
pub const EMULATED: Board = Board {
    name: "qemu-lm3s6965",
    package: "lm3s",
    target: "thumbv7m-none-eabi",
    runner: Runner::Qemu("lm3s6965evb"),
    flash: Memory { origin: 0, bytes: 256 * 1024 },
    ram: Memory { origin: 0x2000_0000, bytes: 64 * 1024 },
    flash_budget: 160 * 1024,
    ram_budget: 24 * 1024,
    display: "SSD0323 OLED, 128x64, 16 greys",
};

/// Every board.
pub const BOARDS: [Board; 2] = [
    EMULATED,
    Board {
        name: "nrf52840-dk",
        package: "nrf",
        target: "thumbv7em-none-eabihf",
        runner: Runner::Probe {
            chip: "nRF52840_xxAA",
            plug: "the nRF52840-DK by its debugger's USB socket (J2), its power switch on",
        },
        flash: Memory { origin: 0, bytes: 1024 * 1024 },
        ram: Memory { origin: 0x2000_0000, bytes: 256 * 1024 },
        flash_budget: 160 * 1024,
        ram_budget: 24 * 1024,
        display: "SSD1306 OLED, 128x64, on I2C (SDA P0.26, SCL P0.27)",
    },
];

/// The board of this name.
///
/// # Errors
/// When there is none; the message lists them all.
pub fn find(name: &str) -> Result<&'static Board> {
    BOARDS.iter().find(|board| board.name == name).with_context(|| format!("no board {name:?}\n{}", list()))
}

/// The boards, one a line.
pub fn list() -> String {
    let lines = BOARDS.iter().map(|board| format!("  {:15} {}, {}", board.name, board.target, board.display));
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

    #[test]
    fn targets_cover_every_table_without_repeats() {
        let targets = targets();
        assert!(targets.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(BOARDS.iter().all(|board| targets.contains(&board.target)));
        assert!(MACHINES.iter().all(|machine| targets.contains(&machine.target)));
        assert!(CORE_TARGETS.iter().all(|target| targets.contains(target)));
    }
}
