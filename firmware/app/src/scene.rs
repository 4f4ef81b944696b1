//! What is on the screen: with the model and the panel's size, all that a picture follows from.

use core::fmt;

use crate::time::Time;

/// What the device can do, in the order in which its button goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A new digit each second.
    Gallery,
    /// A digit that one chooses.
    Digit,
    /// Handwriting that changes smoothly.
    Walk,
    /// The time of day in generated digits.
    Clock,
    /// What there is to know of the model.
    About,
}

impl Mode {
    /// Every mode, in order.
    pub const ALL: [Self; 5] = [Self::Gallery, Self::Digit, Self::Walk, Self::Clock, Self::About];

    /// The mode after this one.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Gallery => Self::Digit,
            Self::Digit => Self::Walk,
            Self::Walk => Self::Clock,
            Self::Clock => Self::About,
            Self::About => Self::Gallery,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gallery => "gallery",
            Self::Digit => "digit",
            Self::Walk => "walk",
            Self::Clock => "clock",
            Self::About => "about",
        })
    }
}

/// How fast the walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tenths of frames a second.
    pub frames: u16,
    /// Microseconds that a digit takes.
    pub micros: u32,
}

/// What is on the screen. As text, for the board's reports, one word for each field:
/// `walk class=3 seed=7 step=130 frames=312 micros=12345`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// The digit of a class and a seed.
    Gallery {
        /// The class, for a model that has classes.
        class: Option<u8>,
        /// The seed that the latent is drawn from.
        seed: u64,
        /// Whether it stays.
        held: bool,
    },
    /// The digit that was chosen.
    Digit {
        /// The class; `None` where the model has none, which the screen then says.
        class: Option<u8>,
        /// The seed that the latent is drawn from.
        seed: u64,
    },
    /// A digit on the way from a seed's latent to the next seed's.
    Walk {
        /// The class, for a model that has classes.
        class: Option<u8>,
        /// The seed that the way begins at.
        seed: u64,
        /// How much of the way is behind, of 256.
        step: u8,
        /// The overlay, if it is on.
        rate: Option<Rate>,
    },
    /// The time of day.
    Clock {
        /// What was shown before.
        from: Time,
        /// What it changes to.
        to: Time,
        /// How often the handwriting has changed.
        series: u32,
        /// How much of the change is done, of 1024: a quarter for each digit, from the left.
        step: u16,
        /// The place, 0 to 3, of the digit that is being set.
        set: Option<u8>,
        /// Whether the colon is lit.
        colon: bool,
    },
    /// The model's card.
    About {
        /// Its page, 0 or 1.
        page: u8,
    },
}

impl Scene {
    /// Of a clock's digits that have changed.
    pub const CHANGED: u16 = 1024;

    /// The mode that it belongs to.
    pub const fn mode(&self) -> Mode {
        match self {
            Self::Gallery { .. } => Mode::Gallery,
            Self::Digit { .. } => Mode::Digit,
            Self::Walk { .. } => Mode::Walk,
            Self::Clock { .. } => Mode::Clock,
            Self::About { .. } => Mode::About,
        }
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.mode())?;
        match *self {
            Self::Gallery { class, seed, held } => {
                write!(f, " class={} seed={seed} held={held}", OrDash(class))
            }
            Self::Digit { class, seed } => write!(f, " class={} seed={seed}", OrDash(class)),
            Self::Walk { class, seed, step, rate } => {
                let (frames, micros) = (rate.map(|rate| rate.frames), rate.map(|rate| rate.micros));
                write!(f, " class={} seed={seed} step={step}", OrDash(class))?;
                write!(f, " frames={} micros={}", OrDash(frames), OrDash(micros))
            }
            Self::Clock { from, to, series, step, set, colon } => {
                write!(
                    f,
                    " from={from} to={to} series={series} step={step} set={} colon={colon}",
                    OrDash(set)
                )
            }
            Self::About { page } => write!(f, " page={page}"),
        }
    }
}

/// A value as text, `-` for none.
pub(crate) struct OrDash<T>(pub Option<T>);

impl<T: fmt::Display> fmt::Display for OrDash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}
