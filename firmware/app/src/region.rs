//! Choice between the model file in a region of flash memory and the one that the firmware carries.

use core::fmt;

use thumbgan_core::{Model, ParseError, ScratchError};

/// Reason why the app has no generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// Invalid model file.
    Parse(ParseError),
    /// Model that needs more scratch memory than the firmware has.
    Scratch(ScratchError),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(error) => error.fmt(f),
            Self::Scratch(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ModelError {}

/// State of a board's model region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionState {
    /// Erased, or a board without a region: the built-in model runs.
    Empty,
    /// Valid model file, which runs.
    Used,
    /// Content that cannot run; the built-in model runs.
    Invalid(ModelError),
}

/// Parses the model file at the start of `bytes` and checks that it runs in `scratch_len` words of scratch memory.
///
/// # Errors
/// [`ModelError`] for an invalid file or one that needs more scratch memory.
pub fn check_model(bytes: &[u8], scratch_len: usize) -> Result<Model<'_>, ModelError> {
    let model = Model::parse_prefix(bytes).map_err(ModelError::Parse)?;
    let needed = model.scratch_len();
    if needed > scratch_len {
        return Err(ModelError::Scratch(ScratchError {
            needed,
            available: scratch_len,
        }));
    }
    Ok(model)
}

/// Chooses the model of `region` if that holds a valid file, otherwise the one of `built_in`.
pub fn choose<'m>(
    region: &'m [u8],
    built_in: &'m [u8],
    scratch_len: usize,
) -> (Result<Model<'m>, ModelError>, RegionState) {
    let built_in = || Model::parse(built_in).map_err(ModelError::Parse);
    if is_erased(region) {
        return (built_in(), RegionState::Empty);
    }
    match check_model(region, scratch_len) {
        Ok(model) => (Ok(model), RegionState::Used),
        Err(error) => (built_in(), RegionState::Invalid(error)),
    }
}

/// Returns true for bytes as an erased flash has them: ones on most chips, zeros on a few and on QEMU's.
fn is_erased(bytes: &[u8]) -> bool {
    [u8::MAX, 0]
        .iter()
        .any(|erased| bytes.iter().all(|byte| byte == erased))
}
