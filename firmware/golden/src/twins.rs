//! Proves that this machine's kernel makes the sums of its portable twin, on shapes, weights and inputs drawn at
//! random, and exits with status 0 only if none differs. It reports by semihosting.
#![no_std]
#![no_main]

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use semihosting::{println, process::ExitCode};
use thumbgan_core::twins;

/// Products that are compared.
const COMPARED: u64 = 2_000;

#[entry]
fn main() -> ! {
    let mut differ = 0;
    for seed in (0..COMPARED).filter(|&seed| !twins::agree(seed)) {
        println!("FAIL seed {seed}");
        differ += 1;
    }
    println!("twins: {COMPARED} products, {differ} differ");
    let status = if differ == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    status.exit_process()
}
