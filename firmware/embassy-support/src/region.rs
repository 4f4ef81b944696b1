//! Model region in the flash memory of a chip that can write it.

use core::{ptr, slice};

use embedded_storage::nor_flash::NorFlash;
use thumbgan_protocol::{BLOCK_LEN, FlashError, ModelStore};

/// Model region of the flash that the driver `F` writes. While a reference to its content exists, nothing can write it.
pub struct FlashRegion<F> {
    flash: F,
    /// Address of the region.
    start: usize,
    /// Offset of the region in the driver's flash.
    offset: u32,
    /// Length in bytes.
    len: usize,
}

impl<F: NorFlash> FlashRegion<F> {
    /// Creates the model region of a chip whose flash begins at the address `flash_start`.
    pub fn new(flash: F, flash_start: usize) -> Self {
        let region = thumbgan_bundled_model::region();
        Self {
            flash,
            start: region.start,
            offset: (region.start - flash_start) as u32,
            len: region.len(),
        }
    }
}

impl<F: NorFlash> ModelStore for FlashRegion<F> {
    fn sector_len(&self) -> usize {
        F::ERASE_SIZE
    }

    fn bytes(&self) -> &[u8] {
        let start = ptr::with_exposed_provenance(self.start);
        // SAFETY: the memory map places the region in the chip's flash, outside of the program: it is readable at any time, and
        // any bytes are valid. Only this value writes it, through `&mut self`, because it owns the driver, so the bytes do not
        // change while the slice exists.
        #[expect(unsafe_code, reason = "the flash is at a fixed address")]
        unsafe {
            slice::from_raw_parts(start, self.len)
        }
    }

    fn erase(&mut self, offset: usize) -> Result<(), FlashError> {
        let start = self.offset + offset as u32;
        let end = start + F::ERASE_SIZE as u32;
        self.flash.erase(start, end).map_err(|_| FlashError)
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), FlashError> {
        let start = self.offset + offset as u32;
        self.flash.write(start, bytes).map_err(|_| FlashError)
    }
}

/// Model region of a board without one: it is empty and cannot be written.
pub struct NoRegion;

impl ModelStore for NoRegion {
    fn sector_len(&self) -> usize {
        BLOCK_LEN
    }

    fn bytes(&self) -> &[u8] {
        &[]
    }

    fn erase(&mut self, _offset: usize) -> Result<(), FlashError> {
        Err(FlashError)
    }

    fn write(&mut self, _offset: usize, _bytes: &[u8]) -> Result<(), FlashError> {
        Err(FlashError)
    }
}
