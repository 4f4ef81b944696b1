//! How fast the boards should draw: estimated from counted instructions and the time that the bus takes.
//!
//! What the bus carries is measured: the app draws on a panel that only counts.

use std::{cell::Cell, convert::Infallible, marker::PhantomData};

use anyhow::{Context, Result};
use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
};
use thumbgan_app::{App, Buttons, Mode};
use thumbgan_core::Ink;

use crate::{
    bench,
    boards::{BOARDS, Board, Display},
    drawing,
    model::ModelFile,
};

/// Processor cycles of an instruction, at best and at worst: without and with flash that the processor waits for.
const CYCLES: [f64; 2] = [1.0, 2.0];

/// The table of all boards, in Markdown.
///
/// # Errors
/// When the default model, docs/instructions.json or docs/frames.json is damaged, or has no count for a board.
pub fn table() -> Result<String> {
    let model = ModelFile::read(None)?;
    let mut text =
        "| board | making a digit | a frame, digit and drawing | sending its bytes | the whole panel's | frames a second |\n\
                    |---|---|---|---|---|---|\n"
            .to_owned();
    for board in &BOARDS {
        text += &row(board, &model).with_context(|| format!("no estimate for {}", board.name))?;
    }
    Ok(text)
}

fn row(board: &Board, model: &ModelFile) -> Result<String> {
    let (display, megahertz) = (&board.display, board.clock_hz / 1_000_000);
    let instructions = bench::instructions(&model.name(), board.core)?;
    let frame = drawing::instructions(board)?;
    let seconds = |instructions: u64| {
        CYCLES.map(|cycles| instructions as f64 * cycles / f64::from(board.clock_hz))
    };
    let (making, drawing) = (seconds(instructions), seconds(frame));
    let bytes = pixels(display, &model.bytes).map(|pixels| pixels * u64::from(display.bits) / 8);
    let sending = bytes
        .map(|bytes| (bytes * u64::from(display.byte_bits)) as f64 / f64::from(display.bus_hz));
    let [most, least] = drawing.map(|drawing| 1.0 / (drawing + sending[1]));
    Ok(format!(
        "| `{}` | {:.2} M instructions at {megahertz} MHz: {:.1} to {:.1} ms | {:.2} M: {:.1} to {:.1} ms | {} in {:.1} ms | {} in {:.1} ms | \
         {least:.0} to {most:.0} |\n",
        board.name,
        instructions as f64 / 1e6,
        making[0] * 1e3,
        making[1] * 1e3,
        frame as f64 / 1e6,
        drawing[0] * 1e3,
        drawing[1] * 1e3,
        bytes[1],
        sending[1] * 1e3,
        bytes[0],
        sending[0] * 1e3,
    ))
}

/// Pixels that go to a display: the whole of it first, then a frame of the latent walk.
fn pixels(display: &Display, model: &[u8]) -> [u64; 2] {
    match display.bits {
        1 => walk::<BinaryColor>(display, model),
        4 => walk::<Gray4>(display, model),
        _ => walk::<Rgb565>(display, model),
    }
}

fn walk<C: Ink>(display: &Display, model: &[u8]) -> [u64; 2] {
    let mut app = App::new(model, clock);
    app.set_mode(Mode::Walk);
    let size = Size::new(display.width, display.height);
    let mut panel = Counter::<C> {
        size,
        pixels: 0,
        colour: PhantomData,
    };
    [(); 2].map(|()| {
        app.tick(Buttons::default());
        panel.pixels = 0;
        let Ok(changed) = app.draw(&mut panel);
        // A display with a buffer is sent the rectangle that has changed, another one what is drawn.
        match changed {
            Some(area) if display.bits < 16 => {
                u64::from(area.size.width) * u64::from(area.size.height)
            }
            _ => panel.pixels,
        }
    })
}

/// A clock by which 20 ms pass whenever it is looked at.
fn clock() -> u64 {
    thread_local! { static NOW: Cell<u64> = const { Cell::new(0) } }
    NOW.replace(NOW.get() + 20_000)
}

/// A panel that shows nothing, but counts.
struct Counter<C> {
    size: Size,
    pixels: u64,
    colour: PhantomData<C>,
}

impl<C> OriginDimensions for Counter<C> {
    fn size(&self) -> Size {
        self.size
    }
}

impl<C: Ink> DrawTarget for Counter<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        self.pixels += pixels.into_iter().count() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_a_part_of_the_panel_and_no_panel_is_sent_in_part_first() {
        let model = ModelFile::read(None).unwrap();
        for Board { name, display, .. } in &BOARDS {
            let [whole, frame] = pixels(display, &model.bytes);
            let panel = u64::from(display.width * display.height);
            assert!(panel <= whole && whole <= 2 * panel, "{name}: {whole}");
            assert!(panel / 4 < frame && frame < panel, "{name}: {frame}");
        }
    }

    #[test]
    fn unknown_counts_are_named() {
        let error = bench::instructions("digits", "Z80")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("instructions.json has no count of digits on Z80"),
            "{error}"
        );
    }
}
