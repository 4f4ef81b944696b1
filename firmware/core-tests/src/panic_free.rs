//! Links only if no panic is reachable from parsing a model and generating images: the panic handler calls a function that does
//! not exist, which is a link error unless the handler is unreachable.
#![no_std]
#![no_main]

use core::{hint::black_box, panic::PanicInfo};

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use thumbgan_bundled_model::SCRATCH_LEN;
use thumbgan_core::{Generator, Model};

/// Runs the program.
#[entry]
fn main() -> ! {
    let mut scratch = [0; SCRATCH_LEN];
    let mut seed = 0;
    loop {
        if let Ok(model) = Model::parse(thumbgan_bundled_model::BYTES)
            && let Ok(mut generator) = Generator::new(model, &mut scratch)
        {
            let class = generator.model().class_for_seed(seed);
            black_box(generator.generate(class, seed).is_ok());
        }
        seed += 1;
    }
}

#[panic_handler]
#[expect(unsafe_code, reason = "call of a function that does not exist")]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn a_panic_is_reachable() -> !;
    }
    // SAFETY: the function does not exist, so no linked program contains this call.
    unsafe { a_panic_is_reachable() }
}
