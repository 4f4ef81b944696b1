//! Color displays with a MIPI DCS controller on SPI.

use core::iter;

use embedded_graphics::{pixelcolor::Rgb565, prelude::*, primitives::Rectangle};
use embedded_hal::digital::OutputPin;
use mipidsi::{Display, models::Model};
use thumbgan_app::App;
use thumbgan_core::graphics::RowTarget;

use crate::{
    Panel,
    bus::{BusError, DisplayBus, DisplayPin, DisplaySpi, DriverInterface},
};

/// Display whose driver initializes it and draws text, while images go into the bus's buffer row by row.
pub struct Tft<'b, S, D, C, M, R>
where
    S: DisplaySpi,
    D: DisplayPin,
    C: DisplayPin,
    M: Model<ColorFormat = Rgb565>,
    R: OutputPin,
{
    display: Display<DriverInterface<'b, S, D, C>, M, R>,
    bus: &'b DisplayBus<S, D, C>,
}

impl<'b, S, D, C, M, R> Tft<'b, S, D, C, M, R>
where
    S: DisplaySpi,
    D: DisplayPin,
    C: DisplayPin,
    M: Model<ColorFormat = Rgb565>,
    R: OutputPin,
{
    /// Creates the display from its initialized driver and the bus that the driver uses.
    pub const fn new(
        display: Display<DriverInterface<'b, S, D, C>, M, R>,
        bus: &'b DisplayBus<S, D, C>,
    ) -> Self {
        Self { display, bus }
    }
}

impl<S, D, C, M, R> OriginDimensions for Tft<'_, S, D, C, M, R>
where
    S: DisplaySpi,
    D: DisplayPin,
    C: DisplayPin,
    M: Model<ColorFormat = Rgb565>,
    R: OutputPin,
{
    fn size(&self) -> Size {
        self.display.size()
    }
}

impl<S, D, C, M, R> DrawTarget for Tft<'_, S, D, C, M, R>
where
    S: DisplaySpi,
    D: DisplayPin,
    C: DisplayPin,
    M: Model<ColorFormat = Rgb565>,
    R: OutputPin,
{
    type Color = Rgb565;
    type Error = BusError<<S as embedded_hal::spi::ErrorType>::Error>;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Rgb565>>,
    {
        self.display.draw_iter(pixels)
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Rgb565>,
    {
        self.display.fill_contiguous(area, colors)
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb565) -> Result<(), Self::Error> {
        self.display.fill_solid(area, color)
    }
}

impl<S, D, C, M, R> RowTarget for Tft<'_, S, D, C, M, R>
where
    S: DisplaySpi,
    D: DisplayPin,
    C: DisplayPin,
    M: Model<ColorFormat = Rgb565>,
    R: OutputPin,
{
    /// Pixel in the display's byte order.
    type Pixel = u16;

    fn pixel(color: Rgb565) -> u16 {
        color.into_storage().to_be()
    }

    fn fill_rows(
        &mut self,
        area: &Rectangle,
        fill: impl FnMut(Point, &mut [u16]),
    ) -> Result<(), Self::Error> {
        let Some(end) = area.bottom_right() else {
            return Ok(());
        };
        let start = area.top_left;
        // Sets the window.
        self.display.set_pixels(
            start.x as u16,
            start.y as u16,
            end.x as u16,
            end.y as u16,
            iter::empty(),
        )?;
        self.bus.fill_rows(area, fill)
    }
}

impl<S, D, C, M, R> Panel for Tft<'_, S, D, C, M, R>
where
    S: DisplaySpi,
    D: DisplayPin,
    C: DisplayPin,
    M: Model<ColorFormat = Rgb565>,
    R: OutputPin,
{
    /// Does nothing: the builder has initialized the display, and a write-only bus cannot detect that it is missing.
    async fn set_up(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn draw_app(&mut self, app: &mut App<'_>) -> Result<Option<Rectangle>, Self::Error> {
        app.draw_rows(self)
    }

    async fn send(&mut self) -> Result<(), Self::Error> {
        self.bus.send().await
    }
}
