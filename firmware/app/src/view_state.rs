//! View state: together with the model and the panel it determines every pixel of the display.

use core::fmt;

use crate::time::Time;

/// Modes of the device, in the order in which the MODE button selects them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// New image every second.
    Gallery,
    /// Image of a selected class.
    Digit,
    /// Latent walk: continuous interpolation between latents.
    Walk,
    /// Time of day in generated digits.
    Clock,
    /// Information about the model.
    About,
}

impl Mode {
    /// All modes, in order.
    pub const ALL: [Self; 5] = [
        Self::Gallery,
        Self::Digit,
        Self::Walk,
        Self::Clock,
        Self::About,
    ];

    /// Returns the next mode.
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

/// Speed of the latent walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Frames per second, times 10.
    pub frames: u16,
    /// Microseconds per image.
    pub micros: u32,
}

/// View state. Displayed as text for the board's log, one word per field:
/// `walk class=3 seed=7 step=130 frames=312 micros=12345`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewState {
    /// Image of a class and a seed.
    Gallery {
        /// Class; `None` for an unconditional model.
        class: Option<u8>,
        /// Seed of the latent.
        seed: u64,
        /// True if the gallery is paused.
        held: bool,
    },
    /// Image of the selected class.
    Digit {
        /// Class; `None` for an unconditional model, for which the mode is not available.
        class: Option<u8>,
        /// Seed of the latent.
        seed: u64,
    },
    /// Interpolation between the latents of a seed and the next seed.
    Walk {
        /// Class; `None` for an unconditional model.
        class: Option<u8>,
        /// Seed of the first latent.
        seed: u64,
        /// Progress of the interpolation in 1/256.
        step: u8,
        /// Speed overlay, if it is on.
        rate: Option<Rate>,
    },
    /// Time of day.
    Clock {
        /// Time shown before.
        from: Time,
        /// Time that the digits change to.
        to: Time,
        /// Counter from which the digits' seeds follow.
        series: u32,
        /// Progress of the change in 1/1024; the digits change one after the other, from the left.
        step: u16,
        /// Position, 0 to 3, of the digit that is being set.
        set: Option<u8>,
        /// True if the colon is visible.
        colon: bool,
    },
    /// Information about the model.
    About {
        /// Page: 0 and 1, and 2 for the error of an invalid model region.
        page: u8,
    },
}

impl ViewState {
    /// Value of the clock's `step` when all digits have changed.
    pub const CHANGED: u16 = 1024;

    /// Page with the error of an invalid model region.
    pub(crate) const REGION_PAGE: Self = Self::About { page: 2 };

    /// Returns the mode.
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

impl fmt::Display for ViewState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.mode())?;
        match *self {
            Self::Gallery { class, seed, held } => {
                write!(f, " class={} seed={seed} held={held}", OrDash(class))
            }
            Self::Digit { class, seed } => write!(f, " class={} seed={seed}", OrDash(class)),
            Self::Walk {
                class,
                seed,
                step,
                rate,
            } => {
                let (frames, micros) = (rate.map(|rate| rate.frames), rate.map(|rate| rate.micros));
                write!(f, " class={} seed={seed} step={step}", OrDash(class))?;
                write!(f, " frames={} micros={}", OrDash(frames), OrDash(micros))
            }
            Self::Clock {
                from,
                to,
                series,
                step,
                set,
                colon,
            } => {
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

/// Optional value, displayed as `-` if absent.
pub(crate) struct OrDash<T>(pub Option<T>);

impl<T: fmt::Display> fmt::Display for OrDash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}
