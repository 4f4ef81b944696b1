//! Counts what each layer of a digit takes on this machine, for `cargo xtask bench`, which knows how to run it
//! so that the counts are of instructions. It reports by semihosting.
#![no_std]
#![no_main]

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use semihosting::{println, process::ExitCode};
use thumbgan_clock as clock;
use thumbgan_core::{Fitting, Generator, Model, SCRATCH, model::MAX_LAYERS};

#[entry]
fn main() -> ! {
    let status = match Model::parse(thumbgan_model::BYTES).and_then(Fitting::new) {
        Ok(model) => count(model),
        Err(error) => {
            println!("FAIL model: {error}");
            ExitCode::FAILURE
        }
    };
    status.exit_process()
}

/// Prints the ticks of each layer of one digit, and of all that a digit takes besides: latent and class.
fn count(model: Fitting<'_, SCRATCH>) -> ExitCode {
    let mut generator = Generator::from(model);
    let class = (generator.model().classes() > 0).then_some(3);
    let layers = generator.model().layers().len();
    clock::start();
    println!("million {}", clock::million());
    let start = clock::now();
    let mut times = [0; MAX_LAYERS];
    let made = generator.generate_watched(class, 0, |layer| {
        if let Some(time) = times.get_mut(layer) {
            *time = clock::now();
        }
    });
    if made.is_err() {
        println!("FAIL the model has no class 3");
        return ExitCode::FAILURE;
    }
    // What comes before the first layer is counted with it.
    let mut before = start;
    for time in times.into_iter().take(layers) {
        println!("ticks {}", clock::between(before, time));
        before = time;
    }
    ExitCode::SUCCESS
}
