//! Counts what a frame of the latent walk takes on this machine, for panels of each kind: a digit made and drawn on
//! a display that takes no time itself. `cargo xtask bless` knows how to run it so that the counts are of
//! instructions. It reports by semihosting.
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
use thumbgan_app::{App, Buttons, Mode};
use thumbgan_clock as clock;
use thumbgan_core::Ink;

/// Microseconds between two looks at the app's clock.
const STEP: u32 = 20_000;

#[entry]
fn main() -> ! {
    clock::start();
    println!("million {}", clock::million());
    frame::<BinaryColor>(128, 64);
    frame::<Gray4>(128, 64);
    frame::<Rgb565>(240, 240);
    frame::<Rgb565>(240, 320);
    ExitCode::SUCCESS.exit_process()
}

/// Prints the ticks of the walk's second frame: the first draws the whole panel.
fn frame<C: Ink>(width: u32, height: u32) {
    let mut app = App::new(thumbgan_model::BYTES, micros);
    let mut panel = Panel::<C> { size: Size::new(width, height), colour: PhantomData };
    app.set_mode(Mode::Walk);
    let Ok(_) = app.draw(&mut panel);
    app.tick(Buttons::default());
    let start = clock::now();
    let Ok(_) = app.draw(&mut panel);
    println!("ticks {}", clock::between(start, clock::now()));
}

/// The app's clock, which goes on by itself.
fn micros() -> u64 {
    static NOW: AtomicU32 = AtomicU32::new(0);
    let now = NOW.load(Ordering::Relaxed);
    NOW.store(now + STEP, Ordering::Relaxed);
    now.into()
}

/// A panel that takes its pixels and shows none.
struct Panel<C> {
    size: Size,
    colour: PhantomData<C>,
}

impl<C> OriginDimensions for Panel<C> {
    fn size(&self) -> Size {
        self.size
    }
}

impl<C: Ink> DrawTarget for Panel<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        pixels.into_iter().for_each(|pixel| {
            black_box(pixel);
        });
        Ok(())
    }

    /// As drivers do it that send one colour after the other.
    fn fill_contiguous<I>(&mut self, area: &Rectangle, colours: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = C>,
    {
        let Size { width, height } = area.size;
        colours.into_iter().take((width * height) as usize).for_each(|colour| {
            black_box(colour);
        });
        Ok(())
    }
}
