//! What is asked and answered. Adding a variant at the end is compatible; anything else is a new
//! [`crate::PROTOCOL`].

use core::fmt;

use serde::{Deserialize, Serialize};
use thumbgan_core::{InputError, Model, latent::Distribution};

/// What a computer asks of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request<'a> {
    /// Who is there? [`Answer::Hello`].
    Hello,
    /// The digit of a class and a seed: [`Answer::Digit`].
    Generate {
        /// `None` for a model without classes.
        class: Option<u8>,
        /// What the latent is drawn from.
        seed: u64,
    },
    /// The digit of a class and a latent: [`Answer::Digit`].
    GenerateLatent {
        /// `None` for a model without classes.
        class: Option<u8>,
        /// The latent's values, two's complement int8.
        latent: &'a [u8],
    },
    /// Digits one after another, of the seeds from 0 and the classes in turn: [`Answer::Bench`]. The device goes on
    /// between them, and the next request, if it comes before the answer, ends them.
    Bench {
        /// How many.
        count: u16,
    },
    /// Show this mode: [`Answer::Done`].
    SetMode(Mode),
}

/// What a board answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer<'a> {
    /// What the board is.
    Hello {
        /// Version of the firmware.
        firmware: &'a str,
        /// Its board, as `cargo xtask` calls it.
        board: &'a str,
        /// Its model; `None` when the firmware refused it, the display then says why.
        #[serde(borrow)]
        card: Option<Card<'a>>,
    },
    /// A digit.
    Digit {
        /// CRC-32 of the pixels as they lay in the board's memory.
        crc: u32,
        /// 784 greys, row by row from the top left.
        pixels: &'a [u8],
    },
    /// How long digits took.
    Bench {
        /// How many were made.
        count: u16,
        /// Ticks of the board's clock, of the generator alone.
        ticks: u64,
        /// Ticks a second.
        hertz: u32,
    },
    /// It is done.
    Done,
    /// It cannot be done.
    Refused(Refusal),
}

/// What a board's model is, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card<'a> {
    /// The preset it was made by; empty if its name is longer than 64 bytes.
    pub name: &'a str,
    /// Size of the file in bytes.
    pub bytes: u32,
    /// The file's CRC-32, which tells models apart.
    pub crc: u32,
    /// Classes to choose from; 0 for none.
    pub classes: u8,
    /// Values of the latent.
    pub latent: u16,
    /// What they are drawn from.
    pub distribution: Distribution,
    /// Name of the training data; empty if it is longer than 64 bytes.
    pub dataset: &'a str,
    /// Fréchet distance to the test images in thousandths, if it was measured.
    pub fid: Option<u32>,
}

impl<'a> From<&Model<'a>> for Card<'a> {
    fn from(model: &Model<'a>) -> Self {
        let (latent, provenance) = (model.latent(), model.provenance());
        Self {
            name: short(model.name()),
            bytes: model.size() as u32,
            crc: model.crc(),
            classes: model.classes(),
            latent: latent.length,
            distribution: latent.distribution,
            dataset: short(provenance.dataset),
            fid: provenance.fid,
        }
    }
}

/// A name that a model file gives, if an answer has room for it.
fn short(name: &str) -> &str {
    const ROOM: usize = 64;
    if name.len() > ROOM { "" } else { name }
}

/// What the device can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// A new digit each second.
    Gallery,
    /// A digit that one chooses.
    Digit,
    /// Handwriting that changes smoothly.
    Walk,
    /// The time in generated digits.
    Clock,
    /// The model's card.
    About,
}

/// Why a board does not do what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The request is of another protocol version, or nothing that this one knows.
    Unknown,
    /// The firmware refused its model.
    Model,
    /// The model has no classes, yet one was asked for.
    NoClasses,
    /// The model needs a class below `classes`.
    Class {
        /// How many classes the model has.
        classes: u8,
    },
    /// The latent is not as long as the model's.
    Latent {
        /// Values of the model's latent.
        expected: u16,
    },
}

impl From<InputError> for Refusal {
    fn from(error: InputError) -> Self {
        match error {
            InputError::NoClasses => Self::NoClasses,
            InputError::Class { classes } => Self::Class { classes },
            InputError::Latent { expected, .. } => Self::Latent { expected: expected as u16 },
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => write!(f, "the board does not know this request"),
            Self::Model => write!(f, "the board's model is broken: its display says how"),
            Self::NoClasses => write!(f, "the board's model has no classes to choose"),
            Self::Class { classes } => {
                write!(f, "the board's model needs a class from 0 to {}", classes.saturating_sub(1))
            }
            Self::Latent { expected } => write!(f, "the board's model needs a latent of {expected} values"),
        }
    }
}

impl core::error::Error for Refusal {}
