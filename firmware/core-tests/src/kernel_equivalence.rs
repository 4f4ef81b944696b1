//! Compares this machine's kernel with the reference kernel on pseudorandom shapes, weights and inputs, and its requantization
//! with a 64-bit product, and exits with status 0 only if none differs. Reports by semihosting.
#![no_std]
#![no_main]

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use semihosting::{println, process::ExitCode};
use thumbgan_core::{KERNEL, kernels_agree, requantization_agrees};

/// Number of comparisons.
const COMPARISONS: u64 = 2_000;

/// Runs the program.
#[entry]
fn main() -> ! {
    let mut differ = 0;
    for seed in
        (0..COMPARISONS).filter(|&seed| !(kernels_agree(seed) && requantization_agrees(seed)))
    {
        println!("FAIL seed {seed}");
        differ += 1;
    }
    println!("kernel {KERNEL}: {COMPARISONS} comparisons, {differ} differ");
    let status = if differ == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    status.exit_process()
}
