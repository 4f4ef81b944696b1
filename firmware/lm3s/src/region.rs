//! Model region of the flash memory.

use core::{ptr, slice};

/// Returns the content of the model region. This firmware does not write the flash.
pub fn model_region() -> &'static [u8] {
    let region = thumbgan_bundled_model::region();
    let start = ptr::with_exposed_provenance(region.start);
    // SAFETY: the memory map places the region in the chip's flash, outside of the program. It is readable, no code of this
    // program writes it, and any bytes are valid.
    #[expect(unsafe_code, reason = "the flash is at a fixed address")]
    unsafe {
        slice::from_raw_parts(start, region.len())
    }
}
