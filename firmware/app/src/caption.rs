//! Captions: contents of the lines of text of a view.

use core::fmt;

use thumbgan_core::Model;

use crate::view_state::{Mode, OrDash, Rate, ViewState};

/// Line of text as data, which is cheaper to compare than text. `Display` formats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caption<'m> {
    /// Fixed text, a name from the model, or nothing.
    Text(&'m str),
    /// Mode.
    Mode(Mode),
    /// Seed of the latent.
    Seed(u64),
    /// Class.
    Class(Option<u8>),
    /// Frames per second, times 10.
    FrameRate(u16),
    /// Microseconds per image.
    Duration(u32),
    /// FID, times 1000.
    Fid(Option<u32>),
    /// Size of the model file in bytes.
    FileSize(usize),
    /// CRC-32 of the model file.
    Crc(u32),
    /// Number of classes.
    ClassCount(u8),
    /// Number of training iterations.
    Iterations(u32),
    /// Seed of the training.
    TrainingSeed(u64),
}

impl<'m> Caption<'m> {
    /// Returns the caption at `index` of a view. The classes are `named` if they have names other than the class numbers.
    pub fn new(view: ViewState, index: usize, model: &Model<'m>, named: bool) -> Self {
        let provenance = model.provenance();
        match (view, index) {
            (ViewState::Digit { .. }, 0) if named => Self::Text("class"),
            (ViewState::About { page: 0 }, 0) => Self::Text(model.name()),
            (ViewState::About { page: 0 }, 1) => Self::Fid(provenance.fid),
            (ViewState::About { page: 0 }, 2) => Self::FileSize(model.file_len()),
            (ViewState::About { page: 0 }, 3) => Self::Crc(model.crc32()),
            (ViewState::About { page: 0 }, 4) => Self::ClassCount(model.class_count()),
            (ViewState::About { page: 0 }, _) => Self::Text(""),
            (ViewState::About { .. }, 0) => Self::Text(model.dataset()),
            (ViewState::About { .. }, 1) => Self::Iterations(provenance.iterations),
            (ViewState::About { .. }, 2) => Self::TrainingSeed(provenance.seed),
            (ViewState::About { .. }, 3) => Self::Text(model.tool()),
            (_, 0) => Self::Mode(view.mode()),
            (
                ViewState::Gallery { seed, .. }
                | ViewState::Digit { seed, .. }
                | ViewState::Walk { seed, .. },
                1,
            ) => Self::Seed(seed),
            (
                ViewState::Gallery { class, .. }
                | ViewState::Digit { class, .. }
                | ViewState::Walk { class, .. },
                2,
            ) => Self::Class(class),
            (ViewState::Gallery { held: true, .. }, 3) => Self::Text("held"),
            (
                ViewState::Walk {
                    rate: Some(Rate { frames, .. }),
                    ..
                },
                3,
            ) => Self::FrameRate(frames),
            (
                ViewState::Walk {
                    rate: Some(Rate { micros, .. }),
                    ..
                },
                4,
            ) => Self::Duration(micros),
            _ => Self::Text(""),
        }
    }
}

impl fmt::Display for Caption<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Text(text) => f.write_str(text),
            Self::Mode(mode) => write!(f, "{mode}"),
            Self::Seed(seed) => write!(f, "#{seed}"),
            Self::Class(class) => write!(f, "class {}", OrDash(class)),
            Self::FrameRate(frames) => write!(f, "{}.{}/s", frames / 10, frames % 10),
            Self::Duration(micros @ 0..1000) => write!(f, "{micros} us"),
            Self::Duration(micros) => write!(f, "{}.{} ms", micros / 1000, micros / 100 % 10),
            Self::Fid(Some(fid)) => write!(f, "FID {}.{:02}", fid / 1000, fid % 1000 / 10),
            Self::Fid(None) => write!(f, "FID unknown"),
            Self::FileSize(bytes) => write!(f, "{bytes} bytes"),
            Self::Crc(crc) => write!(f, "CRC {crc:08x}"),
            Self::ClassCount(count) => write!(f, "{count} classes"),
            Self::Iterations(iterations) => write!(f, "{iterations} steps"),
            Self::TrainingSeed(seed) => write!(f, "seed {seed}"),
        }
    }
}
