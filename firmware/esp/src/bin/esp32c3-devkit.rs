//! Firmware of an ESP32-C3 board without a display of its own, such as the ESP32-C3-DevKitM-1: OLED with 128x64 pixels.
#![no_std]
#![no_main]
#![expect(
    clippy::used_underscore_binding,
    reason = "the executor's macro passes the spawner on"
)]

use embassy_executor::Spawner;
use embedded_graphics::{prelude::*, primitives::Rectangle};

esp_bootloader_esp_idf::esp_app_desc!();

#[esp_rtos::main]
async fn main(_spawner: Spawner) -> ! {
    let visible = Rectangle::new(Point::zero(), Size::new(128, 64));
    esp::run("esp32c3-devkit", visible, "128x64").await
}
