//! Measures each layer of one image for `cargo xtask bench`, which runs it so that timer ticks count instructions. Reports by
//! semihosting.
#![no_std]
#![no_main]

use core::fmt;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use semihosting::{println, process::ExitCode};
use thumbgan_bundled_model::SCRATCH_LEN;
use thumbgan_core::{Generator, Model, model::MAX_LAYERS};
use thumbgan_instruction_counter as counter;

/// Runs the program.
#[entry]
fn main() -> ! {
    let mut scratch = [0; SCRATCH_LEN];
    let status = match Model::parse(thumbgan_bundled_model::BYTES) {
        Err(error) => failure(&error),
        Ok(model) => match Generator::new(model, &mut scratch) {
            Err(error) => failure(&error),
            Ok(mut generator) => measure(&mut generator),
        },
    };
    status.exit_process()
}

/// Reports an unusable model.
fn failure(error: &dyn fmt::Display) -> ExitCode {
    println!("FAIL model: {error}");
    ExitCode::FAILURE
}

/// Prints the ticks of each layer of an image. Latent and class count as part of the first layer.
fn measure(generator: &mut Generator<'_>) -> ExitCode {
    let class = (generator.model().class_count() > 0).then_some(3);
    let layers = generator.model().layers().len();
    counter::start();
    println!("million {}", counter::million());
    let start = counter::now();
    let mut times = [0; MAX_LAYERS];
    let generated = generator.generate_with_progress(class, 0, |layer| {
        if let Some(time) = times.get_mut(layer) {
            *time = counter::now();
        }
    });
    if generated.is_err() {
        println!("FAIL the model has no class 3");
        return ExitCode::FAILURE;
    }
    let mut before = start;
    for time in times.into_iter().take(layers) {
        println!("ticks {}", counter::between(before, time));
        before = time;
    }
    ExitCode::SUCCESS
}
