//! Displays of the device.

mod frame;

use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
};
use thumbgan_app::App;
use wasm_bindgen::prelude::*;

use frame::Frame;

/// Displays to choose from.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelKind {
    /// OLED with an SSD1306, 128x64, 1 bit per pixel, on I2C.
    Oled,
    /// OLED with an SSD0323, 128x64, 16 gray levels, on SPI.
    Grayscale,
    /// TFT with an ST7789, 240x240, RGB565, on SPI.
    Tft,
    /// OLED with an SSD1306, 72x40, 1 bit per pixel, on I2C.
    Mini,
}

/// Display.
pub enum Panel {
    Mono(Frame<BinaryColor>),
    Gray(Frame<Gray4>),
    Color(Frame<Rgb565>),
}

impl Panel {
    pub fn new(kind: PanelKind) -> Self {
        match kind {
            PanelKind::Oled => Self::Mono(Frame::new(Size::new(128, 64))),
            PanelKind::Grayscale => Self::Gray(Frame::new(Size::new(128, 64))),
            PanelKind::Tft => Self::Color(Frame::new(Size::new(240, 240))),
            PanelKind::Mini => Self::Mono(Frame::new(Size::new(72, 40))),
        }
    }

    pub fn size(&self) -> Size {
        match self {
            Self::Mono(frame) => frame.size(),
            Self::Gray(frame) => frame.size(),
            Self::Color(frame) => frame.size(),
        }
    }

    pub fn draw(&mut self, app: &mut App<'_>) -> bool {
        match self {
            Self::Mono(frame) => app.draw(frame).is_ok_and(|changed| changed.is_some()),
            Self::Gray(frame) => app.draw(frame).is_ok_and(|changed| changed.is_some()),
            Self::Color(frame) => app.draw(frame).is_ok_and(|changed| changed.is_some()),
        }
    }

    pub fn rgba(&self) -> Vec<u8> {
        match self {
            Self::Mono(frame) => frame.rgba(),
            Self::Gray(frame) => frame.rgba(),
            Self::Color(frame) => frame.rgba(),
        }
    }

    pub fn bus_bytes(&self) -> u32 {
        0
    }
}
