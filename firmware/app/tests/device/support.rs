//! Small models and a strict panel to draw on.

use std::fmt;

use embedded_graphics::{pixelcolor::Gray8, prelude::*};
use thumbgan_app::{App, HEIGHT, Key, WIDTH};
use thumbgan_core::{
    PIXELS,
    latent::{Distribution, SplitMix64},
    model::{Activation, DenseShape, Description, Latent, LayerData, LayerShape, Provenance, encode},
};

const LATENT: u16 = 16;

/// A model file with random weights: one layer, its inputs 16 latents and `classes`.
pub fn model(name: &str, classes: u8) -> Vec<u8> {
    let inputs = LATENT + u16::from(classes);
    let (outputs, activation) = (PIXELS as u16, Activation::Sigmoid);
    let shape = DenseShape { inputs, outputs, channels: outputs, shift: 20, activation };
    let provenance = Provenance {
        dataset: "none",
        dataset_sha256: [0; 32],
        iterations: 0,
        seed: 0,
        fid: None,
        tool: "test",
    };
    let latent = Latent { length: LATENT, distribution: Distribution::Uniform };
    let layers = [LayerShape::Dense(shape)].into_iter().collect();
    let mut random = SplitMix64::new(7);
    let mut weight = || (random.next_u64() % 255) as i16 - 127;
    let data = LayerData {
        weights: (0..usize::from(inputs) * PIXELS).map(|_| weight() as i8).collect(),
        biases: vec![0; PIXELS],
        multipliers: vec![2000; PIXELS],
    };
    encode(&Description { name, classes, latent, provenance, layers }, &[data])
}

/// A running app for `model`, its first digit made.
pub fn start(model: &[u8]) -> App<'_> {
    let mut app = App::new(model);
    app.generate();
    app
}

/// Presses `keys` one after the other, as a board does.
pub fn press(app: &mut App<'_>, keys: &[Key]) {
    for &key in keys {
        app.press(key);
        app.generate();
    }
}

/// A display that refuses pixels beside it.
#[derive(Clone, PartialEq)]
pub struct Panel([[u8; WIDTH as usize]; HEIGHT as usize]);

impl Panel {
    /// What `app` shows. Before, the panel was grey: what the app does not clear would stay so.
    pub fn of(app: &App<'_>) -> Self {
        let mut panel = Self([[99; WIDTH as usize]; HEIGHT as usize]);
        app.draw(&mut panel).expect("everything is drawn on the panel");
        panel
    }

    /// The greys of the columns `from..to` in the rows `top..bottom`, row by row.
    pub fn area(&self, (from, to): (usize, usize), (top, bottom): (usize, usize)) -> Vec<u8> {
        self.0[top..bottom].iter().flat_map(|row| &row[from..to]).copied().collect()
    }

    /// Everything right of the digit.
    pub fn text(&self) -> Vec<u8> {
        self.area((60, WIDTH as usize), (0, HEIGHT as usize))
    }
}

impl fmt::Debug for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.0 {
            let row: String = row.iter().map(|grey| [' ', '.', '+', '#'][usize::from(grey / 64)]).collect();
            writeln!(f, "{}", row.trim_end())?;
        }
        Ok(())
    }
}

impl OriginDimensions for Panel {
    fn size(&self) -> Size {
        Size::new(WIDTH, HEIGHT)
    }
}

/// A pixel that would lie beside the panel.
#[derive(Debug)]
pub struct Beside(#[expect(dead_code, reason = "said when a test fails")] Point);

impl DrawTarget for Panel {
    type Color = Gray8;
    type Error = Beside;

    fn draw_iter<I: IntoIterator<Item = Pixel<Gray8>>>(&mut self, pixels: I) -> Result<(), Beside> {
        for Pixel(at, colour) in pixels {
            let row = usize::try_from(at.y).ok().and_then(|y| self.0.get_mut(y)).ok_or(Beside(at))?;
            *usize::try_from(at.x).ok().and_then(|x| row.get_mut(x)).ok_or(Beside(at))? = colour.luma();
        }
        Ok(())
    }
}
