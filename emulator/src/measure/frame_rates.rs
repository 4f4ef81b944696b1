//! Estimated frame rates of the boards, from counted instructions and the time that the display's bus takes.
//!
//! The bytes on the bus are measured: the app draws on a panel that counts its pixels.

use std::cell::Cell;

use anyhow::{Context, Result};
use embedded_graphics::{
    pixelcolor::{BinaryColor, Gray4, Rgb565},
    prelude::*,
};
use thumbgan_app::{App, Buttons, Canvas, Mode};
use thumbgan_boards::{BOARDS, Board, Display};
use thumbgan_core::graphics::GrayscaleColor;

use super::{frames, images};
use crate::models::{self, ModelFile};

/// Least and most processor cycles of an instruction: without and with wait states of the flash.
const CYCLES: [f64; 2] = [1.0, 2.0];

/// Formats the estimates of all boards as Markdown.
///
/// # Errors
/// If the default model or a snapshot cannot be read, or a snapshot lacks a count.
pub fn markdown() -> Result<String> {
    let model = ModelFile::read(None)?;
    let mut text = "| board | generating an image | a frame, generated and drawn | bytes of a frame on the bus | \
                    bytes of the whole panel | frames per second |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for board in &BOARDS {
        text += &row(board, &model).with_context(|| format!("no estimate for {}", board.name))?;
    }
    Ok(text)
}

fn row(board: &Board, model: &ModelFile) -> Result<String> {
    let (display, megahertz) = (&board.display, board.clock_hz / 1_000_000);
    let image = images::snapshot_count(&model.name(), board.core)?;
    let frame = frames::snapshot_row(board)?.instructions;
    let seconds = |instructions: u64| {
        CYCLES.map(|cycles| instructions as f64 * cycles / f64::from(board.clock_hz))
    };
    let (image_seconds, frame_seconds) = (seconds(image), seconds(frame));
    let bytes =
        sent_pixels(display, &model.bytes)?.map(|pixels| pixels * u64::from(display.bits) / 8);
    let bus_seconds = bytes
        .map(|bytes| (bytes * u64::from(display.byte_bits)) as f64 / f64::from(display.bus_hz));
    // Color displays receive a frame by DMA while the next image is generated.
    let has_dma = display.bits == 16;
    let [most, least] = [0, 1].map(|index| {
        let (image, frame) = (image_seconds[index], frame_seconds[index]);
        let waiting = if has_dma {
            (bus_seconds[1] - image).max(0.0)
        } else {
            bus_seconds[1]
        };
        1.0 / (frame + waiting)
    });
    Ok(format!(
        "| `{}` | {:.2} M instructions at {megahertz} MHz: {:.1} to {:.1} ms | {:.2} M: {:.1} to {:.1} ms | \
         {} in {:.1} ms | {} in {:.1} ms | {least:.0} to {most:.0} |\n",
        board.name,
        image as f64 / 1e6,
        image_seconds[0] * 1e3,
        image_seconds[1] * 1e3,
        frame as f64 / 1e6,
        frame_seconds[0] * 1e3,
        frame_seconds[1] * 1e3,
        bytes[1],
        bus_seconds[1] * 1e3,
        bytes[0],
        bus_seconds[0] * 1e3,
    ))
}

/// Returns the numbers of pixels sent to a display for the whole panel, and for one frame of the latent walk.
fn sent_pixels(display: &Display, model: &[u8]) -> Result<[u64; 2]> {
    match display.bits {
        1 => walk_pixels::<BinaryColor>(display, model),
        4 => walk_pixels::<Gray4>(display, model),
        _ => walk_pixels::<Rgb565>(display, model),
    }
}

fn walk_pixels<C: GrayscaleColor>(display: &Display, model: &[u8]) -> Result<[u64; 2]> {
    let mut scratch = models::scratch();
    let mut app = App::new(model, &mut scratch, clock);
    app.set_mode(Mode::Walk);
    let mut canvas = Canvas::<C>::new(Size::new(display.width, display.height));
    let mut sent = [0; 2];
    for sent in &mut sent {
        app.tick(Buttons::default());
        canvas.drawn = 0;
        // A display with a frame buffer receives the changed rectangle, another one receives each drawn pixel.
        *sent = match app.draw(&mut canvas)? {
            Some(area) if display.bits < 16 => {
                u64::from(area.size.width) * u64::from(area.size.height)
            }
            _ => canvas.drawn,
        };
    }
    Ok(sent)
}

/// Clock that advances by 20 ms at each call.
fn clock() -> u64 {
    thread_local! { static NOW: Cell<u64> = const { Cell::new(0) } }
    NOW.replace(NOW.get() + 20_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_sends_a_part_of_the_panel() {
        let model = ModelFile::read(None).unwrap();
        for Board { name, display, .. } in &BOARDS {
            let [whole, frame] = sent_pixels(display, &model.bytes).unwrap();
            let panel = u64::from(display.width * display.height);
            assert!(panel <= whole && whole <= 2 * panel, "{name}: {whole}");
            assert!(panel / 4 < frame && frame < panel, "{name}: {frame}");
        }
    }
}
