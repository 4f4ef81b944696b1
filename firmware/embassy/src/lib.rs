//! What every board does that embassy has a HAL for; their programs only wire pins, clocks and displays to it.
#![no_std]
#![forbid(unsafe_code)]

mod panel;
mod serial;

use embassy_futures::yield_now;
use embassy_time::{Duration, Instant};
use embedded_graphics::primitives::Rectangle;
use embedded_io_async::{Read, Write};
use thumbgan_app::{App, Buttons};
use thumbgan_core::Ink;

pub use panel::Panel;
use serial::Serial;

/// Seeds to begin with: those whose digits small panels show whole.
const SEEDS: u32 = 1_000_000;
/// Between two looks at the buttons while nothing moves.
const REST: Duration = Duration::from_millis(10);
/// Between two attempts to reach a display that does not answer.
const RETRY: Duration = Duration::from_secs(1);

/// The boards' clock.
fn micros() -> u64 {
    Instant::now().as_micros()
}

/// Runs the device on the board of this name, as `cargo xtask` calls it: `buttons` looks which are down, `receiver`
/// and `sender` are the serial link, which answers even while the display does not. Digits begin at a seed that follows
/// from `random`: each time at another one.
pub async fn run<P>(
    board: &'static str,
    random: u32,
    panel: &mut P,
    mut buttons: impl FnMut() -> Buttons,
    receiver: impl Read,
    sender: impl Write,
) -> !
where
    P: Panel<Color: Ink>,
{
    let mut app = App::new(thumbgan_model::BYTES, micros);
    app.set_seed((random % SEEDS).into());
    let mut serial = Serial::new(board, receiver, sender);
    match (app.model(), app.error()) {
        (Some(model), _) => {
            let (version, name) = (env!("CARGO_PKG_VERSION"), model.name());
            defmt::info!(
                "thumbgan {} model {} {} bytes crc {:08x}",
                version,
                name,
                model.size(),
                model.crc()
            );
        }
        (_, Some(error)) => defmt::error!("error {}", defmt::Display2Format(&error)),
        _ => {}
    }
    let mut ready = false;
    loop {
        app.tick(buttons());
        let rest = match refresh(&mut app, panel, &mut ready) {
            Ok(None) => REST,
            Ok(Some(_)) => {
                defmt::info!("frame {} took={}", defmt::Display2Format(&app.scene()), app.micros());
                // The other tasks' turn, even if the next frame is due.
                yield_now().await;
                Duration::from_ticks(0)
            }
            Err(_) => {
                defmt::error!("the display does not answer: check its wires (docs/boards.md)");
                ready = false;
                RETRY
            }
        };
        serial.serve(&mut app, rest).await;
    }
}

/// Shows what has changed and gives the rectangle that it lies in; sets the display up first unless it is `ready`.
fn refresh<P>(app: &mut App<'_>, panel: &mut P, ready: &mut bool) -> Result<Option<Rectangle>, P::Error>
where
    P: Panel<Color: Ink>,
{
    if !*ready {
        panel.set_up()?;
        app.redraw();
        *ready = true;
    }
    let changed = app.draw(panel)?;
    panel.show()?;
    Ok(changed)
}
