//! Draws two digits on a monochrome display of 128x64 pixels, as on an SSD1306, and writes the screen:
//! `cargo run -p thumbgan-core --example display [FILE]`.
//!
//! The display is a frame buffer of embedded-graphics; a display driver takes its place on a board.

use std::{convert::Infallible, error::Error};

use embedded_graphics::{
    framebuffer::{Framebuffer, buffer_size},
    image::GetPixel,
    pixelcolor::{
        BinaryColor,
        raw::{LittleEndian, RawU1},
    },
    prelude::*,
    primitives::Rectangle,
};
use thumbgan_core::{
    Generator, GrayImage, Model,
    graphics::{GrayscaleColor, ScaledImage},
    include_model,
};

mod png_file;

static MODEL: &[u8] = include_model!("../models/digits-nano.tgan");

const WIDTH: usize = 128;
const HEIGHT: usize = 64;

type Display = Framebuffer<
    BinaryColor,
    RawU1,
    LittleEndian,
    WIDTH,
    HEIGHT,
    { buffer_size::<BinaryColor>(WIDTH, HEIGHT) },
>;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1);
    let model = Model::parse(MODEL)?;
    let mut scratch = vec![0; model.scratch_len()];
    let mut generator = Generator::new(model, &mut scratch)?;
    let mut display = Display::new();
    for (class, left) in [(4, 4), (2, 68)] {
        let image = generator.generate(Some(class), 42)?;
        draw(image, left, &mut display)?;
    }
    let points = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| Point::new(x as i32, y as i32)));
    let pixels: Vec<u8> = points
        .map(|point| {
            if display.pixel(point) == Some(BinaryColor::On) {
                255
            } else {
                0
            }
        })
        .collect();
    png_file::write(path.as_deref().unwrap_or("display.png"), WIDTH, &pixels)?;
    Ok(())
}

/// Draws an image with ordered dithering, 56x56 pixels, at a distance of `left` from the left edge.
fn draw(image: &GrayImage, left: i32, display: &mut Display) -> Result<(), Infallible> {
    let area = Rectangle::new(Point::new(left, 4), Size::new_equal(56));
    ScaledImage::new(image, area, BinaryColor::THEMES[0]).draw(display)
}
