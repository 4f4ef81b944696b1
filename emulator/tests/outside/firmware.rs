//! Firmware outside of the repository that uses the packaged `thumbgan-core`: built by the test `packaged_core`.
#![no_std]
#![no_main]

use core::{hint::black_box, panic::PanicInfo};

use embedded_graphics::{pixelcolor::BinaryColor, prelude::*, primitives::Rectangle};
use thumbgan_core::{
    Generator, Model, ParseError, ScratchError,
    graphics::{GrayscaleColor, ScaledImage},
    include_model,
};

static MODEL: &[u8] = include_model!("../digits-nano.tgan");

/// Display that discards its pixels.
struct Discard;

impl OriginDimensions for Discard {
    fn size(&self) -> Size {
        Size::new(128, 64)
    }
}

impl DrawTarget for Discard {
    type Color = BinaryColor;
    type Error = core::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Self::Error> {
        pixels.into_iter().for_each(|pixel| {
            black_box(pixel);
        });
        Ok(())
    }
}

enum Error {
    Parse(ParseError),
    Scratch(ScratchError),
}

fn run() -> Result<(), Error> {
    let model = Model::parse(MODEL).map_err(Error::Parse)?;
    let mut scratch = [0; 1600];
    let mut generator = Generator::new(model, &mut scratch).map_err(Error::Scratch)?;
    if let Ok(image) = generator.generate(Some(7), 42) {
        let area = Rectangle::new(Point::new(36, 4), Size::new(56, 56));
        let Ok(()) = ScaledImage::new(image, area, BinaryColor::THEMES[0]).draw(&mut Discard);
    }
    Ok(())
}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let failed = match run() {
        Ok(()) => false,
        Err(Error::Parse(error)) => black_box(error) == error,
        Err(Error::Scratch(error)) => black_box(error) == error,
    };
    black_box((failed, thumbgan_core::KERNEL));
    loop {}
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
