//! Requests and responses.
//!
//! Adding a variant at the end is compatible; any other change needs a new [`crate::PROTOCOL_VERSION`].

use core::fmt;

use serde::{Deserialize, Serialize};
use thumbgan_core::{GenerateError, Model, latent::Distribution};

/// Request from a host to a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request<'a> {
    /// Identification. Response: [`Response::Hello`].
    Hello,
    /// Image of a class and a seed. Response: [`Response::Image`].
    Generate {
        /// Class; `None` for an unconditional model.
        class: Option<u8>,
        /// Seed of the latent.
        seed: u64,
    },
    /// Image of a class and a latent. Response: [`Response::Image`].
    GenerateFromLatent {
        /// Class; `None` for an unconditional model.
        class: Option<u8>,
        /// Latent, int8 in two's complement.
        latent: &'a [u8],
    },
    /// Benchmark: images of the seeds from 0 on, with the class of each seed. Response: [`Response::Bench`]. The device keeps
    /// running between the images; another request before the response cancels the benchmark.
    Bench {
        /// Number of images.
        count: u16,
    },
    /// Selection of a mode. Response: [`Response::Done`].
    SetMode(Mode),
    /// Description of the model region. Response: [`Response::Region`].
    Region,
    /// Start of an upload into the model region: the model that is there is erased, and the built-in one runs until the end of
    /// the upload. Response: [`Response::Done`].
    BeginUpload {
        /// Length of the model file in bytes.
        file_len: u32,
    },
    /// Block of the file that is being uploaded: [`crate::BLOCK_LEN`] bytes, or the rest at its end. The blocks follow in the
    /// order of their offsets, except that the first one is the last one to be written. A repeated block is ignored. Response:
    /// [`Response::Done`].
    WriteBlock {
        /// Offset of the block in the file.
        offset: u32,
        /// Content.
        bytes: &'a [u8],
    },
    /// End of an upload: the board validates the file in its flash and runs it. Response: [`Response::Done`].
    CommitUpload {
        /// CRC-32 of the file.
        crc32: u32,
    },
}

/// Response of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response<'a> {
    /// Identification of the board.
    Hello {
        /// Version of the firmware.
        firmware: &'a str,
        /// Name of the board in the board table.
        board: &'a str,
        /// Information about the model; `None` if it is invalid, in which case the display shows the error.
        #[serde(borrow)]
        model: Option<ModelInfo<'a>>,
    },
    /// Generated image.
    Image {
        /// CRC-32 of the pixels in the board's memory.
        crc32: u32,
        /// 784 pixels, row by row from the top left.
        pixels: &'a [u8],
    },
    /// Result of a benchmark.
    Bench {
        /// Number of images.
        count: u16,
        /// Time of the generator in ticks of the board's clock.
        ticks: u64,
        /// Ticks per second.
        hertz: u32,
    },
    /// Success without a result.
    Done,
    /// The request failed.
    Error(ErrorResponse),
    /// Description of the model region.
    Region {
        /// Length of the region in bytes; 0 on a board without one.
        capacity: u32,
        /// True if the board can write its flash.
        is_writable: bool,
        /// Scratch memory for a model in 32-bit words.
        scratch_len: u32,
        /// Use of the region.
        status: RegionStatus,
        /// Error of an invalid region; empty otherwise.
        error: &'a str,
    },
}

/// Use of a board's model region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegionStatus {
    /// Erased: the built-in model runs.
    Empty,
    /// Valid: its model runs.
    Used,
    /// Invalid: the built-in model runs.
    Invalid,
    /// Being written: the built-in model runs.
    Uploading,
}

/// Summary of a board's model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo<'a> {
    /// Name of the preset; empty if it is longer than 64 bytes.
    pub name: &'a str,
    /// Length of the file in bytes.
    pub file_len: u32,
    /// CRC-32 of the file.
    pub crc32: u32,
    /// Number of classes; 0 for an unconditional model.
    pub class_count: u8,
    /// Number of latent values.
    pub latent_len: u16,
    /// Distribution of the latent.
    pub distribution: Distribution,
    /// Name of the training data; empty if it is longer than 64 bytes.
    pub dataset: &'a str,
    /// FID of the int8 images in thousandths, if it was measured.
    pub fid: Option<u32>,
}

