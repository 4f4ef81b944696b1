//! What the nRF52 boards share: an SSD1306 OLED on I2C, and a serial port by way of the debugger.
#![no_std]

use embassy_nrf::{
    Peri, bind_interrupts,
    buffered_uarte::{self, BufferedUarte, BufferedUarteRx, BufferedUarteTx},
    gpio::Pin,
    peripherals::{PPI_CH0, PPI_CH1, PPI_GROUP0, TIMER0, TWISPI0, UARTE0},
    twim::{self, Frequency, Twim},
    uarte,
};
use ssd1306::{I2CDisplayInterface, Ssd1306, mode::BufferedGraphicsMode, prelude::*};
use thumbgan_embassy::set_up;

bind_interrupts!(struct Interrupts {
    TWISPI0 => twim::InterruptHandler<TWISPI0>;
    UARTE0 => buffered_uarte::InterruptHandler<UARTE0>;
});

/// The OLED: 128x64 pixels, one bit each.
pub type Oled =
    Ssd1306<I2CInterface<Twim<'static>>, DisplaySize128x64, BufferedGraphicsMode<DisplaySize128x64>>;

/// Sets up the OLED on these pins, once it answers; `wires` says where they are, for the log.
pub async fn oled(
    bus: Peri<'static, TWISPI0>,
    sda: Peri<'static, impl Pin>,
    scl: Peri<'static, impl Pin>,
    wires: &str,
) -> Oled {
    let mut config = twim::Config::default();
    config.frequency = Frequency::K400;
    // Many displays bring no pull-ups of their own.
    config.sda_pullup = true;
    config.scl_pullup = true;
    // No buffer: all that the display's driver sends lies in RAM already.
    let i2c = Twim::new(bus, Interrupts, sda, scl, config, &mut []);
    let interface = I2CDisplayInterface::new(i2c);
    let mut oled =
        Ssd1306::new(interface, DisplaySize128x64, DisplayRotation::Rotate0).into_buffered_graphics_mode();
    set_up(wires, || oled.init()).await;
    oled
}

/// What the serial port takes of the chip, besides its pins.
pub struct Parts {
    /// The port.
    pub port: Peri<'static, UARTE0>,
    /// Counts the bytes received.
    pub counter: Peri<'static, TIMER0>,
    /// Leads from the port to its counter, and back.
    pub channels: (Peri<'static, PPI_CH0>, Peri<'static, PPI_CH1>, Peri<'static, PPI_GROUP0>),
}

/// Opens the serial port: 115,200 baud, 8N1. `received` has room for the longest request, of an even length.
pub fn serial<'d>(
    parts: Parts,
    receive: Peri<'static, impl Pin>,
    transmit: Peri<'static, impl Pin>,
    received: &'d mut [u8],
    sent: &'d mut [u8],
) -> (BufferedUarteRx<'d>, BufferedUarteTx<'d>) {
    let Parts { port, counter, channels: (to, back, group) } = parts;
    let config = uarte::Config::default();
    let port = BufferedUarte::new(
        port, counter, to, back, group, receive, transmit, Interrupts, config, received, sent,
    );
    port.split()
}
