//! Tests of the displays: what a viewer sees is what the app draws.

use std::cell::Cell;

use embedded_graphics::pixelcolor::{BinaryColor, Gray4, Rgb565, Rgb888};
use thumbgan_app::{Buttons, Canvas, Mode, SCRATCH_LEN};
use thumbgan_core::graphics::GrayscaleColor;

use super::*;
use crate::test_models;

const KINDS: [PanelKind; 4] = [
    PanelKind::Oled,
    PanelKind::Grayscale,
    PanelKind::Tft,
    PanelKind::Mini,
];

thread_local! {
    /// Time in microseconds.
    static NOW: Cell<u64> = const { Cell::new(0) };
}

fn now() -> u64 {
    NOW.get()
}

/// App that draws on a display, and an app in the same state that draws on a canvas.
struct Comparison<'m, C> {
    panel: Panel,
    app: App<'m>,
    canvas: Canvas<C>,
    reference: App<'m>,
}

impl<'m, C: GrayscaleColor + Into<Rgb888>> Comparison<'m, C> {
    /// Starts the apps.
    fn new(kind: PanelKind, model: &'m [u8], [first, second]: &'m mut [Vec<u32>; 2]) -> Self {
        let panel = Panel::new(kind);
        Self {
            canvas: Canvas::new(panel.size()),
            panel,
            app: App::new(model, first, now),
            reference: App::new(model, second, now),
        }
    }

    /// Calls a function with each app.
    fn apps(&mut self, call: impl Fn(&mut App<'m>)) {
        call(&mut self.app);
        call(&mut self.reference);
    }

    /// Draws a frame and compares it.
    fn draw(&mut self) {
        let changed = self.panel.draw(&mut self.app).unwrap();
        let expected = self.reference.draw(&mut self.canvas).unwrap();
        let view = self.reference.view();
        assert_eq!(changed, expected.is_some(), "{view}");
        let rgba = self.canvas.all().into_iter().flat_map(|color| {
            let color: Rgb888 = color.into();
            [color.r(), color.g(), color.b(), 255]
        });
        assert!(rgba.eq(self.panel.rgba()), "{view} differs");
    }
}

/// Draws frames of each mode and theme with a model, and compares them.
fn compare<C: GrayscaleColor + Into<Rgb888>>(kind: PanelKind, model: &[u8]) {
    let mut scratch = [vec![0; SCRATCH_LEN], vec![0; SCRATCH_LEN]];
    let mut comparison = Comparison::<C>::new(kind, model, &mut scratch);
    comparison.apps(|app| app.set_time(12 * 3600 + 59 * 60 + 58));
    for theme in 0..C::THEMES.len() {
        for mode in Mode::ALL {
            comparison.apps(|app| {
                app.set_theme(theme as u8);
                app.set_mode(mode);
            });
            for frame in 0..5 {
                comparison.draw();
                NOW.set(NOW.get() + 400_000);
                // ACT is pressed in every other frame.
                let buttons = Buttons {
                    mode: false,
                    act: frame % 2 == 1,
                };
                comparison.apps(|app| app.tick(buttons));
            }
            comparison.apps(|app| app.tick(Buttons::default()));
        }
    }
}

/// Draws with a model on each display, and compares.
fn compare_all(model: &[u8]) {
    compare::<BinaryColor>(PanelKind::Oled, model);
    compare::<Gray4>(PanelKind::Grayscale, model);
    compare::<Rgb565>(PanelKind::Tft, model);
    compare::<BinaryColor>(PanelKind::Mini, model);
}

#[test]
fn displays_show_what_the_app_draws_with_digits() {
    compare_all(&test_models::read("digits.tgan"));
}

#[test]
fn displays_show_what_the_app_draws_with_digits_nano() {
    compare_all(&test_models::read("digits-nano.tgan"));
}

#[test]
fn displays_show_what_the_app_draws_with_digits_xs() {
    compare_all(&test_models::read("digits-xs.tgan"));
}

#[test]
fn displays_show_what_the_app_draws_with_seed() {
    compare_all(&test_models::read("seed.tgan"));
}

#[test]
fn displays_show_the_error_of_an_invalid_model() {
    compare_all(&[]);
}

#[test]
fn a_frame_without_changes_sends_nothing() {
    let model = test_models::read("digits-nano.tgan");
    for kind in KINDS {
        let mut scratch = vec![0; SCRATCH_LEN];
        let mut app = App::new(&model, &mut scratch, now);
        let mut panel = Panel::new(kind);
        let started = panel.bus_bytes();
        assert_eq!(panel.draw(&mut app), Ok(true));
        let drawn = panel.bus_bytes();
        assert!(started > 0 && drawn > started, "{kind:?}");
        assert_eq!(panel.draw(&mut app), Ok(false));
        assert_eq!(panel.bus_bytes(), drawn, "{kind:?}");
    }
}

#[test]
fn a_rejected_transfer_is_reported_once() {
    let mut scratch = vec![0; SCRATCH_LEN];
    let mut app = App::new(&[], &mut scratch, now);
    let mut panel = Panel::new(PanelKind::Tft);
    panel.bus.command(&[0xc6, 0x0f]);
    panel.bus.command(&[0x12]);
    let fault = panel.draw(&mut app).unwrap_err();
    let text = "the display's ST7789 rejects a transfer that begins with 0xc6";
    assert_eq!(fault.to_string(), text);
    assert!(panel.draw(&mut app).is_ok());
}
