//! Firmware of the ESP32-C3 boards with an OLED of 0.42 inches, which shows 72x40 pixels of the controller's 128x64.
#![no_std]
#![no_main]
#![expect(
    clippy::used_underscore_binding,
    reason = "the executor's macro passes the spawner on"
)]

use embassy_executor::Spawner;
use embedded_graphics::{prelude::*, primitives::Rectangle};

esp_bootloader_esp_idf::esp_app_desc!();

/// First visible column and row, which differ between the two makers of the panel; `THUMBGAN_OLED_OFFSET` sets them.
const OFFSET: Point = Point::new(
    number(env!("THUMBGAN_OLED_COLUMN")),
    number(env!("THUMBGAN_OLED_ROW")),
);

/// Parses a number that the build script has checked.
const fn number(text: &str) -> i32 {
    match i32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("the build script writes a number"),
    }
}

#[esp_rtos::main]
async fn main(_spawner: Spawner) -> ! {
    let visible = Rectangle::new(OFFSET, Size::new(72, 40));
    let caption = concat!(env!("THUMBGAN_OLED_COLUMN"), ",", env!("THUMBGAN_OLED_ROW"));
    esp::run("esp32c3-oled", visible, caption).await
}
