//! Measures a frame of the latent walk on panels of each kind, an image generated and drawn on a display that takes no time, and
//! the drawing of an image that fills the panel.
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
use thumbgan_app::{App, Buttons, Mode};
use thumbgan_bundled_model::SCRATCH_LEN;
use thumbgan_core::graphics::{GrayscaleColor, RowTarget, ScaledImage};
use thumbgan_instruction_counter as counter;

/// Microseconds between two readings of the app's clock.
const STEP: u32 = 20_000;

/// Runs the program.
#[entry]
fn main() -> ! {
    counter::start();
    println!("million {}", counter::million());
    measure(&mut Panel::<BinaryColor>::new(72, 40));
    measure(&mut Panel::<BinaryColor>::new(128, 64));
    measure(&mut Panel::<Gray4>::new(128, 64));
    measure(&mut RowPanel::new(170, 170));
    measure(&mut RowPanel::new(240, 240));
    measure(&mut RowPanel::new(240, 320));
    ExitCode::SUCCESS.exit_process()
}

/// Prints the ticks of the second frame, the first one draws the whole panel, and those of an image that fills the panel.
fn measure<P: Display>(panel: &mut P) {
    let mut scratch = [0; SCRATCH_LEN];
    let mut app = App::new(thumbgan_bundled_model::BYTES, &mut scratch, micros);
    app.set_mode(Mode::Walk);
    panel.frame(&mut app);
    app.tick(Buttons::default());
    print_ticks(|| panel.frame(&mut app));

    let Some(Ok(image)) = app
        .generator()
        .map(|generator| generator.generate(Some(0), 0))
    else {
        panic!("the bundled model is invalid or has no class 0")
    };
    let theme = P::Color::THEMES[1];
    let image = ScaledImage::new(image, panel.bounding_box(), theme);
    print_ticks(|| panel.image(&image));
}

/// Prints the ticks that `work` takes.
fn print_ticks(work: impl FnOnce()) {
    let start = counter::now();
    work();
    println!("ticks {}", counter::between(start, counter::now()));
}

/// Panel as boards drive it.
trait Display: DrawTarget<Color: GrayscaleColor> {
    /// Draws a frame of the app.
    fn frame(&mut self, app: &mut App<'_>);
    /// Draws an image.
    fn image(&mut self, image: &ScaledImage<'_, Self::Color>);
}

impl<C: GrayscaleColor> Display for Panel<C> {
    fn frame(&mut self, app: &mut App<'_>) {
        let Ok(_) = app.draw(self);
    }

    fn image(&mut self, image: &ScaledImage<'_, C>) {
        let Ok(()) = image.draw(self);
    }
}

impl Display for RowPanel {
    fn frame(&mut self, app: &mut App<'_>) {
        let Ok(_) = app.draw_rows(self);
    }

    fn image(&mut self, image: &ScaledImage<'_, Rgb565>) {
        let Ok(()) = image.draw_rows(self);
    }
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

impl<C> Panel<C> {
    fn new(width: u32, height: u32) -> Self {
        Self {
            size: Size::new(width, height),
            color: PhantomData,
        }
    }
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

/// Color panel that takes rows in its own format and consumes them.
struct RowPanel {
    panel: Panel<Rgb565>,
    row: [u16; 240],
}

impl RowPanel {
    fn new(width: u32, height: u32) -> Self {
        Self {
            panel: Panel::new(width, height),
            row: [0; 240],
        }
    }
}

impl OriginDimensions for RowPanel {
    fn size(&self) -> Size {
        self.panel.size
    }
}

impl DrawTarget for RowPanel {
    type Color = Rgb565;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb565>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        self.panel.draw_iter(pixels)
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Rgb565>,
    {
        self.panel.fill_contiguous(area, colors)
    }
}

impl RowTarget for RowPanel {
    type Pixel = u16;

    fn pixel(color: Rgb565) -> u16 {
        color.into_storage().to_be()
    }

    fn fill_rows(
        &mut self,
        area: &Rectangle,
        mut fill: impl FnMut(Point, &mut [u16]),
    ) -> Result<(), Infallible> {
        let row = &mut self.row[..area.size.width as usize];
        for y in area.rows() {
            fill(Point::new(area.top_left.x, y), row);
            black_box(&*row);
        }
        Ok(())
    }
}
