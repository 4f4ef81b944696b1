//! OLED with an SSD0323 on SPI, with the driver of the EK-LM3S6965.

use std::{cell::Cell, convert::Infallible, rc::Rc};

use embedded_hal::{
    digital::{self, OutputPin},
    spi::{self, Operation, SpiDevice},
};
use thumbgan_app::App;
use thumbgan_ssd0323::{Frame, Ssd0323};

use super::{bus::Bus, dyn_target::DynTarget};

/// OLED with 16 gray levels.
pub struct Grayscale {
    driver: Ssd0323<Spi, DataLine>,
    frame: Frame,
}

/// SPI bus with the level of the data/command line.
struct Spi {
    bus: Bus,
    is_data: Rc<Cell<bool>>,
}

/// Data/command line, high for data.
struct DataLine(Rc<Cell<bool>>);

impl Grayscale {
    /// Initializes the display with a black frame.
    pub fn new(bus: Bus) -> Self {
        let is_data = Rc::new(Cell::new(false));
        let spi = Spi {
            bus,
            is_data: Rc::clone(&is_data),
        };
        let frame = Frame::new();
        let Ok(driver) = Ssd0323::new(spi, DataLine(is_data), &frame);
        Self { driver, frame }
    }

    /// Draws what has changed. Returns true if anything has.
    pub fn draw(&mut self, app: &mut App<'_>) -> bool {
        let Ok(changed) = app.draw_rows(&mut DynTarget(&mut self.frame));
        let Some(changed) = changed else {
            return false;
        };
        self.driver.flush(&self.frame, changed).is_ok()
    }
}

impl digital::ErrorType for DataLine {
    type Error = Infallible;
}

impl OutputPin for DataLine {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.set(true);
        Ok(())
    }
}

impl spi::ErrorType for Spi {
    type Error = Infallible;
}

impl SpiDevice for Spi {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        for operation in operations {
            match operation {
                Operation::Write(bytes) if self.is_data.get() => self.bus.data(bytes),
                Operation::Write(bytes) => self.bus.command(bytes),
                // The display has no data line for reading.
                _ => self.bus.reject(&[]),
            }
        }
        Ok(())
    }
}
