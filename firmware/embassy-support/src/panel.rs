//! Displays: those that are drawn on directly, and those with a buffer to send.

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

/// A display that can be drawn on.
pub trait Panel: DrawTarget {
    /// Sets the display up: before its first picture, and again when it comes back.
    ///
    /// # Errors
    /// When the display does not respond.
    fn set_up(&mut self) -> Result<(), Self::Error>;

    /// Shows what has been drawn; only what has changed goes over the bus.
    ///
    /// # Errors
    /// When the display does not respond.
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
    /// Does nothing: its builder has set it up, and its bus has no response that could fail to come.
    fn set_up(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn show(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
