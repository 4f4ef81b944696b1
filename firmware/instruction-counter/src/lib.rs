//! Timers of emulated machines. With QEMU's `-icount` their ticks are proportional to executed instructions.
#![no_std]

/// Measures the ticks of a million instructions: half a million iterations of a loop of two.
pub fn million() -> u32 {
    let start = now();
    delay(500_000 * ROUND);
    between(start, now())
}

#[cfg(target_arch = "arm")]
mod systick;
#[cfg(target_arch = "arm")]
use systick::{ROUND, delay};
#[cfg(target_arch = "arm")]
pub use systick::{between, now, start};

#[cfg(target_arch = "riscv32")]
mod minstret;
#[cfg(target_arch = "riscv32")]
use minstret::{ROUND, delay};
#[cfg(target_arch = "riscv32")]
pub use minstret::{between, now, start};
