//! What the firmware runs on: the boards of the one table, and the emulated machines of the golden vectors.

use anyhow::{Context, Result};

pub use thumbgan_boards::{BOARDS, Board, Display, EMULATED, Memory, Runner, Uf2};

/// The board of this name.
///
/// # Errors
/// When there is none; the message lists them all.
pub fn find(name: &str) -> Result<&'static Board> {
    thumbgan_boards::find(name).with_context(|| format!("no board {name:?}\n{}", list()))
}

/// The boards, one a line.
pub fn list() -> String {
    let lines = BOARDS.iter().map(|board| {
        format!(
            "  {:17} {}, {}",
            board.name, board.target, board.display.name
        )
    });
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

/// Where frames are counted, one machine for each kind of core that a board has; a Cortex-M0's on a Cortex-M3 here too,
/// since the app does not fit the micro:bit's RAM.
pub const DRAWN: [Machine; 4] = [
    arm("mps2-an386", "Cortex-M4F", "thumbv7em-none-eabihf"),
    arm("mps2-an385", "Cortex-M3", "thumbv7m-none-eabi"),
    arm("mps2-an385", "Cortex-M0", "thumbv6m-none-eabi"),
    arm("mps2-an505", "Cortex-M33", "thumbv8m.main-none-eabihf"),
];

const fn arm(name: &'static str, core: &'static str, target: &'static str) -> Machine {
    Machine {
        name,
        core,
        target,
        qemu: QEMU_ARM,
        arguments: &[],
    }
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
    fn every_board_is_found_and_listed_by_its_name() {
        for board in &BOARDS {
            assert_eq!(find(board.name).unwrap().name, board.name);
            assert!(list().contains(board.name));
        }
        let error = find("toaster").unwrap_err().to_string();
        assert!(
            error.contains("toaster") && error.contains("nrf52840-dk"),
            "{error}"
        );
    }

    #[test]
    fn targets_cover_every_table_without_repeats() {
        let targets = targets();
        assert!(targets.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(BOARDS.iter().all(|board| targets.contains(&board.target)));
        assert!(
            MACHINES
                .iter()
                .all(|machine| targets.contains(&machine.target))
        );
        assert!(CORE_TARGETS.iter().all(|target| targets.contains(target)));
    }
}
