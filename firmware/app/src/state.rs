//! Where the app stands, and how keys move it.

use core::fmt;

/// Steps of the walk from one seed's digit to the next one's.
pub const STEPS: u8 = 8;

/// The five keys of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The next seed.
    Up,
    /// The previous seed.
    Down,
    /// A step back on the walk.
    Left,
    /// A step on the walk to the next seed.
    Right,
    /// The next class; another seed at random where the model has no classes.
    Select,
}

/// What the screen shows; as text `seed=42 step=3 class=- micros=12345`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The seed that the latent is drawn from.
    pub seed: u64,
    /// Steps, of [`STEPS`], on the walk from this seed's latent to the next one's: 0 to 7.
    pub step: u8,
    /// The class, for a model that has classes.
    pub class: Option<u8>,
    /// Microseconds that the digit took.
    pub micros: u32,
}

impl State {
    /// Seed 1 and, of a model with classes, class 0.
    pub(crate) fn start(classes: u8) -> Self {
        Self { seed: 1, step: 0, class: (classes > 0).then_some(0), micros: 0 }
    }

    pub(crate) fn move_to(&mut self, seed: u64, step: u8) {
        self.seed = seed;
        self.step = step;
    }

    pub(crate) fn walk_forwards(&mut self) {
        if self.step + 1 < STEPS {
            self.step += 1;
        } else {
            self.move_to(self.seed.wrapping_add(1), 0);
        }
    }

    pub(crate) fn walk_backwards(&mut self) {
        if self.step > 0 {
            self.step -= 1;
        } else {
            self.move_to(self.seed.wrapping_sub(1), STEPS - 1);
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, step, class, micros } = self;
        write!(f, "seed={seed} step={step} class={} micros={micros}", Class(*class))
    }
}

/// A class as text, `-` for none.
pub(crate) struct Class(pub Option<u8>);

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(class) => write!(f, "{class}"),
            None => f.write_str("-"),
        }
    }
}
