//! Firmware of boards with an nRF52: SSD1306 OLED on I2C, two buttons, and a serial port through the debugger.
#![no_std]

mod watchdog;

use embassy_nrf::{
    Peri, bind_interrupts,
    buffered_uarte::{self, BufferedUarte},
    gpio::{AnyPin, Input, Pull},
    nvmc::Nvmc,
    peripherals::{NVMC, PPI_CH0, PPI_CH1, PPI_GROUP0, RNG, TIMER0, TWISPI0, UARTE0, WDT},
    rng::Rng,
    twim::{self, Frequency, Twim},
    uarte,
};
use ssd1306::{I2CDisplayInterface, Ssd1306Async, prelude::*};
use thumbgan_app::Buttons;
use thumbgan_embassy_support::{Chip, FlashRegion};
use watchdog::RunningWatchdog;

bind_interrupts!(struct Interrupts {
    TWISPI0 => twim::InterruptHandler<TWISPI0>;
    UARTE0 => buffered_uarte::InterruptHandler<UARTE0>;
});

/// Peripherals of the chip.
pub struct Peripherals {
    /// Random number generator of the first seed.
    pub noise: Peri<'static, RNG>,
    /// Controller of the flash, which erases a page in 85 ms; the processor stands still meanwhile.
    pub flash: Peri<'static, NVMC>,
    /// Watchdog.
    pub watchdog: Peri<'static, WDT>,
    /// I2C bus of the display.
    pub bus: Peri<'static, TWISPI0>,
    /// Serial port.
    pub port: Peri<'static, UARTE0>,
    /// Timer that counts received bytes.
    pub counter: Peri<'static, TIMER0>,
    /// PPI channels and group between port and timer.
    pub channels: (
        Peri<'static, PPI_CH0>,
        Peri<'static, PPI_CH1>,
        Peri<'static, PPI_GROUP0>,
    ),
}

/// Pins of the board.
pub struct Pins {
    /// MODE button, active low.
    pub mode: Peri<'static, AnyPin>,
    /// ACT button, active low.
    pub act: Peri<'static, AnyPin>,
    /// SDA of the display.
    pub sda: Peri<'static, AnyPin>,
    /// SCL of the display.
    pub scl: Peri<'static, AnyPin>,
    /// Receive line from the debugger.
    pub receive: Peri<'static, AnyPin>,
    /// Transmit line to the debugger.
    pub transmit: Peri<'static, AnyPin>,
}

/// Runs the device on a board, by its name in the board table.
pub async fn run(board: &'static str, peripherals: Peripherals, pins: Pins) {
    let Peripherals {
        noise,
        flash,
        watchdog,
        bus,
        port,
        counter,
        channels: (to, back, group),
    } = peripherals;
    let watchdog = RunningWatchdog::start(watchdog);
    let (mode, act) = (
        Input::new(pins.mode, Pull::Up),
        Input::new(pins.act, Pull::Up),
    );
    let buttons = || Buttons {
        mode: mode.is_low(),
        act: act.is_low(),
    };

    // The longest request fits; the driver requires an even length.
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
    // Display modules have pull-ups for this speed; the internal ones keep a bus without a display idle.
    config.sda_pullup = true;
    config.scl_pullup = true;
    // No buffer: everything that the display's driver sends is in RAM already.
    let i2c = Twim::new(bus, Interrupts, pins.sda, pins.scl, config, &mut []);
    let interface = I2CDisplayInterface::new(i2c);
    let mut oled = Ssd1306Async::new(interface, DisplaySize128x64, DisplayRotation::Rotate0)
        .into_buffered_graphics_mode();
    let chip = Chip {
        random: Rng::new_blocking(noise).blocking_next_u32(),
        store: FlashRegion::new(Nvmc::new(flash), 0),
        watchdog,
    };
    thumbgan_embassy_support::run(board, chip, &mut oled, buttons, receiver, sender).await;
}
