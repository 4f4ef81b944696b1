//! Clock of the device.

/// Returns the microseconds since the page was loaded.
#[cfg(target_arch = "wasm32")]
pub fn micros() -> u64 {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        /// Milliseconds since the page was loaded, with a fractional part.
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
    }
    (now() * 1_000.0) as u64
}

/// Returns the microseconds since the first call.
#[cfg(not(target_arch = "wasm32"))]
pub fn micros() -> u64 {
    use std::{sync::LazyLock, time::Instant};

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_micros() as u64
}
