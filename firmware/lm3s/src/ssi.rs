//! SSI0 (Arm PL022) as an SPI bus in mode 3: clock high when idle, data sampled at the rising edge.

use core::convert::Infallible;

use embedded_hal::spi::{ErrorType, SpiBus};

use crate::{gpio::Port, peripheral::Peripheral};

const CR0: u16 = 0x000;
const CR1: u16 = 0x004;
const DR: u16 = 0x008;
const SR: u16 = 0x00c;
const CPSR: u16 = 0x010;

/// CR0: 8 bits, clock high when idle (SPO), data at the second edge (SPH).
const MODE_3_8_BITS: u32 = 0x07 | 1 << 6 | 1 << 7;
/// CPSR: divisor of the system clock for 3.6 MHz; the panel supports up to 4 MHz.
const DIVISOR: u32 = 14;
/// CR1: enabled, as master.
const ENABLE: u32 = 1 << 1;

/// SR: transmit FIFO not full.
const ROOM: u32 = 1 << 1;
/// SR: receive FIFO not empty.
const RECEIVED: u32 = 1 << 2;
/// SR: busy.
const BUSY: u32 = 1 << 4;

/// PA2: clock, PA4: receive, PA5: transmit. The frame signal PA3 is not used, so that it can be a chip select.
const PINS: u8 = 1 << 2 | 1 << 4 | 1 << 5;

/// SPI bus. It is idle after each byte, so that a panel's data/command line can change between calls.
#[derive(Debug)]
pub struct Ssi0(Peripheral);

impl Ssi0 {
    /// Configures the bus and its pins.
    pub fn open() -> Self {
        let ssi = Peripheral::SSI0;
        Port::A.alternate(PINS);
        // Settings can change only while the port is disabled.
        ssi.write(CR1, 0);
        ssi.write(CPSR, DIVISOR);
        ssi.write(CR0, MODE_3_8_BITS);
        ssi.write(CR1, ENABLE);
        Self(ssi)
    }

    fn exchange(&mut self, byte: u8) -> u8 {
        let Self(ssi) = self;
        while ssi.read(SR) & ROOM == 0 {}
        ssi.write(DR, byte.into());
        while ssi.read(SR) & RECEIVED == 0 {}
        ssi.read(DR) as u8
    }
}

impl ErrorType for Ssi0 {
    type Error = Infallible;
}

impl SpiBus for Ssi0 {
    fn read(&mut self, words: &mut [u8]) -> Result<(), Infallible> {
        words.fill_with(|| self.exchange(0));
        Ok(())
    }

    fn write(&mut self, words: &[u8]) -> Result<(), Infallible> {
        for &word in words {
            self.exchange(word);
        }
        Ok(())
    }

    fn transfer(&mut self, read: &mut [u8], write: &[u8]) -> Result<(), Infallible> {
        let exchanged = read.len().max(write.len());
        let mut received = read.iter_mut();
        for index in 0..exchanged {
            let byte = self.exchange(write.get(index).copied().unwrap_or(0));
            if let Some(word) = received.next() {
                *word = byte;
            }
        }
        Ok(())
    }

    fn transfer_in_place(&mut self, words: &mut [u8]) -> Result<(), Infallible> {
        for word in words {
            *word = self.exchange(*word);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while self.0.read(SR) & BUSY != 0 {}
        Ok(())
    }
}
