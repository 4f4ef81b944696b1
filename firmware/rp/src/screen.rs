//! Displays of the boards.

use embassy_rp::gpio::Output;
use embassy_time::Delay;
use embedded_graphics::{
    pixelcolor::{Rgb565, RgbColor},
    prelude::*,
};
use mipidsi::{
    Builder, Display,
    interface::{Interface, InterfacePixelFormat},
    models::{GC9A01, Model, ST7789},
    options::{ColorInversion, ColorOrder, Orientation, Rotation},
};

/// Display of a board.
#[derive(Clone, Copy, Debug)]
pub struct Screen<M> {
    /// Model of the controller.
    model: M,
    /// Width and height in pixels; (240, 320) for displays of that size.
    size: (u16, u16),
    /// Pixels on each side that are black, since a round panel hides the corners of the rest.
    margin: u16,
    order: ColorOrder,
    rotation: Rotation,
    /// GPIO of the backlight.
    pub light: Light,
}

/// GPIO of the backlight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// GP13, as on Waveshare's Pico-LCD-1.3.
    Gpio13,
    /// GP25, as on Waveshare's RP2040-LCD-1.28.
    Gpio25,
}

/// ST7789 of Waveshare's Pico-LCD-1.3.
pub const SQUARE: Screen<ST7789> = Screen {
    model: ST7789,
    size: (240, 240),
    margin: 0,
    order: ColorOrder::Rgb,
    rotation: Rotation::Deg90,
    light: Light::Gpio13,
};

/// Round GC9A01 of Waveshare's RP2040-LCD-1.28: the app draws on the square of 170x170 pixels in the circle.
pub const ROUND: Screen<GC9A01> = Screen {
    model: GC9A01,
    size: (240, 240),
    margin: 35,
    order: ColorOrder::Bgr,
    rotation: Rotation::Deg180,
    light: Light::Gpio25,
};

impl<M: Model<ColorFormat = Rgb565>> Screen<M> {
    /// Initializes the display; returns `None` if its bus fails.
    pub fn start<I: Interface>(
        self,
        interface: I,
        reset: Output<'static>,
    ) -> Option<Display<I, M, Output<'static>>>
    where
        Rgb565: InterfacePixelFormat<I::Word>,
    {
        let (width, height) = self.size;
        let build = |interface, model, reset, margin| {
            Builder::new(model, interface)
                .reset_pin(reset)
                .display_size(width - 2 * margin, height - 2 * margin)
                .display_offset(margin, margin)
                .color_order(self.order)
                .invert_colors(ColorInversion::Inverted)
                .orientation(Orientation::new().rotate(self.rotation))
                .init(&mut Delay)
                .ok()
        };
        let mut display = build(interface, self.model, reset, 0)?;
        if self.margin == 0 {
            return Some(display);
        }
        // The memory is undefined after power-on, and the app draws only within the margin.
        display.clear(Rgb565::BLACK).ok()?;
        let (interface, model, reset) = display.release();
        build(interface, model, reset?, self.margin)
    }
}
