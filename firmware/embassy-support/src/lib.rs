//! Main loop of the boards with an embassy HAL; their programs only set up pins, clocks and displays.
#![no_std]

mod bus;
mod panel;
mod region;
mod serial;
mod tft;
mod watchdog;
mod window;

use embassy_futures::{join::join, yield_now};
use embassy_time::{Duration, Instant};
use embedded_graphics::primitives::Rectangle;
use embedded_io_async::{Read, Write};
use static_cell::ConstStaticCell;
use thumbgan_app::{App, Buttons, RegionState, SCRATCH_LEN};
use thumbgan_core::graphics::GrayscaleColor;
use thumbgan_protocol::ModelStore;

pub use bus::{BusError, DisplayBus, DisplayPin, DisplaySpi, DriverInterface};
pub use panel::Panel;
pub use region::{FlashRegion, NoRegion};
use serial::Serial;
pub use tft::Tft;
pub use watchdog::{WATCHDOG_TIMEOUT, Watchdog};
pub use window::Window;

/// Number of seeds to start from; small panels show six digits of a seed.
const SEEDS: u32 = 1_000_000;
/// Time between two readings of the buttons while nothing changes.
const REST: Duration = Duration::from_millis(10);
/// Time between two attempts to initialize a display that does not respond.
const RETRY: Duration = Duration::from_secs(1);

/// Scratch memory of the generator. As a variable of the main loop it would be copied with the loop's state when that is made,
/// three times on some boards, and need as much stack.
static SCRATCH: ConstStaticCell<[u32; SCRATCH_LEN]> = ConstStaticCell::new([0; SCRATCH_LEN]);

/// Clock of the boards.
fn micros() -> u64 {
    Instant::now().as_micros()
}

/// Parts of a chip that no pin leads to.
pub struct Chip<S, G> {
    /// Random number, which the first seed follows from, so that images differ after each reset.
    pub random: u32,
    /// Model region.
    pub store: S,
    /// Running watchdog.
    pub watchdog: G,
}

/// Runs the device on a board, by its name in the board table.
///
/// `buttons` returns the levels of the buttons. `receiver` and `sender` are the serial port, which is served even while the
/// display does not respond.
pub async fn run<P: Panel<Color: GrayscaleColor>>(
    board: &'static str,
    chip: Chip<impl ModelStore, impl Watchdog>,
    panel: &mut P,
    buttons: impl FnMut() -> Buttons,
    receiver: impl Read,
    sender: impl Write,
) -> ! {
    let Chip {
        random,
        mut store,
        watchdog,
    } = chip;
    if watchdog.has_reset() {
        defmt::warn!("watchdog reset: the program had hung");
    }
    let built_in = thumbgan_bundled_model::BYTES;
    let scratch = SCRATCH.take();
    let serial = Serial::new(board, store.bytes().len(), receiver, sender);
    let mut device = Device {
        panel,
        buttons,
        serial,
        watchdog,
        is_ready: false,
    };
    let mut state = None;
    loop {
        // While an upload writes the store, the app runs the built-in model and does not borrow from the region.
        let (region, store) = if device.serial.is_uploading() {
            (&[][..], Some(&mut store))
        } else {
            (store.bytes(), None)
        };
        let mut app = App::with_region(built_in, region, scratch, micros);
        match state.take() {
            Some(state) => app.resume(state),
            None => app.set_seed(u64::from(random % SEEDS) + 1),
        }
        log_model(&app);
        device.run(&mut app, store).await;
        state = Some(app.state());
    }
}

/// Writes the model, or its error, to the log.
fn log_model(app: &App<'_>) {
    if let RegionState::Invalid(error) = app.region() {
        defmt::error!("model region: {}", defmt::Display2Format(&error));
    }
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
}

/// Display, buttons, serial port and watchdog of a board.
struct Device<'p, P, B, R, W, G> {
    panel: &'p mut P,
    buttons: B,
    serial: Serial<R, W>,
    watchdog: G,
    /// True if the display is initialized.
    is_ready: bool,
}

impl<P, B, R, W, G> Device<'_, P, B, R, W, G>
where
    P: Panel<Color: GrayscaleColor>,
    B: FnMut() -> Buttons,
    R: Read,
    W: Write,
    G: Watchdog,
{
    /// Runs an app: until an upload starts, or with the `store` that an upload writes until it ends.
    async fn run<S: ModelStore>(&mut self, app: &mut App<'_>, mut store: Option<&mut S>) {
        while self.serial.is_uploading() == store.is_some() {
            self.watchdog.feed();
            let drawn = refresh(app, self.panel, &mut self.is_ready).await;
            let rest = match drawn {
                Ok(None) => REST,
                Ok(Some(_)) => Duration::from_ticks(0),
                Err(_) => RETRY,
            };
            let (view, micros) = (app.view(), app.micros());
            // A display with DMA receives the frame while the next image is generated.
            let (sent, ()) = join(self.panel.send(), async {
                // Other tasks run even if the next frame is due.
                yield_now().await;
                self.serial.serve(app, store.as_deref_mut(), rest).await;
                app.tick((self.buttons)());
                app.prepare();
            })
            .await;
            match drawn.and_then(|changed| sent.map(|()| changed)) {
                Ok(None) => {}
                Ok(Some(_)) => {
                    defmt::info!("frame {} took={}", defmt::Display2Format(&view), micros);
                }
                Err(_) => {
                    defmt::error!("display does not respond: check its wiring (docs/boards.md)");
                    self.is_ready = false;
                }
            }
        }
    }
}

/// Draws what has changed and returns the rectangle that contains it. Initializes the display first unless it is `ready`.
async fn refresh<P: Panel>(
    app: &mut App<'_>,
    panel: &mut P,
    ready: &mut bool,
) -> Result<Option<Rectangle>, P::Error> {
    if !*ready {
        panel.set_up().await?;
        app.redraw();
        *ready = true;
    }
    panel.draw_app(app)
}
