//! Displays with and without a frame buffer.

use embedded_graphics::prelude::*;
use embedded_hal::digital::OutputPin;
use mipidsi::{
    interface::{Interface, InterfacePixelFormat},
    models::Model,
};
use ssd1306::{
    Ssd1306,
    mode::BufferedGraphicsMode,
    prelude::{DisplayConfig, DisplaySize, WriteOnlyDataCommand},
};

/// Display that can be initialized and drawn on.
pub trait Panel: DrawTarget {
    /// Initializes the display, at start-up and after an error.
    ///
    /// # Errors
    /// If the display does not respond.
    fn set_up(&mut self) -> Result<(), Self::Error>;

    /// Sends changed pixels of the frame buffer, if the display has one.
    ///
    /// # Errors
    /// If the display does not respond.
    fn show(&mut self) -> Result<(), Self::Error>;
}

impl<I: WriteOnlyDataCommand, S: DisplaySize> Panel for Ssd1306<I, S, BufferedGraphicsMode<S>> {
    fn set_up(&mut self) -> Result<(), Self::Error> {
        self.init()
    }

    fn show(&mut self) -> Result<(), Self::Error> {
        self.flush()
    }
}

impl<I, M, R> Panel for mipidsi::Display<I, M, R>
where
    I: Interface,
    M: Model,
    M::ColorFormat: InterfacePixelFormat<I::Word>,
    R: OutputPin,
{
    /// Does nothing: the builder has initialized the display, and a write-only bus cannot detect that it is missing.
    fn set_up(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn show(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
