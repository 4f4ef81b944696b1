//! Firmware of Waveshare's RP2040-LCD-1.28, which has a round display.
#![no_std]
#![no_main]
#![expect(
    clippy::used_underscore_binding,
    reason = "the executor's macro passes the spawner on"
)]

use defmt_rtt as _;
use embassy_executor::Spawner;
use panic_probe as _;

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    rp::run("rp2040-round", rp::ROUND).await;
}
