//! Counts what MicroFlow takes for the layers of `models/seed.tgan`, for `cargo xtask bench --peers`, which knows
//! how to run it so that the count is of instructions. It reports by semihosting, and fails where MicroFlow's
//! logits are not those of the layers.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use nalgebra::SMatrix;
use semihosting::{println, process::ExitCode};
use thumbgan_instruction_counter as clock;

use crate::seed::{LATENT, LOGITS, Seed, UNIT};

/// `Seed` with the layers, a latent, its logits in int8 and the unit of these: the build script makes them.
mod seed {
    include!(concat!(env!("OUT_DIR"), "/seed.rs"));
}

/// Int8 values in a row.
type Latent = SMatrix<i8, 1, { LATENT.len() }>;
/// Real values in a row.
type Logits = SMatrix<f32, 1, { LOGITS.len() }>;

#[entry]
fn main() -> ! {
    let latent = Latent::from_row_slice(&LATENT);
    clock::start();
    println!("million {}", clock::million());
    let start = clock::now();
    let logits = black_box(run(black_box(&latent)));
    println!("ticks {}", clock::between(start, clock::now()));
    compare(&logits).exit_process()
}

/// A function of its own, which is compiled alike whatever is around it.
#[inline(never)]
fn run(latent: &Latent) -> Logits {
    Seed::predict_quantized(*latent)
}

/// Whether every logit is at most one unit from what plain loops make of the latent.
fn compare(logits: &Logits) -> ExitCode {
    for (index, (got, expected)) in logits.iter().zip(LOGITS).enumerate() {
        let expected = UNIT * f32::from(expected);
        if (got - expected).abs() > UNIT {
            println!("FAIL logit {index}: expected {expected} got {got}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
