//! UART0 (Arm PL011), 115,200 baud, 8N1: the port of the log and the serial protocol.
//!
//! The interrupt handler puts received bytes into a queue, because the FIFO of 16 bytes is full after 1.4 ms and generating an
//! image takes longer.

use core::{cell::RefCell, fmt};

use cortex_m::{
    interrupt::{self, InterruptNumber, Mutex},
    peripheral::NVIC,
};
use cortex_m_rt::exception;
use heapless::Deque;

use crate::{gpio::Port, peripheral::Peripheral, system::CLOCK_HZ};

const DR: u16 = 0x000;
const FR: u16 = 0x018;
const IBRD: u16 = 0x024;
const FBRD: u16 = 0x028;
const LCRH: u16 = 0x02c;
const CTL: u16 = 0x030;

const IFLS: u16 = 0x034;
const IM: u16 = 0x038;

/// FR: receive FIFO empty.
const EMPTY: u32 = 1 << 4;
/// FR: transmit FIFO full.
const FULL: u32 = 1 << 5;
/// LCRH: 8 bits, no parity, one stop bit, FIFO enabled.
const FRAME_8N1: u32 = 3 << 5 | 1 << 4;
/// CTL: UART, transmitter and receiver enabled.
const BOTH_WAYS: u32 = 1 << 0 | 1 << 8 | 1 << 9;
/// IFLS: receive interrupt when an eighth of the FIFO is full.
const EARLY: u32 = 0;
/// IM: receive interrupt, and receive timeout (32 bit times).
const RECEIVED: u32 = 1 << 4 | 1 << 6;
/// Interrupt number of the port.
const INTERRUPT: u16 = 5;

const BAUD: u32 = 115_200;
/// Divisor of the clock in 1/64, for 16 clocks per bit.
const DIVISOR: u32 = (CLOCK_HZ * 4 + BAUD / 2) / BAUD;

/// PA0: receive, PA1: transmit.
const PINS: u8 = 1 << 0 | 1 << 1;

/// Received bytes. The longest request fits; a host waits for the response before the next request, so bytes that do not fit
/// are noise and are dropped.
static QUEUE: Mutex<RefCell<Deque<u8, 320>>> = Mutex::new(RefCell::new(Deque::new()));

/// Interrupt of the port for the interrupt controller.
#[derive(Clone, Copy)]
struct Interrupt;

// SAFETY: the number is that of the data sheet, a valid interrupt of the chip, and constant.
#[expect(unsafe_code, reason = "interrupt numbers are the chip's")]
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        INTERRUPT
    }
}

/// Empties the FIFO, which also clears the interrupt. No other interrupt is unmasked.
#[allow(
    unsafe_code,
    reason = "cortex-m-rt wants it: the handler may be entered at any time"
)]
#[exception]
unsafe fn DefaultHandler(_number: i16) {
    let uart = Peripheral::UART0;
    interrupt::free(|section| {
        let mut queue = QUEUE.borrow(section).borrow_mut();
        while uart.read(FR) & EMPTY == 0 {
            let _ = queue.push_back(uart.read(DR) as u8);
        }
    });
}

/// Serial port. Writing waits for space in the FIFO and never fails.
#[derive(Debug)]
pub struct Uart0(Peripheral);

impl Uart0 {
    /// Configures the port and its pins. A panic handler can do it again.
    pub fn open() -> Self {
        let uart = Peripheral::UART0;
        Port::A.alternate(PINS);
        uart.write(CTL, 0);
        uart.write(IBRD, DIVISOR / 64);
        uart.write(FBRD, DIVISOR % 64);
        uart.write(LCRH, FRAME_8N1);
        uart.write(IFLS, EARLY);
        uart.write(IM, RECEIVED);
        uart.write(CTL, BOTH_WAYS);
        // SAFETY: the interrupt handler shares only the queue, which is behind a mutex.
        #[expect(unsafe_code, reason = "unmasking could break a critical section")]
        unsafe {
            NVIC::unmask(Interrupt);
        }
        Self(uart)
    }

    /// Returns the next received byte.
    pub fn receive(&mut self) -> Option<u8> {
        interrupt::free(|section| QUEUE.borrow(section).borrow_mut().pop_front())
    }

    /// Sends bytes, waiting for space in the FIFO.
    pub fn send(&mut self, bytes: &[u8]) {
        let Self(uart) = self;
        for byte in bytes {
            while uart.read(FR) & FULL != 0 {}
            uart.write(DR, (*byte).into());
        }
    }
}

impl fmt::Write for Uart0 {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.send(text.as_bytes());
        Ok(())
    }
}
