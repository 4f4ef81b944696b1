//! thumbgan on a board with an nRF52: an SSD1306 OLED on I2C, two buttons, and a serial port by way of the
//! debugger.
#![no_std]

use embassy_nrf::{
    Peri, bind_interrupts,
    buffered_uarte::{self, BufferedUarte},
    gpio::{AnyPin, Input, Pull},
    peripherals::{PPI_CH0, PPI_CH1, PPI_GROUP0, RNG, TIMER0, TWISPI0, UARTE0},
    rng::Rng,
    twim::{self, Frequency, Twim},
    uarte,
};
use ssd1306::{I2CDisplayInterface, Ssd1306, prelude::*};
use thumbgan_app::Buttons;

bind_interrupts!(struct Interrupts {
    TWISPI0 => twim::InterruptHandler<TWISPI0>;
    UARTE0 => buffered_uarte::InterruptHandler<UARTE0>;
});

/// What is taken of the chip, besides pins.
pub struct Widgets {
    /// Where the first seed comes from.
    pub noise: Peri<'static, RNG>,
    /// The display's bus.
    pub bus: Peri<'static, TWISPI0>,
    /// The serial port.
    pub port: Peri<'static, UARTE0>,
    /// Counts the bytes that the port receives.
    pub counter: Peri<'static, TIMER0>,
    /// Leads from the port to its counter, and back.
    pub channels: (Peri<'static, PPI_CH0>, Peri<'static, PPI_CH1>, Peri<'static, PPI_GROUP0>),
}

/// The board's pins.
pub struct Pins {
    /// The button MODE, low while pressed.
    pub mode: Peri<'static, AnyPin>,
    /// The button ACT, low while pressed.
    pub act: Peri<'static, AnyPin>,
    /// The display's data.
    pub sda: Peri<'static, AnyPin>,
    /// The display's clock.
    pub scl: Peri<'static, AnyPin>,
    /// What the debugger sends.
    pub receive: Peri<'static, AnyPin>,
    /// What the debugger receives.
    pub transmit: Peri<'static, AnyPin>,
}

/// Runs the device on the board of this name, as `cargo xtask` calls it.
pub async fn run(board: &'static str, parts: Widgets, pins: Pins) {
    let Widgets { noise, bus, port, counter, channels: (to, back, group) } = parts;
    let (mode, act) = (Input::new(pins.mode, Pull::Up), Input::new(pins.act, Pull::Up));
    let buttons = || Buttons { mode: mode.is_low(), act: act.is_low() };

    // The longest request fits; the length is even, as the driver wants it.
    let (mut received, mut sent) = ([0; 320], [0; 128]);
    let (receiver, sender) = BufferedUarte::new(
        port,
        counter,
        to,
        back,
        group,
        pins.receive,
        pins.transmit,
        Interrupts,
        uarte::Config::default(),
        &mut received,
        &mut sent,
    )
    .split();

    let mut config = twim::Config::default();
    config.frequency = Frequency::K400;
    // The display's module brings its own, which this speed needs; these keep a bus without a display at rest.
    config.sda_pullup = true;
    config.scl_pullup = true;
    // No buffer: all that the display's driver sends lies in RAM already.
    let i2c = Twim::new(bus, Interrupts, pins.sda, pins.scl, config, &mut []);
    let interface = I2CDisplayInterface::new(i2c);
    let mut oled =
        Ssd1306::new(interface, DisplaySize128x64, DisplayRotation::Rotate0).into_buffered_graphics_mode();
    let random = Rng::new_blocking(noise).blocking_next_u32();
    thumbgan_embassy_support::run(board, random, &mut oled, buttons, receiver, sender).await;
}
