//! Library functions that the ESP32-C3 has in its mask ROM: memory, 64-bit division and floating point, from rustc's
//! compiler-builtins. The linker script names them. A simulator's ROM is made of them (`emulator/src/labwired`).
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::panic::PanicInfo;

/// Stops; the functions do not panic.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
