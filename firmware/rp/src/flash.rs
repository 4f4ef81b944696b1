//! Model region in the external flash memory.
//!
//! The boot ROM's functions erase and write it. The program runs from the same flash, so it stands still meanwhile, with
//! interrupts disabled: 45 ms (at most 400 ms) per sector and 0.7 ms per page. USB hosts repeat what is not received.

use embassy_rp::{
    Peri,
    flash::{Blocking, FLASH_BASE, Flash},
    peripherals::FLASH,
};
use thumbgan_embassy_support::FlashRegion;

/// Length of the flash in bytes.
const FLASH_LEN: usize = if cfg!(feature = "rp235xa") {
    4 * 1024 * 1024
} else {
    2 * 1024 * 1024
};

/// Returns the model region.
pub fn model_region(
    flash: Peri<'static, FLASH>,
) -> FlashRegion<Flash<'static, FLASH, Blocking, FLASH_LEN>> {
    FlashRegion::new(Flash::new_blocking(flash), FLASH_BASE.addr())
}
