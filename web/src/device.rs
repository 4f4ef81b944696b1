//! Board with a display, two buttons and a serial port.

use self_cell::self_cell;
use thumbgan_app::{App, Buttons, Clock, Mode, ViewState};
use thumbgan_protocol::Server;
use wasm_bindgen::prelude::*;

use crate::{
    ModelFile, clock,
    memory::Memory,
    panel::{Panel, PanelKind},
};

/// Name that the device gives as its board over the serial port.
const BOARD: &str = "web";

/// Board that runs the firmware's app.
#[wasm_bindgen]
pub struct Device {
    firmware: Firmware,
    panel: Panel,
    server: Server,
    clock: Clock,
}

self_cell!(
    struct Firmware {
        owner: Memory,
        #[covariant]
        dependent: App,
    }
);

#[wasm_bindgen]
impl Device {
    /// Starts a board in the gallery at `seed`, with a display and `model` as its built-in model.
    #[wasm_bindgen(constructor)]
    pub fn start(model: &ModelFile, panel: PanelKind, seed: u64) -> Self {
        Self::new(model, panel, seed, clock::micros)
    }

    /// Replaces the model. Keeps mode, theme and time of day.
    pub fn set_model(&mut self, model: &ModelFile) {
        let state = self.firmware.borrow_dependent().state();
        self.firmware = start_app(model, self.clock);
        self.app(|app| app.resume(state));
    }

    /// Replaces the display.
    pub fn set_panel(&mut self, panel: PanelKind) {
        self.panel = Panel::new(panel);
        self.firmware.with_dependent_mut(|_, app| app.redraw());
    }

    /// Processes the levels of the buttons (true if pressed) and the time that has passed. Must be called at least once per
    /// frame.
    pub fn tick(&mut self, mode: bool, act: bool) {
        self.app(|app| app.tick(Buttons { mode, act }));
    }

    /// Draws what has changed. Returns true if anything has.
    ///
    /// # Errors
    /// If the display's controller has rejected bytes of its driver.
    pub fn draw(&mut self) -> Result<bool, JsError> {
        let panel = &mut self.panel;
        let drawn = self.firmware.with_dependent_mut(|_, app| panel.draw(app));
        Ok(drawn?)
    }

    /// Generates the next image if the view has a new one, as a board does while it sends the preceding frame.
    pub fn prepare(&mut self) {
        self.firmware.with_dependent_mut(|_, app| app.prepare());
    }

    /// Processes bytes that the serial port receives and returns those that it sends.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let server = &mut self.server;
        let mut sent = Vec::new();
        self.firmware.with_dependent_mut(|_, app| {
            for byte in bytes {
                sent.extend(server.receive(*byte, app).unwrap_or_default());
            }
            while server.is_busy() {
                sent.extend(server.work(app).unwrap_or_default());
            }
        });
        sent
    }

    /// Width of the display in pixels.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> u32 {
        self.panel.size().width
    }

    /// Height of the display in pixels.
    #[wasm_bindgen(getter)]
    pub fn height(&self) -> u32 {
        self.panel.size().height
    }

    /// Returns the pixels that the display shows: red, green, blue and alpha, row by row.
    pub fn rgba(&self) -> Vec<u8> {
        self.panel.rgba()
    }

    /// Number of bytes that the display has received over its bus.
    #[wasm_bindgen(getter)]
    pub fn bus_bytes(&self) -> u32 {
        self.panel.bus_bytes()
    }

    /// View state as the firmware logs it, for example `gallery class=3 seed=42 held=false`.
    #[wasm_bindgen(getter)]
    pub fn view(&self) -> String {
        self.view_state().to_string()
    }

    /// Mode: `gallery`, `digit`, `walk`, `clock` or `about`.
    #[wasm_bindgen(getter)]
    pub fn mode(&self) -> String {
        self.view_state().mode().to_string()
    }

    /// Enters a mode by its name.
    ///
    /// # Errors
    /// If there is no such mode.
    pub fn set_mode(&mut self, name: &str) -> Result<(), JsError> {
        let mode = find_mode(name).ok_or_else(|| JsError::new(&format!("no mode {name}")))?;
        self.app(|app| app.set_mode(mode));
        Ok(())
    }

    /// Index of the theme, taken modulo the number of themes.
    #[wasm_bindgen(getter)]
    pub fn theme(&self) -> u8 {
        self.firmware.borrow_dependent().theme()
    }

    /// Sets the theme by its index, taken modulo the number of themes.
    pub fn set_theme(&mut self, theme: u8) {
        self.app(|app| app.set_theme(theme));
    }

    /// Sets the seed of the next image; later images use the following seeds.
    pub fn set_seed(&mut self, seed: u64) {
        self.app(|app| app.set_seed(seed));
    }

    /// Shows the image of a class and a seed in the current mode: gallery, digit or walk. Other modes change to the mode
    /// "digit".
    pub fn show(&mut self, class: Option<u8>, seed: u64) {
        self.app(|app| {
            let class = class.filter(|class| {
                app.model()
                    .is_some_and(|model| *class < model.class_count())
            });
            let class = class.or_else(|| app.model()?.class_for_seed(seed));
            let view = match app.view() {
                ViewState::Gallery { held, .. } => ViewState::Gallery { class, seed, held },
                ViewState::Walk { rate, .. } => ViewState::Walk {
                    class,
                    seed,
                    step: 0,
                    rate,
                },
                _ => ViewState::Digit { class, seed },
            };
            app.show(view);
        });
    }

    /// Class of the view; none in modes without one, and for an unconditional model.
    #[wasm_bindgen(getter)]
    pub fn class(&self) -> Option<u8> {
        match self.view_state() {
            ViewState::Gallery { class, .. }
            | ViewState::Digit { class, .. }
            | ViewState::Walk { class, .. } => class,
            ViewState::Clock { .. } | ViewState::About { .. } => None,
        }
    }

    /// Seed of the view; none in modes without one.
    #[wasm_bindgen(getter)]
    pub fn seed(&self) -> Option<u64> {
        match self.view_state() {
            ViewState::Gallery { seed, .. }
            | ViewState::Digit { seed, .. }
            | ViewState::Walk { seed, .. } => Some(seed),
            ViewState::Clock { .. } | ViewState::About { .. } => None,
        }
    }

    /// Time for generating the last image, in microseconds.
    #[wasm_bindgen(getter)]
    pub fn micros(&self) -> u32 {
        self.firmware.borrow_dependent().micros()
    }

    /// Sets the time of day to `seconds` since midnight.
    pub fn set_time(&mut self, seconds: u32) {
        self.app(|app| app.set_time(seconds));
    }
}

