//! UART0, an Arm PL011: the board's serial port, 115,200 baud, 8N1, for what the firmware has to say.

use core::fmt;

use crate::{gpio::Port, peripheral::Peripheral, system::CLOCK_HZ};

const DR: u16 = 0x000;
const FR: u16 = 0x018;
const IBRD: u16 = 0x024;
const FBRD: u16 = 0x028;
const LCRH: u16 = 0x02c;
const CTL: u16 = 0x030;

/// FR: no room to transmit.
const FULL: u32 = 1 << 5;
/// LCRH: 8 bits, no parity, one stop bit, with FIFO.
const FRAME_8N1: u32 = 3 << 5 | 1 << 4;
/// CTL: enabled, transmitting.
const TRANSMIT: u32 = 1 << 0 | 1 << 8;

const BAUD: u32 = 115_200;
/// The clock's divisor in 1/64: 16 clocks a bit.
const DIVISOR: u32 = (CLOCK_HZ * 4 + BAUD / 2) / BAUD;

/// PA0 receives, PA1 transmits.
const PINS: u8 = 1 << 0 | 1 << 1;

/// The serial port; what is written waits for room and never fails.
#[derive(Debug)]
pub struct Uart0(Peripheral);

impl Uart0 {
    /// Takes the port and its pins. Opening it again is harmless, which a panic handler needs.
    pub fn open() -> Self {
        let uart = Peripheral::UART0;
        Port::A.alternate(PINS);
        uart.write(CTL, 0);
        uart.write(IBRD, DIVISOR / 64);
        uart.write(FBRD, DIVISOR % 64);
        uart.write(LCRH, FRAME_8N1);
        uart.write(CTL, TRANSMIT);
        Self(uart)
    }
}

impl fmt::Write for Uart0 {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Self(uart) = self;
        for byte in text.bytes() {
            while uart.read(FR) & FULL != 0 {}
            uart.write(DR, byte.into());
        }
        Ok(())
    }
}
