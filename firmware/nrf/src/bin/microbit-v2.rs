//! thumbgan on the micro:bit v2: an SSD1306 OLED on the edge connector's I2C (SDA 20, SCL 19), the buttons A and B
//! as MODE and ACT, the serial link by the USB socket.
#![no_std]
#![no_main]
#![expect(clippy::used_underscore_binding, reason = "the executor's macro passes the spawner on")]

use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_nrf::gpio::{Input, Pull};
use nrf::Parts;
use panic_probe as _;
use thumbgan_app::Buttons;

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let chip = embassy_nrf::init(embassy_nrf::config::Config::default());
    let (mode, act) = (Input::new(chip.P0_14, Pull::None), Input::new(chip.P0_23, Pull::None));
    let buttons = || Buttons { mode: mode.is_low(), act: act.is_low() };
    let (mut received, mut sent) = ([0; 320], [0; 128]);
    let channels = (chip.PPI_CH0, chip.PPI_CH1, chip.PPI_GROUP0);
    let parts = Parts { port: chip.UARTE0, counter: chip.TIMER0, channels };
    let (receiver, sender) = nrf::serial(parts, chip.P1_08, chip.P0_06, &mut received, &mut sent);
    let oled = nrf::oled(chip.TWISPI0, chip.P1_00, chip.P0_26, "SDA pin 20, SCL pin 19").await;
    thumbgan_embassy::run("microbit-v2", oled, buttons, receiver, sender).await;
}
