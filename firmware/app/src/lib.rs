//! The device without its chip: keys go in, digits appear on any 128x64 `DrawTarget`.
//!
//! A board's program loops over [`App::generate`], [`App::draw`] and [`App::press`]; pins, clocks and the
//! display's driver stay there. A broken model is not a crash but a screen that says what is wrong with it.
#![no_std]
#![forbid(unsafe_code)]

mod screen;
mod state;
mod text;

use embedded_graphics::prelude::*;
use heapless::Vec;
use thumbgan_core::{
    Fitting, Generator, Ink, InputError, Model, ModelError, SCRATCH,
    latent::{self, SplitMix64},
    model::MAX_LATENT,
};

pub use state::{Key, STEPS, State};

/// Width of the display in pixels.
pub const WIDTH: u32 = 128;
/// Height of the display in pixels.
pub const HEIGHT: u32 = 64;

/// Seeds that [`Key::Select`] picks from, when there is no class to choose.
const SEEDS: u64 = 100_000;

/// A running generator, or the error to show in its place.
#[derive(Clone, Debug)]
pub struct App<'m> {
    generator: Result<Generator<'m, SCRATCH>, ModelError>,
    state: State,
}

impl<'m> App<'m> {
    /// An app for the model file `model`, at seed 1; a bad file becomes the error screen.
    pub fn new(model: &'m [u8]) -> Self {
        match Model::parse(model).and_then(Fitting::new) {
            Ok(model) => {
                let generator = Generator::from(model);
                Self { state: State::start(generator.model().classes()), generator: Ok(generator) }
            }
            Err(error) => Self { state: State::start(0), generator: Err(error) },
        }
    }

    /// Does what `key` says; [`App::generate`] then makes its digit.
    pub fn press(&mut self, key: Key) {
        let Ok(generator) = &self.generator else { return };
        let state = &mut self.state;
        match (key, state.class) {
            (Key::Up, _) => state.move_to(state.seed.wrapping_add(1), 0),
            (Key::Down, _) => state.move_to(state.seed.wrapping_sub(1), 0),
            (Key::Right, _) => state.walk_forwards(),
            (Key::Left, _) => state.walk_backwards(),
            (Key::Select, Some(class)) => {
                let next = class.saturating_add(1);
                state.class = Some(if next < generator.model().classes() { next } else { 0 });
            }
            (Key::Select, None) => state.move_to(SplitMix64::new(state.seed).next_u64() % SEEDS, 0),
        }
    }

    /// Makes the digit of the current state.
    pub fn generate(&mut self) {
        let Ok(generator) = &mut self.generator else { return };
        let made = make(generator, self.state);
        debug_assert_eq!(made, Ok(()), "class and latent are the model's own");
    }

    /// Notes how many microseconds [`App::generate`] took, for the screen.
    pub fn set_micros(&mut self, micros: u32) {
        self.state.micros = micros;
    }

    /// Where the app stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The model that runs; `None` when it was refused.
    pub fn model(&self) -> Option<&Model<'m>> {
        self.generator.as_ref().ok().map(Generator::model)
    }

    /// The generator, to be used for something else between two screens; `None` when the model was refused.
    pub fn generator(&mut self) -> Option<&mut Generator<'m, SCRATCH>> {
        self.generator.as_mut().ok()
    }

    /// Why there are no digits, if there are none.
    pub fn error(&self) -> Option<ModelError> {
        self.generator.as_ref().err().copied()
    }

    /// Draws the whole screen, [`WIDTH`] x [`HEIGHT`] from (0, 0).
    ///
    /// # Errors
    /// Those of the target alone.
    pub fn draw<D>(&self, target: &mut D) -> Result<(), D::Error>
    where
        D: DrawTarget,
        D::Color: Ink,
    {
        match &self.generator {
            Ok(generator) => screen::running(generator, self.state, target),
            Err(error) => screen::broken(*error, target),
        }
    }
}

/// The digit of `state`: of its seed, or between it and the next one.
fn make(generator: &mut Generator<'_, SCRATCH>, state: State) -> Result<(), InputError> {
    if state.step == 0 {
        return generator.generate(state.class, state.seed).map(drop);
    }
    let latent = generator.model().latent();
    let draw = |seed| {
        let mut values = Vec::<i8, MAX_LATENT>::new();
        // It fits: a model's latent is no longer.
        let _ = values.resize_default(usize::from(latent.length));
        latent.distribution.draw(seed, &mut values);
        values
    };
    let (from, to) = (draw(state.seed), draw(state.seed.wrapping_add(1)));
    let mut between = from.clone();
    latent::slerp(&from, &to, f32::from(state.step) / f32::from(STEPS), &mut between);
    generator.generate_latent(state.class, &between).map(drop)
}
