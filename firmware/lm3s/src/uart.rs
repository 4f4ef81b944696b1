//! UART0, an Arm PL011: the board's serial port, 115,200 baud, 8N1, for what the firmware has to say and to
//! response.
//!
//! What arrives is put into a queue by the port's interrupt: its FIFO of 16 bytes is full after 1.4 ms, and a
//! digit takes longer.

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

/// FR: nothing received.
const EMPTY: u32 = 1 << 4;
/// FR: no room to transmit.
const FULL: u32 = 1 << 5;
/// LCRH: 8 bits, no parity, one stop bit, with FIFO.
const FRAME_8N1: u32 = 3 << 5 | 1 << 4;
/// CTL: enabled, transmitting and receiving.
const BOTH_WAYS: u32 = 1 << 0 | 1 << 8 | 1 << 9;
/// IFLS: tell when an eighth of the FIFO is full.
const EARLY: u32 = 0;
/// IM: the FIFO is as full as that, or has held something for 32 bits' time.
const RECEIVED: u32 = 1 << 4 | 1 << 6;
/// The port's interrupt.
const INTERRUPT: u16 = 5;

const BAUD: u32 = 115_200;
/// The clock's divisor in 1/64: 16 clocks a bit.
const DIVISOR: u32 = (CLOCK_HZ * 4 + BAUD / 2) / BAUD;

/// PA0 receives, PA1 transmits.
const PINS: u8 = 1 << 0 | 1 << 1;

/// What has arrived and was not yet asked for. The longest request fits; a computer waits for its response before
/// it sends another, so what does not fit is noise and dropped.
static QUEUE: Mutex<RefCell<Deque<u8, 320>>> = Mutex::new(RefCell::new(Deque::new()));

/// The port's interrupt for the interrupt controller.
#[derive(Clone, Copy)]
struct Interrupt;

// SAFETY: the number is the data sheet's, and always the same.
#[expect(unsafe_code, reason = "interrupt numbers are the chip's")]
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        INTERRUPT
    }
}

/// Empties the FIFO, which also ends the interrupt. No other one is unmasked.
#[allow(unsafe_code, reason = "cortex-m-rt wants it: the handler may be entered at any time")]
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

/// The serial port; what is spec waits for room and never fails.
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
        uart.write(IFLS, EARLY);
        uart.write(IM, RECEIVED);
        uart.write(CTL, BOTH_WAYS);
        // SAFETY: the handler shares nothing but the queue, which is behind a mutex.
        #[expect(unsafe_code, reason = "unmasking could break a critical section")]
        unsafe {
            NVIC::unmask(Interrupt);
        }
        Self(uart)
    }

    /// The next byte that has arrived.
    pub fn receive(&mut self) -> Option<u8> {
        interrupt::free(|section| QUEUE.borrow(section).borrow_mut().pop_front())
    }

    /// Sends bytes, waiting for room.
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
