//! Proves by being linked that no panic can be reached from reading a model and generating digits: the panic
//! handler needs a function that does not exist, and the linker finds that out unless nothing calls it.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use thumbgan_core::{Generator, Model, SCRATCH};

#[entry]
fn main() -> ! {
    let mut seed = 0;
    loop {
        if let Ok(mut generator) = Model::parse(thumbgan_model::BYTES).and_then(Generator::<SCRATCH>::new) {
            let class = (generator.model().classes() > 0).then_some(3);
            core::hint::black_box(generator.generate(class, seed).is_ok());
        }
        seed += 1;
    }
}

#[panic_handler]
#[expect(unsafe_code, reason = "a call that never happens")]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn a_panic_is_reachable() -> !;
    }
    // SAFETY: there is no such function, hence no program that calls it.
    unsafe { a_panic_is_reachable() }
}
