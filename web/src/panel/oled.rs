//! OLEDs with an SSD1306 on I2C, with the driver of the boards that have an nRF52 or an ESP32-C3.

use std::convert::Infallible;

use embedded_graphics::{draw_target::DrawTargetExt, primitives::Rectangle};
use embedded_hal::i2c::{ErrorType, I2c, Operation};
use ssd1306::{I2CDisplayInterface, Ssd1306, mode::BufferedGraphicsMode, prelude::*};
use thumbgan_app::App;

use super::{bus::Bus, dyn_target::DynTarget};

/// I2C address of the controller.
const ADDRESS: u8 = 0x3c;
/// Control bytes before commands and before pixels.
const COMMANDS: u8 = 0x00;
const DATA: u8 = 0x40;

type Driver =
    Ssd1306<I2CInterface<Bus>, DisplaySize128x64, BufferedGraphicsMode<DisplaySize128x64>>;

/// OLED that shows all or a part of the controller's 128x64 pixels.
pub struct Oled {
    driver: Driver,
    visible: Rectangle,
}

impl Oled {
    /// Initializes the display.
    pub fn new(bus: Bus, visible: Rectangle) -> Self {
        let interface = I2CDisplayInterface::new(bus);
        let mut driver = Ssd1306::new(interface, DisplaySize128x64, DisplayRotation::Rotate0)
            .into_buffered_graphics_mode();
        // The bus cannot fail, and the controller reports its faults itself.
        let _ = driver.init();
        Self { driver, visible }
    }

    /// Draws what has changed. Returns true if anything has.
    pub fn draw(&mut self, app: &mut App<'_>) -> bool {
        let changed = app.draw_rows(&mut DynTarget(&mut self.driver.cropped(&self.visible)));
        changed.is_ok_and(|changed| changed.is_some()) && self.driver.flush().is_ok()
    }
}

impl ErrorType for Bus {
    type Error = Infallible;
}

impl I2c for Bus {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Infallible> {
        for operation in operations {
            // The address, with the bit for reading or writing, and the control byte.
            self.count(2);
            match operation {
                Operation::Write([COMMANDS, bytes @ ..]) if address == ADDRESS => {
                    self.command(bytes);
                }
                Operation::Write([DATA, bytes @ ..]) if address == ADDRESS => self.data(bytes),
                Operation::Write(bytes) => self.reject(bytes),
                Operation::Read(_) => self.reject(&[]),
            }
        }
        Ok(())
    }
}
