//! Displays of the device: the drivers of the boards, which send bytes to models of the display controllers.
//!
//! `oled`, `grayscale` and `tft` set up the drivers as the boards do. `ssd1306`, `ssd0323` and `st7789` model the controllers,
//! whose memory the page shows. `bus` connects a driver and a controller. A transfer that a controller rejects is an error of [`Panel::draw`].

mod bus;
mod dyn_target;
mod grayscale;
mod oled;
mod ssd0323;
mod ssd1306;
mod st7789;
#[cfg(test)]
mod tests;
mod tft;
mod window;

use embedded_graphics::{prelude::*, primitives::Rectangle};
use thumbgan_app::App;
use wasm_bindgen::prelude::*;

use bus::{Bus, Fault};
use grayscale::Grayscale;
use oled::Oled;
use ssd0323::Ssd0323;
use ssd1306::Ssd1306;
use st7789::St7789;
use tft::Tft;

/// Displays of the page.
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

/// Display: a driver and a controller on one bus.
pub struct Panel {
    driver: Driver,
    bus: Bus,
    /// Part of the controller's pixels that the panel shows.
    visible: Rectangle,
}

/// Driver of a display.
enum Driver {
    Oled(Box<Oled>),
    Grayscale(Box<Grayscale>),
    Tft(Tft),
}

impl PanelKind {
    /// Returns the part of the controller's pixels that the panel shows.
    fn visible(self) -> Rectangle {
        let (corner, size) = match self {
            Self::Oled | Self::Grayscale => (Point::zero(), Size::new(128, 64)),
            Self::Tft => (Point::zero(), Size::new_equal(tft::SIDE.into())),
            // As on the boards with an ESP32-C3.
            Self::Mini => (Point::new(28, 24), Size::new(72, 40)),
        };
        Rectangle::new(corner, size)
    }
}

impl Panel {
    /// Initializes a display.
    pub fn new(kind: PanelKind) -> Self {
        let visible = kind.visible();
        let bus = match kind {
            PanelKind::Oled | PanelKind::Mini => Bus::new(Ssd1306::default()),
            PanelKind::Grayscale => Bus::new(Ssd0323::default()),
            PanelKind::Tft => Bus::new(St7789::default()),
        };
        let driver = match kind {
            PanelKind::Oled | PanelKind::Mini => {
                Driver::Oled(Oled::new(bus.clone(), visible).into())
            }
            PanelKind::Grayscale => Driver::Grayscale(Grayscale::new(bus.clone()).into()),
            PanelKind::Tft => Driver::Tft(Tft::new(bus.clone())),
        };
        Self {
            driver,
            bus,
            visible,
        }
    }

    /// Returns the width and height in pixels.
    pub fn size(&self) -> Size {
        self.visible.size
    }

    /// Draws what has changed. Returns true if anything has.
    ///
    /// # Errors
    /// If the controller has rejected a transfer since the last call.
    pub fn draw(&mut self, app: &mut App<'_>) -> Result<bool, Fault> {
        let changed = match &mut self.driver {
            Driver::Oled(oled) => oled.draw(app),
            Driver::Grayscale(grayscale) => grayscale.draw(app),
            Driver::Tft(tft) => tft.draw(app),
        };
        match self.bus.take_fault() {
            None => Ok(changed),
            Some(fault) => Err(fault),
        }
    }

    /// Returns the pixels that a viewer sees: red, green, blue and alpha, row by row.
    pub fn rgba(&self) -> Vec<u8> {
        self.bus.rgba(self.visible)
    }

    /// Returns the number of bytes that the display has received over its bus, on I2C with addresses and control bytes.
    pub fn bus_bytes(&self) -> u32 {
        self.bus.received()
    }
}
