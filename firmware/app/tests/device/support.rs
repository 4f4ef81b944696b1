//! Test support: small models, a device with simulated time and buttons, and a strict panel.

use std::cell::Cell;

use embedded_graphics::prelude::*;
use thumbgan_app::{App, Buttons, Canvas, Mode, SCRATCH_LEN};
use thumbgan_core::{
    GrayImage,
    graphics::GrayscaleColor,
    latent::{Distribution, SplitMix64},
    model::{
        Activation, DenseShape, LatentSpec, LayerData, LayerShape, Metadata, Provenance, encode,
    },
};

/// Widths and heights of common panels and of two unusual ones.
pub const SIZES: [(u32, u32); 14] = [
    (72, 40),
    (96, 64),
    (128, 32),
    (128, 64),
    (64, 128),
    (128, 128),
    (160, 80),
    (135, 240),
    (240, 135),
    (240, 240),
    (240, 320),
    (320, 240),
    (77, 41),
    (319, 239),
];

/// Length of the latent.
const LATENT_LEN: u16 = 16;

/// Returns a model file whose classes have no names.
pub fn model(name: &str, classes: u8) -> Vec<u8> {
    file(name, classes, "")
}

/// Returns a model file with one class per line of `class_names`.
pub fn named(name: &str, class_names: &str) -> Vec<u8> {
    file(name, class_names.lines().count() as u8, class_names)
}

/// Returns a model file with one layer of random weights from latent and classes to pixels.
fn file(name: &str, class_count: u8, class_names: &str) -> Vec<u8> {
    let inputs = LATENT_LEN + u16::from(class_count);
    let (outputs, activation) = (GrayImage::PIXELS as u16, Activation::Sigmoid);
    let shape = DenseShape {
        inputs,
        outputs,
        channels: outputs,
        shift: 20,
        activation,
    };
    let provenance = Provenance {
        dataset: "none",
        dataset_sha256: [0; 32],
        iterations: 0,
        seed: 0,
        fid: None,
        tool: "test",
    };
    let latent = LatentSpec {
        len: LATENT_LEN,
        distribution: Distribution::Uniform,
    };
    let mut random = SplitMix64::new(7);
    let mut weight = || (random.next_u64() % 255) as i16 - 127;
    let data = LayerData {
        weights: (0..usize::from(inputs) * GrayImage::PIXELS)
            .map(|_| weight() as i8)
            .collect(),
        biases: vec![0; GrayImage::PIXELS],
        multipliers: vec![2000; GrayImage::PIXELS],
    };
    encode(
        &Metadata {
            name,
            class_count,
            class_names,
            latent,
            provenance,
        },
        &[(LayerShape::Dense(shape), data)],
    )
}

thread_local! {
    /// Clock of this thread's devices in microseconds.
    static NOW: Cell<u64> = const { Cell::new(0) };
}

/// Milliseconds between two calls of [`App::tick`].
const TICK: u64 = 10;

/// MODE pressed.
pub const MODE: Buttons = Buttons {
    mode: true,
    act: false,
};
/// ACT pressed.
pub const ACT: Buttons = Buttons {
    mode: false,
    act: true,
};

/// Device whose clock advances only in [`Device::wait`] and presses.
pub struct Device<'m> {
    model: &'m [u8],
    pub app: App<'m>,
}

/// Returns scratch memory that lives as long as the test process.
pub fn scratch() -> &'static mut [u32] {
    vec![0; SCRATCH_LEN].leak()
}

impl<'m> Device<'m> {
    /// Creates a device at an arbitrary time.
    pub fn new(model: &'m [u8]) -> Self {
        NOW.set(123_456_789);
        Self {
            model,
            app: App::new(model, scratch(), || NOW.get()),
        }
    }

    /// Creates a device with a model region.
    pub fn with_region(built_in: &'m [u8], region: &'m [u8]) -> Self {
        NOW.set(123_456_789);
        Self {
            model: built_in,
            app: App::with_region(built_in, region, scratch(), || NOW.get()),
        }
    }

    /// Replaces the model region, as a board does after an upload.
    pub fn exchange(self, region: &'m [u8]) -> Self {
        let Self { model, app } = self;
        let state = app.state();
        let mut app = App::with_region(model, region, scratch(), || NOW.get());
        app.resume(state);
        Self { model, app }
    }

    /// Creates a device in a mode.
    pub fn in_mode(model: &'m [u8], mode: Mode) -> Self {
        let mut device = Self::new(model);
        device.app.set_mode(mode);
        device
    }

    /// Waits without pressing a button.
    pub fn wait(&mut self, millis: u64) {
        self.hold(Buttons::default(), millis);
    }

    /// Waits with buttons pressed.
    pub fn hold(&mut self, buttons: Buttons, millis: u64) {
        for _ in 0..millis / TICK {
            self.pass(buttons, TICK);
        }
    }

    /// Advances the clock by `millis` and calls [`App::tick`] once.
    pub fn pass(&mut self, buttons: Buttons, millis: u64) {
        NOW.set(NOW.get() + millis * 1000);
        self.app.tick(buttons);
    }

    /// Presses a button for 0.1 s and waits for 0.1 s.
    pub fn press(&mut self, buttons: Buttons) {
        self.hold(buttons, 100);
        self.wait(100);
    }

    /// Presses a button for 0.8 s and waits for 0.1 s.
    pub fn press_long(&mut self, buttons: Buttons) {
        self.hold(buttons, 800);
        self.wait(100);
    }

    /// Returns a field of the view's text.
    pub fn field(&self, name: &str) -> String {
        let view = self.app.view().to_string();
        let mut words = view.split(' ').filter_map(|word| word.split_once('='));
        words
            .find(|(field, _)| *field == name)
            .unwrap_or_else(|| panic!("no {name} in {view}"))
            .1
            .to_owned()
    }

    /// Returns all pixels of the screen, drawn by another app in the same state.
    pub fn expected_screen<C: GrayscaleColor>(&self, size: Size) -> Vec<C> {
        let mut app = App::new(self.model, scratch(), || NOW.get());
        app.set_theme(self.app.theme());
        app.show(self.app.view());
        let model = self.model;
        Self { model, app }.screen(size).all()
    }

    /// Draws the whole screen.
    pub fn screen<C: GrayscaleColor>(&mut self, size: Size) -> Canvas<C> {
        let mut panel = Canvas::new(size);
        self.app.redraw();
        self.app
            .draw(&mut panel)
            .expect("all pixels are inside of the panel");
        panel
    }
}
