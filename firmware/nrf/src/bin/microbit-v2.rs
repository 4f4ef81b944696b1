//! Firmware of the micro:bit v2: OLED at pins 20 and 19 of the edge connector, buttons A and B.
#![no_std]
#![no_main]
#![expect(
    clippy::used_underscore_binding,
    reason = "the executor's macro passes the spawner on"
)]

use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_nrf::config::{Config, HfclkSource, LfclkSource};
use nrf::{Peripherals, Pins};
use panic_probe as _;

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let mut config = Config::default();
    // Without a 32,768 Hz crystal the 32 MHz crystal keeps the time of day; the chip's internal oscillators deviate by minutes
    // per day.
    config.hfclk_source = HfclkSource::ExternalXtal;
    config.lfclk_source = LfclkSource::Synthesized;
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
        mode: chip.P0_14.into(),
        act: chip.P0_23.into(),
        sda: chip.P1_00.into(),
        scl: chip.P0_26.into(),
        receive: chip.P1_08.into(),
        transmit: chip.P0_06.into(),
    };
    nrf::run("microbit-v2", peripherals, pins).await;
}
