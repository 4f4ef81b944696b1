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
    prelude::{DisplaySize, WriteOnlyDataCommand},
};

/// A display that can be drawn on.
pub trait Panel: DrawTarget {
    /// Shows what has been drawn; only what has changed goes over the bus.
    ///
    /// # Errors
    /// When the display does not answer.
    fn show(&mut self) -> Result<(), Self::Error>;
}

impl<I: WriteOnlyDataCommand, S: DisplaySize> Panel for Ssd1306<I, S, BufferedGraphicsMode<S>> {
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
    fn show(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
