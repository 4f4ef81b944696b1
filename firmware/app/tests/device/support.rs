//! Small models, a device whose time and buttons are the test's, and a strict panel to draw on.

use std::cell::Cell;

use embedded_graphics::{prelude::*, primitives::Rectangle};
use thumbgan_app::{App, Buttons, Mode};
use thumbgan_core::{
    GrayscaleColor, PIXELS,
    latent::{Distribution, SplitMix64},
    model::{
        Activation, DenseShape, Description, Latent, LayerData, LayerShape, Provenance, encode,
    },
};

/// Width and height of panels that people have, and some that nobody has.
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

const LATENT: u16 = 16;

/// A model file whose classes have no names.
pub fn model(name: &str, classes: u8) -> Vec<u8> {
    file(name, classes, "")
}

/// A model file with a class for each line of `class_names`.
pub fn named(name: &str, class_names: &str) -> Vec<u8> {
    file(name, class_names.lines().count() as u8, class_names)
}

/// A model file with random weights: one layer, its inputs 16 latents and `classes`.
fn file(name: &str, classes: u8, class_names: &str) -> Vec<u8> {
    let inputs = LATENT + u16::from(classes);
    let (outputs, activation) = (PIXELS as u16, Activation::Sigmoid);
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
    let latent = Latent {
        length: LATENT,
        distribution: Distribution::Uniform,
    };
    let layers = [LayerShape::Dense(shape)].into_iter().collect();
    let mut random = SplitMix64::new(7);
    let mut weight = || (random.next_u64() % 255) as i16 - 127;
    let data = LayerData {
        weights: (0..usize::from(inputs) * PIXELS)
            .map(|_| weight() as i8)
            .collect(),
        biases: vec![0; PIXELS],
        multipliers: vec![2000; PIXELS],
    };
    encode(
        &Description {
            name,
            classes,
            class_names,
            latent,
            provenance,
            layers,
        },
        &[data],
    )
}

thread_local! {
    /// Microseconds by the clock of this thread's devices.
    static NOW: Cell<u64> = const { Cell::new(0) };
}

/// Milliseconds between two ticks.
const TICK: u64 = 10;

/// MODE alone.
pub const MODE: Buttons = Buttons {
    mode: true,
    act: false,
};
/// ACT alone.
pub const ACT: Buttons = Buttons {
    mode: false,
    act: true,
};

/// A device that is at hand: its clock stands still but for [`Device::wait`] and presses.
pub struct Device<'m> {
    pub app: App<'m>,
}

impl<'m> Device<'m> {
    /// Turned on at no particular moment, a second ago.
    pub fn new(model: &'m [u8]) -> Self {
        NOW.set(123_456_789);
        Self {
            app: App::new(model, || NOW.get()),
        }
    }

    /// In this mode.
    pub fn in_mode(model: &'m [u8], mode: Mode) -> Self {
        let mut device = Self::new(model);
        device.app.set_mode(mode);
        device
    }

    /// Lets time pass without touching a button.
    pub fn wait(&mut self, millis: u64) {
        self.hold(Buttons::default(), millis);
    }

    /// Lets time pass with buttons down.
    pub fn hold(&mut self, buttons: Buttons, millis: u64) {
        for _ in 0..millis / TICK {
            self.pass(buttons, TICK);
        }
    }

    /// One tick after so many milliseconds.
    pub fn pass(&mut self, buttons: Buttons, millis: u64) {
        NOW.set(NOW.get() + millis * 1000);
        self.app.tick(buttons);
    }

    /// Presses a button for a tenth of a second; 0.2 s pass.
    pub fn press(&mut self, buttons: Buttons) {
        self.hold(buttons, 100);
        self.wait(100);
    }

    /// Presses a button for 0.8 s; 0.9 s pass.
    pub fn press_long(&mut self, buttons: Buttons) {
        self.hold(buttons, 800);
        self.wait(100);
    }

    /// The words after the mode in the view's report.
    pub fn field(&self, name: &str) -> String {
        let view = self.app.view().to_string();
        let mut words = view.split(' ').filter_map(|word| word.split_once('='));
        words
            .find(|(field, _)| *field == name)
            .unwrap_or_else(|| panic!("no {name} in {view}"))
            .1
            .to_owned()
    }

    /// All pixels of the screen, drawn by an app of its own: this one's next drawing is what it would have been.
    pub fn clone_screen<C: GrayscaleColor>(&self, size: Size) -> Vec<C> {
        Self {
            app: self.app.clone(),
        }
        .screen(size)
        .all()
    }

    /// All of the screen, drawn anew.
    pub fn screen<C: GrayscaleColor>(&mut self, size: Size) -> Panel<C> {
        let mut panel = Panel::new(size);
        self.app.redraw();
        self.app
            .draw(&mut panel)
            .expect("everything is drawn on the panel");
        panel
    }
}

/// A display of any size that refuses pixels beside it and knows which it has never been given.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel<C> {
    pub size: Size,
    pub pixels: Vec<Option<C>>,
    /// Pixels that it takes before it fails.
    pub patience: usize,
}

impl<C: PixelColor> Panel<C> {
    pub fn new(size: Size) -> Self {
        Self {
            size,
            pixels: vec![None; (size.width * size.height) as usize],
            patience: usize::MAX,
        }
    }

    /// The pixels of `area`, row by row.
    pub fn area(&self, area: Rectangle) -> Vec<C> {
        let place = |at: Point| at.y as usize * self.size.width as usize + at.x as usize;
        area.points()
            .map(|at| self.pixels[place(at)].expect("nothing is left undrawn"))
            .collect()
    }

    /// All pixels.
    pub fn all(&self) -> Vec<C> {
        self.area(self.bounding_box())
    }
}

/// Why a panel takes no pixel.
#[derive(Debug, PartialEq)]
pub enum ErrorResponse {
    Beside(Point),
    OutOfPatience,
}

impl<C> OriginDimensions for Panel<C> {
    fn size(&self) -> Size {
        self.size
    }
}

impl<C: PixelColor> DrawTarget for Panel<C> {
    type Color = C;
    type Error = ErrorResponse;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), ErrorResponse> {
        for Pixel(at, color) in pixels {
            if !self.bounding_box().contains(at) {
                return Err(ErrorResponse::Beside(at));
            }
            self.patience = self
                .patience
                .checked_sub(1)
                .ok_or(ErrorResponse::OutOfPatience)?;
            self.pixels[at.y as usize * self.size.width as usize + at.x as usize] = Some(color);
        }
        Ok(())
    }
}
