//! Counts what each layer of a digit takes on this machine, for `cargo xtask bench`, which knows how to run it
//! so that the counts are of instructions. It reports by semihosting.
#![no_std]
#![no_main]

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use semihosting::{println, process::ExitCode};
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
    println!("million {}", million());
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

/// Ticks of a million instructions: half a million rounds of a loop of two.
fn million() -> u32 {
    let start = clock::now();
    clock::delay(500_000 * clock::ROUND);
    clock::between(start, clock::now())
}

/// `SysTick`, which counts the processor's clock down in 24 bits.
#[cfg(target_arch = "arm")]
mod clock {
    pub use cortex_m::asm::delay;
    use cortex_m::peripheral::{Peripherals, SYST, syst::SystClkSource};

    /// What `delay` takes for one round of its loop of two instructions.
    pub const ROUND: u32 = 1;
    const MASK: u32 = 0xff_ffff;

    pub fn start() {
        if let Some(peripherals) = Peripherals::take() {
            let mut timer = peripherals.SYST;
            timer.set_clock_source(SystClkSource::Core);
            timer.set_reload(MASK);
            timer.clear_current();
            timer.enable_counter();
        }
    }

    pub fn now() -> u32 {
        SYST::get_current()
    }

    /// Ticks between two times that are less than 2^24 ticks apart.
    pub fn between(start: u32, end: u32) -> u32 {
        start.wrapping_sub(end) & MASK
    }
}

/// The count of instructions that have been executed, which QEMU makes one of time.
#[cfg(target_arch = "riscv32")]
mod clock {
    pub use riscv::asm::delay;
    use riscv::register::minstret;

    /// What `delay` takes for one round of its loop of two instructions.
    pub const ROUND: u32 = 2;

    pub fn start() {}

    pub fn now() -> u32 {
        minstret::read() as u32
    }

    pub fn between(start: u32, end: u32) -> u32 {
        end.wrapping_sub(start)
    }
}
