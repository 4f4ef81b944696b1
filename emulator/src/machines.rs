//! Emulated machines for the tests of `core`, and the Rust targets that the tests and boards need.
//!
//! Boards, their memory and their displays are in the table of `thumbgan-boards`.

use thumbgan_boards::BOARDS;

/// A machine that QEMU emulates and that has a memory map in `firmware/`.
#[derive(Debug)]
pub struct Machine {
    /// Value of QEMU's option `-M` and of `THUMBGAN_MACHINE`.
    pub name: &'static str,
    /// Processor core.
    pub core: &'static str,
    /// Rust target.
    pub target: &'static str,
    /// QEMU program that emulates it.
    pub qemu: &'static str,
    /// Additional arguments for QEMU.
    pub arguments: &'static [&'static str],
}

/// QEMU for Arm.
pub const QEMU_ARM: &str = "qemu-system-arm";
/// QEMU for 32-bit RISC-V.
pub const QEMU_RISCV: &str = "qemu-system-riscv32";

const MICROBIT: Machine = arm("microbit", "Cortex-M0", "thumbv6m-none-eabi");
const LM3S: Machine = arm("lm3s6965evb", "Cortex-M3", "thumbv7m-none-eabi");
const AN385: Machine = arm("mps2-an385", "Cortex-M3", "thumbv7m-none-eabi");
const AN386: Machine = arm("mps2-an386", "Cortex-M4F", "thumbv7em-none-eabihf");
const AN500: Machine = arm("mps2-an500", "Cortex-M7", "thumbv7em-none-eabihf");
const AN505: Machine = arm("mps2-an505", "Cortex-M33", "thumbv8m.main-none-eabihf");
const VIRT: Machine = Machine {
    name: "virt",
    core: "RV32IMAC",
    target: "riscv32imac-unknown-none-elf",
    qemu: QEMU_RISCV,
    arguments: &["-bios", "none"],
};
/// Armv6-M code on a Cortex-M3, which executes all instructions of a Cortex-M0 and has the RAM that the emulated
/// micro:bit (16 KB) lacks.
const ARMV6M_ON_AN385: Machine = arm("mps2-an385", "Cortex-M0", "thumbv6m-none-eabi");

/// Maximum scratch memory in bytes for which the RAM of the emulated micro:bit is large enough.
const MICROBIT_SCRATCH: usize = 13 * 1024;

/// One machine for each kind of core, for the golden vectors and the equivalence test.
pub const MACHINES: [Machine; 6] = [MICROBIT, LM3S, AN386, AN500, AN505, VIRT];

/// Machines that count the instructions of an image: one for each kind of core, each with a timer that follows the
/// executed instructions.
pub const IMAGE_MACHINES: [Machine; 6] = [MICROBIT, AN385, AN386, AN500, AN505, VIRT];

/// Machines that count the instructions of the baselines, whose stack exceeds the micro:bit's RAM.
pub const BASELINE_MACHINES: [Machine; 3] = [AN386, AN385, ARMV6M_ON_AN385];

/// Machines that count the instructions of a frame: one for each kind of core that a board has.
pub const FRAME_MACHINES: [Machine; 5] = [AN386, AN385, ARMV6M_ON_AN385, AN505, VIRT];

impl Machine {
    /// Returns the machine for a model that needs `scratch` bytes of scratch memory: this one, or one with the same
    /// instruction set if its RAM is too small.
    pub fn with_scratch(&self, scratch: usize) -> &Self {
        if self.name == MICROBIT.name && scratch > MICROBIT_SCRATCH {
            &ARMV6M_ON_AN385
        } else {
            self
        }
    }
}

const fn arm(name: &'static str, core: &'static str, target: &'static str) -> Machine {
    Machine {
        name,
        core,
        target,
        qemu: QEMU_ARM,
        arguments: &[],
    }
}

/// Targets that `core` must build for: every kind of core, including ones without floating point or atomics.
pub const CORE_TARGETS: [&str; 5] = [
    "thumbv6m-none-eabi",
    "thumbv7m-none-eabi",
    "thumbv7em-none-eabi",
    "thumbv8m.main-none-eabi",
    "riscv32imc-unknown-none-elf",
];

/// Returns every Rust target of the boards, the machines and [`CORE_TARGETS`], sorted and without duplicates.
pub fn targets() -> Vec<&'static str> {
    let boards = BOARDS.iter().map(|board| board.target);
    let machines = MACHINES.iter().map(|machine| machine.target);
    let mut targets: Vec<_> = boards.chain(machines).chain(CORE_TARGETS).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// Returns the rustc flags that a Rust target needs here, for the variable `RUSTFLAGS`.
///
/// The target `thumbv8m.main` leaves the DSP extension open; every such core here is a Cortex-M33 that has it.
pub fn rustflags(target: &str) -> Option<&'static str> {
    target
        .starts_with("thumbv8m.main")
        .then_some("-C target-cpu=cortex-m33")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_cover_every_table_without_duplicates() {
        let targets = targets();
        assert!(targets.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(BOARDS.iter().all(|board| targets.contains(&board.target)));
        let machines = [
            &MACHINES[..],
            &IMAGE_MACHINES,
            &BASELINE_MACHINES,
            &FRAME_MACHINES,
        ];
        for machine in machines.into_iter().flatten() {
            assert!(targets.contains(&machine.target), "{}", machine.name);
        }
        assert!(CORE_TARGETS.iter().all(|target| targets.contains(target)));
    }

    #[test]
    fn every_board_has_one_machine_that_counts_its_frames() {
        for board in &BOARDS {
            let machines = FRAME_MACHINES
                .iter()
                .filter(|machine| machine.core == board.core);
            assert_eq!(machines.count(), 1, "{}", board.name);
        }
    }
}