impl<'a> From<&Model<'a>> for ModelInfo<'a> {
    fn from(model: &Model<'a>) -> Self {
        let (latent, provenance) = (model.latent(), model.provenance());
        Self {
            name: short(model.name()),
            file_len: model.file_len() as u32,
            crc32: model.crc32(),
            class_count: model.class_count(),
            latent_len: latent.len,
            distribution: latent.distribution,
            dataset: short(model.dataset()),
            fid: provenance.fid,
        }
    }
}

/// Returns a name of a model file, or an empty string if it exceeds the space in a response.
fn short(name: &str) -> &str {
    const MAX_LEN: usize = 64;
    if name.len() > MAX_LEN { "" } else { name }
}

/// Mode of the device on the wire. The same modes as those of `thumbgan_app`, with which a test compares them; hosts do not
/// depend on the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// New image every second.
    Gallery,
    /// Image of a selected class.
    Digit,
    /// Latent walk.
    Walk,
    /// Time of day in generated digits.
    Clock,
    /// Information about the model.
    About,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 5] = [
        Self::Gallery,
        Self::Digit,
        Self::Walk,
        Self::Clock,
        Self::About,
    ];
}

/// Reason why a board rejects a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorResponse {
    /// Request of another protocol version, or unknown request.
    UnknownRequest,
    /// Invalid model in the firmware.
    InvalidModel,
    /// Class given for an unconditional model.
    Unconditional,
    /// Class missing or out of range.
    Class {
        /// Number of classes of the model.
        class_count: u8,
    },
    /// Latent of the wrong length.
    LatentLength {
        /// Latent length of the model.
        expected: u16,
    },
    /// Upload to a board that cannot write its flash.
    ReadOnly,
    /// File that is longer than the model region.
    TooLarge {
        /// Length of the region in bytes.
        capacity: u32,
    },
    /// Block or commit without an upload in progress.
    NoUpload,
    /// Block of another length or offset than the next one, or commit before the last block.
    UnexpectedBlock,
    /// Flash that does not have the written content.
    FlashFailed,
    /// File in the flash that is invalid, needs too much scratch memory or has another CRC-32 than the one that was sent.
    InvalidUpload,
}

impl From<GenerateError> for ErrorResponse {
    fn from(error: GenerateError) -> Self {
        match error {
            GenerateError::Unconditional => Self::Unconditional,
            GenerateError::ClassMissing { class_count }
            | GenerateError::ClassOutOfRange { class_count, .. } => Self::Class { class_count },
            GenerateError::LatentLength { expected, .. } => Self::LatentLength {
                expected: expected as u16,
            },
            _ => Self::UnknownRequest,
        }
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRequest => write!(f, "the board does not know this request"),
            Self::InvalidModel => {
                write!(
                    f,
                    "the board's model is invalid; its display shows the error"
                )
            }
            Self::Unconditional => write!(
                f,
                "the board's model is unconditional: it has no classes, so the class must be omitted"
            ),
            Self::Class { class_count } => {
                write!(
                    f,
                    "the board's model needs a class from 0 to {}",
                    class_count.saturating_sub(1)
                )
            }
            Self::LatentLength { expected } => {
                write!(f, "the board's model needs a latent of {expected} values")
            }
            Self::ReadOnly => write!(f, "the board cannot write its flash"),
            Self::TooLarge { capacity } => {
                write!(
                    f,
                    "the file is longer than the board's model region of {capacity} bytes"
                )
            }
            Self::NoUpload => write!(
                f,
                "no upload is in progress: the board was restarted or has waited too long; upload the file again"
            ),
            Self::UnexpectedBlock => {
                write!(f, "a part of the upload is missing; upload the file again")
            }
            Self::FlashFailed => write!(
                f,
                "the board's flash does not keep what is written; upload the file again, and if that fails again, the \
                 flash is worn out"
            ),
            Self::InvalidUpload => write!(
                f,
                "the board rejects the uploaded file and runs its built-in model; check that the firmware reads this version \
                 of model files, then upload it again"
            ),
        }
    }
}

impl core::error::Error for ErrorResponse {}
