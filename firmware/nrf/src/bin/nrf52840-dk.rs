//! thumbgan on the nRF52840-DK: an SSD1306 OLED on I2C (SDA P0.26, SCL P0.27), the kit's buttons 1 and
//! 2 as MODE and ACT, and a defmt log that reports every frame.
#![no_std]
#![no_main]
#![expect(clippy::used_underscore_binding, reason = "the executor's macro passes the spawner on")]

use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_nrf::{
    bind_interrupts,
    gpio::{Input, Pull},
    peripherals::TWISPI0,
    twim::{self, Frequency, Twim},
};
use embassy_time::{Duration, Instant, Timer};
use panic_probe as _;
use ssd1306::{I2CDisplayInterface, Ssd1306, prelude::*};
use thumbgan_app::{App, Buttons};

bind_interrupts!(struct Interrupts {
    TWISPI0 => twim::InterruptHandler<TWISPI0>;
});

/// Between two looks at the buttons while nothing moves.
const REST: Duration = Duration::from_millis(10);
/// Between two attempts to find the display.
const RETRY: Duration = Duration::from_secs(1);

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let chip = embassy_nrf::init(embassy_nrf::config::Config::default());
    let (mode, act) = (Input::new(chip.P0_11, Pull::Up), Input::new(chip.P0_12, Pull::Up));
    let mut app = App::new(thumbgan_model::BYTES, || Instant::now().as_micros());
    if let Some(model) = app.model() {
        let version = env!("CARGO_PKG_VERSION");
        let (name, bytes, crc) = (model.name(), model.size(), model.crc());
        defmt::info!("thumbgan {} model {} {} bytes crc {:08x}", version, name, bytes, crc);
    }

    let mut bus = twim::Config::default();
    bus.frequency = Frequency::K400;
    // Many displays bring no pull-ups of their own.
    bus.sda_pullup = true;
    bus.scl_pullup = true;
    // No buffer: all that the display's driver sends lies in RAM already.
    let i2c = Twim::new(chip.TWISPI0, Interrupts, chip.P0_26, chip.P0_27, bus, &mut []);
    let mut display =
        Ssd1306::new(I2CDisplayInterface::new(i2c), DisplaySize128x64, DisplayRotation::Rotate0)
            .into_buffered_graphics_mode();
    while display.init().is_err() {
        defmt::error!("no SSD1306 answers at 0x3c: check SDA P0.26, SCL P0.27, VDD and GND");
        Timer::after(RETRY).await;
    }

    loop {
        app.tick(Buttons { mode: mode.is_low(), act: act.is_low() });
        match (app.draw(&mut display).and_then(|changed| display.flush().map(|()| changed)), app.error()) {
            (Err(_), _) => {
                defmt::error!("the display has stopped answering");
                app.redraw();
                Timer::after(RETRY).await;
            }
            (Ok(None), _) => Timer::after(REST).await,
            (Ok(Some(_)), Some(error)) => defmt::error!("error {}", defmt::Display2Format(&error)),
            (Ok(Some(_)), None) => {
                defmt::info!("frame {} took={}", defmt::Display2Format(&app.scene()), app.micros());
            }
        }
    }
}
