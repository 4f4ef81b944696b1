//! The model file: a generator that is checked once and then borrowed from where it lies.

#[cfg(feature = "encode")]
mod encode;
mod error;
mod format;
mod layer;
mod parse;

#[cfg(feature = "encode")]
pub use encode::{LayerData, encode};
pub use error::{LayerError, ModelError};
pub use format::{
    Description, FORMAT_VERSION, Latent, MAGIC, MAX_CLASSES, MAX_INPUTS, MAX_LATENT, MAX_LAYERS, Provenance,
};
pub use layer::{Activation, Dense, DenseShape, Layer, LayerShape, MAX_SIDE, UpConv, UpConvShape};
pub(crate) use layer::{Column, Scale};

use heapless::Vec;

use crate::kernels;

/// CRC-32 as in zip and PNG: the check of model files and of golden pixels.
pub fn crc32(bytes: &[u8]) -> u32 {
    static CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    CRC.checksum(bytes)
}

/// A model that [`Model::parse`] has proved sound: running it cannot fail.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    name: &'a str,
    classes: u8,
    class_names: &'a str,
    latent: Latent,
    provenance: Provenance<'a>,
    layers: Vec<Layer<'a>, MAX_LAYERS>,
    bytes: usize,
    crc: u32,
}

impl<'a> Model<'a> {
    /// The preset it was made by.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// How many classes can be chosen from; 0 for a model that draws what it likes.
    pub const fn classes(&self) -> u8 {
        self.classes
    }

    /// The name of a class; `None` where the model names none, or has no such class.
    pub fn class_name(&self, class: u8) -> Option<&'a str> {
        self.class_names().nth(class.into())
    }

    /// The names of all classes, in order; nothing where the model names none.
    pub fn class_names(&self) -> impl Iterator<Item = &'a str> {
        self.class_names.lines()
    }

    /// What goes in.
    pub const fn latent(&self) -> Latent {
        self.latent
    }

    /// Where it comes from.
    pub const fn provenance(&self) -> &Provenance<'a> {
        &self.provenance
    }

    /// The layers from latent to pixels.
    pub fn layers(&self) -> &[Layer<'a>] {
        &self.layers
    }

    /// Size of the whole file in bytes.
    pub const fn size(&self) -> usize {
        self.bytes
    }

    /// The file's CRC-32, which tells models apart.
    pub const fn crc(&self) -> u32 {
        self.crc
    }

    /// Multiply-accumulate operations of one digit: the products that kernels have to make.
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(Layer::macs).sum()
    }

    /// The most bytes that any layer needs for its activations, in and out, and its kernel: what the `N` of a
    /// [`crate::Generator`] must hold. (The last layer writes the digit, which counts apart.)
    pub fn scratch(&self) -> usize {
        let bytes = self.layers.iter().map(|layer| {
            let (read, written) = layer.scratch();
            // The words lie between the activations, on multiples of four.
            read.next_multiple_of(4) + 4 * kernels::words(layer) + written.next_multiple_of(4)
        });
        bytes.max().unwrap_or_default()
    }
}

/// Puts a model file into the program, on a 4-byte boundary: `static BYTES: &[u8] = include_model!("x.tgan");`
#[macro_export]
macro_rules! include_model {
    ($path:expr) => {{
        #[repr(C, align(4))]
        struct Aligned<T: ?Sized>(T);
        static ALIGNED: &Aligned<[u8]> = &Aligned(*include_bytes!($path));
        &ALIGNED.0
    }};
}
