//! Measures a frame of the latent walk on panels of each kind, an image generated and drawn on a display that takes no time.
//! `cargo xtask snapshots` runs it so that timer ticks count instructions. Reports by semihosting.
#![no_std]
#![no_main]

use core::{
    convert::Infallible,
    hint::black_box,
    marker::PhantomData,
    sync::atomic::{AtomicU32, Ordering},
};

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
    primitives::Rectangle,
};
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
use semihosting::{println, process::ExitCode};
use thumbgan_app::{App, Buttons, Mode, SCRATCH_LEN};
use thumbgan_core::graphics::GrayscaleColor;
use thumbgan_instruction_counter as counter;

/// Microseconds between two readings of the app's clock.
const STEP: u32 = 20_000;

/// Runs the program.
#[entry]
fn main() -> ! {
    counter::start();
    println!("million {}", counter::million());
    frame::<BinaryColor>(72, 40);
    frame::<BinaryColor>(128, 64);
    frame::<Gray4>(128, 64);
    frame::<Rgb565>(240, 240);
    frame::<Rgb565>(240, 320);
    ExitCode::SUCCESS.exit_process()
}

/// Prints the ticks of the second frame; the first one draws the whole panel.
fn frame<C: GrayscaleColor>(width: u32, height: u32) {
    let mut scratch = [0; SCRATCH_LEN];
    let mut app = App::new(thumbgan_bundled_model::BYTES, &mut scratch, micros);
    let mut panel = Panel::<C> {
        size: Size::new(width, height),
        color: PhantomData,
    };
    app.set_mode(Mode::Walk);
    let Ok(_) = app.draw(&mut panel);
    app.tick(Buttons::default());
    let start = counter::now();
    let Ok(_) = app.draw(&mut panel);
    println!("ticks {}", counter::between(start, counter::now()));
}

/// Clock of the app that advances with every reading.
fn micros() -> u64 {
    static NOW: AtomicU32 = AtomicU32::new(0);
    let now = NOW.load(Ordering::Relaxed);
    NOW.store(now + STEP, Ordering::Relaxed);
    now.into()
}

/// Panel that consumes its pixels.
struct Panel<C> {
    size: Size,
    color: PhantomData<C>,
}

impl<C> OriginDimensions for Panel<C> {
    fn size(&self) -> Size {
        self.size
    }
}

impl<C: GrayscaleColor> DrawTarget for Panel<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        pixels.into_iter().for_each(|pixel| {
            black_box(pixel);
        });
        Ok(())
    }

    /// Consumes the colors one after the other, like a driver that sends them.
    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = C>,
    {
        let Size { width, height } = area.size;
        colors
            .into_iter()
            .take((width * height) as usize)
            .for_each(|color| {
                black_box(color);
            });
        Ok(())
    }
}
