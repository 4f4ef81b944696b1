//! Firmware of the nRF52840-DK: OLED at P0.26 and P0.27, buttons 1 and 2.
#![no_std]
#![no_main]
#![expect(
    clippy::used_underscore_binding,
    reason = "the executor's macro passes the spawner on"
)]

use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_nrf::config::{Config, LfclkSource};
use nrf::{Peripherals, Pins};
use panic_probe as _;

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let mut config = Config::default();
    // The 32,768 Hz crystal keeps the time of day; the chip's internal oscillator deviates by minutes per day.
    config.lfclk_source = LfclkSource::ExternalXtal;
    let chip = embassy_nrf::init(config);
    let channels = (chip.PPI_CH0, chip.PPI_CH1, chip.PPI_GROUP0);
    let peripherals = Peripherals {
        noise: chip.RNG,
        flash: chip.NVMC,
        watchdog: chip.WDT,
        bus: chip.TWISPI0,
        port: chip.UARTE0,
        counter: chip.TIMER0,
        channels,
    };
    let pins = Pins {
        mode: chip.P0_11.into(),
        act: chip.P0_12.into(),
        sda: chip.P0_26.into(),
        scl: chip.P0_27.into(),
        receive: chip.P0_08.into(),
        transmit: chip.P0_06.into(),
    };
    nrf::run("nrf52840-dk", peripherals, pins).await;
}