impl Device {
    /// Starts a board as [`Self::start`] does, with `clock` as the time in microseconds.
    pub fn new(model: &ModelFile, panel: PanelKind, seed: u64, clock: Clock) -> Self {
        let mut device = Self {
            firmware: start_app(model, clock),
            panel: Panel::new(panel),
            server: Server::new(BOARD, clock),
            clock,
        };
        device.set_seed(seed);
        device
    }

    fn view_state(&self) -> ViewState {
        self.firmware.borrow_dependent().view()
    }

    /// Calls a function with the app.
    fn app<T>(&mut self, call: impl FnOnce(&mut App<'_>) -> T) -> T {
        self.firmware.with_dependent_mut(|_, app| call(app))
    }
}

/// Starts the app with a model.
fn start_app(model: &ModelFile, clock: Clock) -> Firmware {
    Firmware::new(Memory::new(model), |memory| {
        App::new(memory.file.as_slice(), memory.scratch.borrow_mut(), clock)
    })
}

/// Returns a mode by its name.
fn find_mode(name: &str) -> Option<Mode> {
    Mode::ALL.into_iter().find(|mode| mode.to_string() == name)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::{Link, test_models};

    thread_local!(static NOW: Cell<u64> = const { Cell::new(0) });

    fn device(model: &ModelFile) -> Device {
        NOW.set(0);
        Device::new(model, PanelKind::Oled, 42, || NOW.get())
    }

    /// Passes `millis` of time in ticks of 10 ms with the buttons at these levels.
    fn pass(device: &mut Device, millis: u64, mode: bool, act: bool) {
        for _ in 0..millis / 10 {
            NOW.set(NOW.get() + 10_000);
            device.tick(mode, act);
            device.draw().unwrap();
        }
    }

    #[test]
    fn starts_in_the_gallery_at_the_seed_and_goes_on_every_second() {
        let mut device = device(&test_models::digits());
        assert!(
            device.view().starts_with("gallery class="),
            "{}",
            device.view()
        );
        assert_eq!(device.seed(), Some(42));
        assert!(device.draw().unwrap() && !device.draw().unwrap());
        pass(&mut device, 1_010, false, false);
        assert_eq!(device.seed(), Some(43));
    }

    #[test]
    fn buttons_change_mode_and_theme() {
        let mut device = device(&test_models::digits());
        for expected in ["digit", "walk", "clock", "about", "gallery"] {
            pass(&mut device, 100, true, false);
            pass(&mut device, 100, false, false);
            assert_eq!(device.mode(), expected);
        }
        pass(&mut device, 700, true, false);
        pass(&mut device, 100, false, false);
        assert_eq!((device.mode().as_str(), device.theme()), ("gallery", 1));
    }

    #[test]
    fn another_model_keeps_mode_and_theme() {
        let [digits, _, seed] = test_models::committed();
        let mut device = device(&digits);
        assert!(device.set_mode("walk").is_ok());
        device.set_theme(2);
        device.set_model(&seed);
        assert_eq!((device.mode().as_str(), device.theme()), ("walk", 2));
        assert_eq!(device.class(), None);
        assert!(device.draw().unwrap());
    }

    #[test]
    fn shows_the_image_that_is_asked_for() {
        let mut device = device(&test_models::digits());
        device.show(Some(7), 9);
        assert_eq!(device.view(), "gallery class=7 seed=9 held=false");
        assert!(device.set_mode("clock").is_ok());
        device.show(Some(200), 13);
        assert_eq!(device.view(), "digit class=3 seed=13");
    }

    #[test]
    fn the_clock_shows_the_time_of_day() {
        let mut device = device(&test_models::digits());
        device.set_time(12 * 3600 + 34 * 60);
        assert!(device.set_mode("clock").is_ok());
        assert!(device.view().contains("to=12:34"), "{}", device.view());
    }

    #[test]
    fn the_serial_port_responds_with_the_images_of_the_model() {
        let digits = test_models::digits();
        let (mut device, mut link) = (device(&digits), Link::new());
        let request = link.hello();
        let hello = link.receive(&device.receive(&request)).unwrap();
        assert_eq!(hello.board.as_deref(), Some(BOARD));
        assert_eq!(hello.model.unwrap().crc32, digits.crc32());
        let request = link.generate(Some(3), 5);
        let response = link.receive(&device.receive(&request)).unwrap();
        let mut lab = crate::Lab::new(&digits);
        assert!(
            lab.generate(Some(3), 5)
                .is_ok_and(|pixels| Some(pixels) == response.pixels)
        );
        let request = link.generate(None, 5);
        let response = link.receive(&device.receive(&request)).unwrap();
        assert!(
            response
                .error
                .unwrap()
                .contains("needs a class from 0 to 9")
        );
    }
}
