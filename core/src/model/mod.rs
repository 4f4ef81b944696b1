//! Model files.
//!
//! In: the bytes of a file. Out: a [`Model`] whose layers borrow from them. With the feature `encode` also the way back.

mod description;
#[cfg(feature = "encode")]
mod encode;
mod error;
#[cfg(test)]
mod flips;
mod layout;
mod parse;

use core::fmt;

use heapless::Vec;

pub use description::{LatentSpec, MAX_CLASSES, MAX_LATENT, MAX_LAYERS, Metadata, Provenance};
#[cfg(feature = "encode")]
pub use encode::{LayerData, encode};
pub use error::ParseError;
pub use layout::{FORMAT_VERSION, MAGIC};

pub use crate::layers::{
    Activation, Dense, DenseShape, Layer, LayerError, LayerShape, MAX_INPUTS, MAX_SIDE,
    UpsampleConv, UpsampleConvShape,
};
use crate::{image::GrayImage, kernels};

/// Validated generator whose parameters are borrowed from the model file.
#[derive(Clone)]
pub struct Model<'a> {
    metadata: Metadata<'a>,
    layers: Vec<Layer<'a>, MAX_LAYERS>,
    file_len: usize,
    crc32: u32,
}

impl<'a> Model<'a> {
    /// Returns the name of the preset that the model was trained with.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        intact(self.metadata.name)
    }

    /// Returns the number of classes; 0 for an unconditional model.
    #[must_use]
    pub const fn class_count(&self) -> u8 {
        self.metadata.class_count
    }

    /// Returns the name of a class; `None` if the classes have no names or there is no such class.
    #[must_use]
    pub fn class_name(&self, class: u8) -> Option<&'a str> {
        self.class_names().nth(class.into())
    }

    /// Iterates over the names of the classes; empty if they have no names.
    pub fn class_names(&self) -> impl Iterator<Item = &'a str> {
        intact(self.metadata.class_names).lines()
    }

    /// Returns the class that goes with `seed` where classes are to be equally frequent, `seed % class_count`; `None` for an
    /// unconditional model.
    #[must_use]
    pub fn class_for_seed(&self, seed: u64) -> Option<u8> {
        class_for_seed(self.class_count(), seed)
    }

    /// Returns the number of latent values, the length of the slice for [`crate::Generator::generate_from_latent`].
    #[must_use]
    pub const fn latent_len(&self) -> usize {
        self.metadata.latent.len as usize
    }

    /// Fills `latent` with the latent of `seed`.
    pub fn sample_latent(&self, seed: u64, latent: &mut [i8]) {
        self.metadata.latent.distribution.sample(seed, latent);
    }

    /// Returns the multiply-accumulate operations (MACs) of one image if no input is 0. An upsampling convolution counts the
    /// 9 MACs per position and pair of channels that it executes, not the nominal 36.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(Layer::macs).sum()
    }

    /// Returns the length of the file in bytes.
    #[must_use]
    pub const fn file_len(&self) -> usize {
        self.file_len
    }

    /// Returns the CRC-32 of the file, which identifies the model.
    #[must_use]
    pub const fn crc32(&self) -> u32 {
        self.crc32
    }

    /// Returns the scratch memory that a [`crate::Generator`] needs for this model, in 32-bit words: the image and, of the
    /// layer that needs most, input and output activations and the kernel's workspace.
    #[must_use]
    pub fn scratch_len(&self) -> usize {
        let words = self.layers.iter().map(|layer| {
            let (read, written) = layer.activation_bytes();
            read.div_ceil(4) + kernels::workspace_len(layer) + written.div_ceil(4)
        });
        IMAGE_WORDS + words.max().unwrap_or_default()
    }

    /// Returns the name of the training data.
    #[must_use]
    pub const fn dataset(&self) -> &'a str {
        intact(self.metadata.provenance.dataset)
    }

    /// Returns the program and version that wrote the file.
    #[must_use]
    pub const fn tool(&self) -> &'a str {
        intact(self.metadata.provenance.tool)
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn metadata(&self) -> &Metadata<'a> {
        &self.metadata
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn latent(&self) -> LatentSpec {
        self.metadata.latent
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn provenance(&self) -> &Provenance<'a> {
        &self.metadata.provenance
    }

    #[doc(hidden)]
    #[must_use]
    pub fn layers(&self) -> &[Layer<'a>] {
        &self.layers
    }
}

/// Returns a text of the file, or `?` if a bit of it has changed in the memory since [`Model::parse`] so that it is no longer valid
/// UTF-8, which functions of `str` must not be given: they read beyond its end.
const fn intact(text: &str) -> &str {
    match str::from_utf8(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => "?",
    }
}

/// 32-bit words of the image at the start of the scratch memory.
pub(crate) const IMAGE_WORDS: usize = GrayImage::PIXELS / 4;

#[doc(hidden)]
#[must_use]
pub fn class_for_seed(class_count: u8, seed: u64) -> Option<u8> {
    // The remainder is less than a u8.
    seed.checked_rem(class_count.into())
        .and_then(|class| u8::try_from(class).ok())
}

impl fmt::Debug for Model<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("name", &self.name())
            .field("class_count", &self.class_count())
            .field("layers", &self.layers.len())
            .field("file_len", &self.file_len)
            .field("crc32", &format_args!("{:08x}", self.crc32))
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Model<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let (name, crc32) = (self.name(), self.crc32);
        defmt::write!(
            f,
            "Model {{ name: {=str}, crc32: {=u32:08x} }}",
            name,
            crc32
        );
    }
}

impl<'a> TryFrom<&'a [u8]> for Model<'a> {
    type Error = ParseError;

    fn try_from(file: &'a [u8]) -> Result<Self, ParseError> {
        Self::parse(file)
    }
}

/// Includes a model file in the program on a 4-byte boundary, like `include_bytes!`.
///
/// ```
/// static MODEL: &[u8] = thumbgan_core::include_model!("../../models/digits-nano.tgan");
/// assert!(thumbgan_core::Model::parse(MODEL).is_ok());
/// ```
#[macro_export]
macro_rules! include_model {
    ($path:expr) => {{
        #[repr(C, align(4))]
        struct Aligned<T: ?Sized>(T);
        static ALIGNED: &Aligned<[u8]> = &Aligned(*include_bytes!($path));
        &ALIGNED.0
    }};
}
