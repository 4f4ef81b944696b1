//! Main loop of the boards with an embassy HAL; their programs only set up pins, clocks and displays.
#![no_std]
#![forbid(unsafe_code)]

mod panel;
mod serial;
mod window;

use embassy_futures::yield_now;
use embassy_time::{Duration, Instant};
use embedded_graphics::primitives::Rectangle;
use embedded_io_async::{Read, Write};
use thumbgan_app::{App, Buttons, SCRATCH_LEN};
use thumbgan_core::graphics::GrayscaleColor;

pub use panel::Panel;
use serial::Serial;
pub use window::Window;

/// Number of seeds to start from; small panels show six digits of a seed.
const SEEDS: u32 = 1_000_000;
/// Time between two readings of the buttons while nothing changes.
const REST: Duration = Duration::from_millis(10);
/// Time between two attempts to initialize a display that does not respond.
const RETRY: Duration = Duration::from_secs(1);

/// Clock of the boards.
fn micros() -> u64 {
    Instant::now().as_micros()
}

/// Runs the device on a board, by its name in the board table.
///
/// `buttons` returns the levels of the buttons. `receiver` and `sender` are the serial port, which is served even while the
/// display does not respond. The first seed follows from `random`, so that images differ after each reset.
pub async fn run<P>(
    board: &'static str,
    random: u32,
    panel: &mut P,
    mut buttons: impl FnMut() -> Buttons,
    receiver: impl Read,
    sender: impl Write,
) -> !
where
    P: Panel<Color: GrayscaleColor>,
{
    let mut scratch = [0; SCRATCH_LEN];
    let mut app = App::new(thumbgan_bundled_model::BYTES, &mut scratch, micros);
    app.set_seed((random % SEEDS).into());
    let mut serial = Serial::new(board, receiver, sender);
    match (app.model(), app.error()) {
        (Some(model), _) => {
            let (version, name) = (env!("CARGO_PKG_VERSION"), model.name());
            defmt::info!(
                "thumbgan {} model {} {} bytes crc {:08x}",
                version,
                name,
                model.file_len(),
                model.crc32()
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
                defmt::info!(
                    "frame {} took={}",
                    defmt::Display2Format(&app.view()),
                    app.micros()
                );
                // Other tasks run even if the next frame is due.
                yield_now().await;
                Duration::from_ticks(0)
            }
            Err(_) => {
                defmt::error!("display does not respond: check its wiring (docs/boards.md)");
                ready = false;
                RETRY
            }
        };
        serial.serve(&mut app, rest).await;
    }
}

/// Draws what has changed and returns the rectangle that contains it. Initializes the display first unless it is `ready`.
fn refresh<P>(
    app: &mut App<'_>,
    panel: &mut P,
    ready: &mut bool,
) -> Result<Option<Rectangle>, P::Error>
where
    P: Panel<Color: GrayscaleColor>,
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
