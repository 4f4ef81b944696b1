//! Access to peripheral registers; contains the crate's `unsafe` register accesses.

use core::ptr;

/// Peripheral with 4 KiB of 32-bit registers.
#[derive(Clone, Copy, Debug)]
pub struct Peripheral(usize);

impl Peripheral {
    pub const GPIO_A: Self = Self(0x4000_4000);
    pub const GPIO_C: Self = Self(0x4000_6000);
    pub const GPIO_D: Self = Self(0x4000_7000);
    pub const SSI0: Self = Self(0x4000_8000);
    pub const UART0: Self = Self(0x4000_C000);
    pub const GPIO_E: Self = Self(0x4002_4000);
    pub const GPIO_F: Self = Self(0x4002_5000);
    pub const SYSTEM: Self = Self(0x400F_E000);

    /// Returns the address of the register at byte `offset`, which is rounded down to a register of this peripheral.
    fn register(self, offset: u16) -> *mut u32 {
        ptr::with_exposed_provenance_mut(self.0 + usize::from(offset & 0x0ffc))
    }

    /// Reads the register at byte `offset`.
    pub fn read(self, offset: u16) -> u32 {
        let register = self.register(offset);
        // SAFETY: the address is aligned and inside of a peripheral's register block, which contains no Rust object.
        #[expect(unsafe_code, reason = "registers are memory")]
        unsafe {
            register.read_volatile()
        }
    }

    /// Writes the register at byte `offset`.
    pub fn write(self, offset: u16, value: u32) {
        let register = self.register(offset);
        // SAFETY: the address is aligned and inside of a peripheral's register block, which contains no Rust object. No
        // peripheral that this crate uses accesses memory by itself (DMA).
        #[expect(unsafe_code, reason = "registers are memory")]
        unsafe {
            register.write_volatile(value);
        }
    }

    /// Sets `bits` of the register at byte `offset`.
    pub fn set(self, offset: u16, bits: u32) {
        self.write(offset, self.read(offset) | bits);
    }

    /// Clears `bits` of the register at byte `offset`.
    pub fn clear(self, offset: u16, bits: u32) {
        self.write(offset, self.read(offset) & !bits);
    }
}
