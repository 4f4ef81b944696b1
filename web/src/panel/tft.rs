//! TFT with an ST7789 on SPI, with the driver of the Raspberry Pi Pico.

use std::{convert::Infallible, iter};

use embedded_graphics::{pixelcolor::Rgb565, prelude::*, primitives::Rectangle};
use embedded_hal::{
    delay::DelayNs,
    digital::{ErrorType, OutputPin},
};
use mipidsi::{
    Builder, Display,
    interface::{Interface, InterfaceKind},
    models::ST7789,
    options::{ColorInversion, ColorOrder, Orientation, Rotation},
};
use thumbgan_app::App;
use thumbgan_core::graphics::RowTarget;

use super::bus::Bus;

/// Width and height in pixels.
pub const SIDE: u16 = 240;

/// TFT. The driver initializes it and draws text; images go to the bus row by row, as on the boards.
pub struct Tft {
    display: Display<Bus, ST7789, ResetLine>,
    bus: Bus,
}

/// Reset line of a controller that has just been reset.
struct ResetLine;

/// Delay of a bus that needs none.
struct NoDelay;

impl Tft {
    /// Initializes the display.
    pub fn new(bus: Bus) -> Self {
        let display = Builder::new(ST7789, bus.clone())
            .reset_pin(ResetLine)
            .display_size(SIDE, SIDE)
            .display_offset(0, 0)
            .color_order(ColorOrder::Rgb)
            .invert_colors(ColorInversion::Inverted)
            .orientation(Orientation::new().rotate(Rotation::Deg90))
            .init(&mut NoDelay);
        match display {
            Ok(display) => Self { display, bus },
            Err(_) => unreachable!("the size is valid and the bus cannot fail"),
        }
    }

    /// Draws what has changed. Returns true if anything has.
    pub fn draw(&mut self, app: &mut App<'_>) -> bool {
        let Ok(changed) = app.draw_rows(self);
        changed.is_some()
    }

    /// Draws the pixels that `next` returns. The driver is compiled for this type of iterator only.
    fn draw_pixels(
        &mut self,
        next: &mut dyn FnMut() -> Option<Pixel<Rgb565>>,
    ) -> Result<(), Infallible> {
        self.display.draw_iter(iter::from_fn(next))
    }

    /// Fills an area with the colors that `next` returns. The driver is compiled for this type of iterator only.
    fn fill_area(
        &mut self,
        area: &Rectangle,
        next: &mut dyn FnMut() -> Option<Rgb565>,
    ) -> Result<(), Infallible> {
        self.display.fill_contiguous(area, iter::from_fn(next))
    }
}

impl OriginDimensions for Tft {
    fn size(&self) -> Size {
        self.display.size()
    }
}

impl DrawTarget for Tft {
    type Color = Rgb565;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb565>>,
    {
        let mut pixels = pixels.into_iter();
        self.draw_pixels(&mut || pixels.next())
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Rgb565>,
    {
        let mut colors = colors.into_iter();
        self.fill_area(area, &mut || colors.next())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb565) -> Result<(), Infallible> {
        self.display.fill_solid(area, color)
    }
}

impl RowTarget for Tft {
    type Pixel = u16;

    fn pixel(color: Rgb565) -> u16 {
        color.into_storage().to_be()
    }

    fn fill_rows(
        &mut self,
        area: &Rectangle,
        mut fill: impl FnMut(Point, &mut [u16]),
    ) -> Result<(), Infallible> {
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
        let mut row = [0; SIDE as usize];
        let row = &mut row[..area.size.width as usize];
        for y in area.rows() {
            fill(Point::new(start.x, y), row);
            self.bus.data(bytemuck::cast_slice(row));
        }
        Ok(())
    }
}

impl Interface for Bus {
    type Word = u16;
    type Error = Infallible;

    /// Four-line serial interface. The driver passes pixels as words.
    const KIND: InterfaceKind = InterfaceKind::Serial4Line;

    fn send_command(&mut self, command: u8, arguments: &[u8]) -> Result<(), Infallible> {
        let mut bytes = [command; 8];
        let bytes = &mut bytes[..=arguments.len()];
        bytes[1..].copy_from_slice(arguments);
        self.command(bytes);
        Ok(())
    }

    fn send_pixels<const N: usize>(
        &mut self,
        pixels: impl IntoIterator<Item = [u16; N]>,
    ) -> Result<(), Infallible> {
        for words in pixels {
            self.send_words(&words);
        }
        Ok(())
    }

    fn send_repeated_pixel<const N: usize>(
        &mut self,
        pixel: [u16; N],
        count: u32,
    ) -> Result<(), Infallible> {
        for _ in 0..count {
            self.send_words(&pixel);
        }
        Ok(())
    }
}

impl Bus {
    /// Sends pixels, the high byte of each first.
    fn send_words(&self, words: &[u16]) {
        for word in words {
            self.data(&word.to_be_bytes());
        }
    }
}

impl ErrorType for ResetLine {
    type Error = Infallible;
}

impl OutputPin for ResetLine {
    fn set_low(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {}
}
