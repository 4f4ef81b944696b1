//! Forward pass of a model: class and latent in, image out, in integer arithmetic only.

use core::fmt;

use crate::{
    arithmetic::INT8_MAX,
    image::GrayImage,
    kernels, latent,
    layers::Requantizer,
    model::{Activation, IMAGE_WORDS, Layer, MAX_LATENT, Model},
};

/// Model together with the memory to run it.
///
/// The memory belongs to the caller. The parameters stay where the model file lies, usually in flash.
///
/// ```
/// use thumbgan_core::{Generator, Model, include_model};
///
/// static MODEL: &[u8] = include_model!("../models/digits-nano.tgan");
///
/// let model = Model::parse(MODEL)?;
/// let mut scratch = [0; 1600];
/// let mut generator = Generator::new(model, &mut scratch)?;
/// let seven = generator.generate(Some(7), 42)?;
/// assert_eq!(seven.pixels().len(), 784);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Generator<'a> {
    model: Model<'a>,
    image: &'a mut GrayImage,
    /// Activations and workspace: layers alternate between its ends.
    arena: &'a mut [i8],
}

/// Scratch memory smaller than [`Model::scratch_len`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ScratchError {
    /// Length that the model needs, in 32-bit words.
    pub needed: usize,
    /// Length of the given slice, in 32-bit words.
    pub available: usize,
}

/// Reason why an image was not generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum GenerateError {
    /// Class given for an unconditional model.
    Unconditional,
    /// No class given for a conditional model.
    ClassMissing {
        /// Number of classes of the model.
        class_count: u8,
    },
    /// Class that the model does not have.
    ClassOutOfRange {
        /// Class that was given.
        class: u8,
        /// Number of classes of the model.
        class_count: u8,
    },
    /// Latent of the wrong length.
    LatentLength {
        /// Latent length of the model.
        expected: usize,
        /// Length of the given latent.
        found: usize,
    },
}

impl<'a> Generator<'a> {
    /// Creates a generator that works in `scratch`, 32-bit words of any content.
    ///
    /// # Errors
    /// [`ScratchError`] if `scratch` is shorter than [`Model::scratch_len`].
    pub fn new(model: Model<'a>, scratch: &'a mut [u32]) -> Result<Self, ScratchError> {
        let (needed, available) = (model.scratch_len(), scratch.len());
        let error = ScratchError { needed, available };
        if available < needed {
            return Err(error);
        }
        let (image, arena) = scratch.split_at_mut_checked(IMAGE_WORDS).ok_or(error)?;
        let pixels = bytemuck::cast_slice_mut(image)
            .first_chunk_mut()
            .ok_or(error)?;
        let image = GrayImage::from_pixels_mut(pixels);
        image.pixels_mut().fill(0);
        Ok(Self {
            model,
            image,
            arena: bytemuck::cast_slice_mut(arena),
        })
    }

    /// Returns the model.
    #[must_use]
    pub const fn model(&self) -> &Model<'a> {
        &self.model
    }

    /// Returns the image that was generated last; all background at first.
    #[must_use]
    pub const fn image(&self) -> &GrayImage {
        self.image
    }

    /// Generates the image of a class and a seed.
    ///
    /// # Errors
    /// [`GenerateError`] if `class` is not one of the model's, is missing, or is given for an unconditional model.
    pub fn generate(&mut self, class: Option<u8>, seed: u64) -> Result<&GrayImage, GenerateError> {
        self.generate_with_progress(class, seed, |_| {})
    }

    /// Generates like [`Self::generate`], calling `done` with the index of each layer after it.
    ///
    /// # Errors
    /// [`GenerateError`] as for [`Self::generate`].
    #[doc(hidden)]
    pub fn generate_with_progress(
        &mut self,
        class: Option<u8>,
        seed: u64,
        mut done: impl FnMut(usize),
    ) -> Result<&GrayImage, GenerateError> {
        let latent = self.model.latent();
        latent
            .distribution
            .sample(seed, self.prepare(class, latent.len.into())?);
        Ok(self.forward(&mut done))
    }

    /// Generates the image of a class and a latent, int8 values -127 to 127 in the scale of the model's distribution.
    ///
    /// # Errors
    /// [`GenerateError`] as for [`Self::generate`], and [`GenerateError::LatentLength`] if `latent` is not [`Model::latent_len`] long.
    pub fn generate_from_latent(
        &mut self,
        class: Option<u8>,
        latent: &[i8],
    ) -> Result<&GrayImage, GenerateError> {
        self.set_latent(class, latent)?;
        Ok(self.forward(&mut |_| {}))
    }

    /// Generates the image at `t` (0 to 1) of the spherical interpolation between the latents of two seeds.
    ///
    /// # Errors
    /// [`GenerateError`] as for [`Self::generate`].
    pub fn generate_interpolated(
        &mut self,
        class: Option<u8>,
        [from, to]: [u64; 2],
        t: f32,
    ) -> Result<&GrayImage, GenerateError> {
        let len = self.model.latent_len();
        let (mut start, mut end, mut latent) = ([0; MAX_LATENT], [0; MAX_LATENT], [0; MAX_LATENT]);
        let sample = |seed, latent: &mut [i8; MAX_LATENT]| {
            self.model
                .sample_latent(seed, latent.get_mut(..len).unwrap_or_default());
        };
        sample(from, &mut start);
        sample(to, &mut end);
        latent::slerp(&start, &end, t, &mut latent);
        self.generate_from_latent(class, latent.get(..len).unwrap_or_default())
    }

    /// Writes latent and one-hot class into the first layer's input.
    fn set_latent(&mut self, class: Option<u8>, latent: &[i8]) -> Result<(), GenerateError> {
        for (value, &given) in self.prepare(class, latent.len())?.iter_mut().zip(latent) {
            *value = given.max(-INT8_MAX);
        }
        Ok(())
    }

    /// Writes the one-hot class into the first layer's input and returns the part before it, for the latent.
    fn prepare(&mut self, class: Option<u8>, found: usize) -> Result<&mut [i8], GenerateError> {
        let class_count = self.model.class_count();
        match class {
            Some(_) if class_count == 0 => return Err(GenerateError::Unconditional),
            None if class_count > 0 => return Err(GenerateError::ClassMissing { class_count }),
            Some(class) if class >= class_count => {
                return Err(GenerateError::ClassOutOfRange { class, class_count });
            }
            _ => {}
        }
        let error = GenerateError::LatentLength {
            expected: self.model.latent_len(),
            found,
        };
        if found != self.model.latent_len() {
            return Err(error);
        }
        let (latent, rest) = self.arena.split_at_mut_checked(found).ok_or(error)?;
        for (index, value) in (0..class_count).zip(rest) {
            *value = if class == Some(index) { INT8_MAX } else { 0 };
        }
        Ok(latent)
    }

    /// Returns the activations of a hidden layer for a class and a latent: int8 values 0 to 127, a vector or a feature map
    /// `[height, width, channels]`; `None` if `layer` is not the index of a hidden layer. Activations that are 0 cost the next
    /// layer nothing.
    ///
    /// # Errors
    /// [`GenerateError`] as for [`Self::generate_from_latent`].
    pub fn activations_from_latent(
        &mut self,
        class: Option<u8>,
        latent: &[i8],
        layer: usize,
    ) -> Result<Option<&[i8]>, GenerateError> {
        self.set_latent(class, latent)?;
        let hidden = self.model.layers().split_last().map(|(_, hidden)| hidden);
        let Some(layers) = hidden.and_then(|hidden| hidden.get(..=layer)) else {
            return Ok(None);
        };
        let written = layers.last().map_or(0, Layer::outputs);
        for (index, layer) in layers.iter().enumerate() {
            run_layer(index, layer, self.arena, self.image);
        }
        // Layers write at the end and at the start of the arena, in turn.
        let start = if layer.is_multiple_of(2) {
            self.arena.len().saturating_sub(written)
        } else {
            0
        };
        Ok(self.arena.get(start..start + written))
    }

    /// Runs all layers on the prepared input. Not inlined, so that a program contains it once.
    #[inline(never)]
    fn forward(&mut self, done: &mut dyn FnMut(usize)) -> &GrayImage {
        for (index, layer) in self.model.layers().iter().enumerate() {
            run_layer(index, layer, self.arena, self.image);
            done(index);
        }
        self.image
    }
}

/// Runs the layer at `index` on the input that the preceding one has left in the arena.
fn run_layer(index: usize, layer: &Layer<'_>, arena: &mut [i8], image: &mut GrayImage) {
    let (read, written) = layer.activation_bytes();
    let (input, workspace, output) = if index.is_multiple_of(2) {
        split(arena, read, written)
    } else {
        let (output, workspace, input) = split(arena, written, read);
        (input, workspace, output)
    };
    let input = (&*input, index == 0);
    match layer.activation() {
        Activation::Relu => {
            kernels::run(layer, input, workspace, output, Requantizer::relu);
        }
        Activation::Sigmoid => {
            let pixels = image.pixels_mut();
            kernels::run(layer, input, workspace, pixels, Requantizer::sigmoid);
        }
    }
}

/// Splits the arena into its first `start` bytes, its last `end` bytes and the words between them.
fn split(arena: &mut [i8], start: usize, end: usize) -> (&mut [i8], &mut [i32], &mut [i8]) {
    debug_assert!(
        start + end <= arena.len(),
        "{} bytes for {start} + {end}",
        arena.len()
    );
    let (first, rest) = arena.split_at_mut_checked(start).unwrap_or_default();
    let between = rest.len().saturating_sub(end);
    let (between, last) = rest.split_at_mut_checked(between).unwrap_or_default();
    (first, bytemuck::pod_align_to_mut(between).1, last)
}

impl fmt::Debug for Generator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator")
            .field("model", &self.model)
            .field("image", &self.image)
            .field("scratch_len", &(IMAGE_WORDS + self.arena.len() / 4))
            .finish()
    }
}

impl fmt::Display for ScratchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, available } = self;
        write!(
            f,
            "scratch memory of {available} words is too small: the model needs {needed}"
        )
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unconditional => write!(
                f,
                "this model is unconditional: it has no classes, so the class must be omitted"
            ),
            Self::ClassMissing { class_count } => {
                write!(
                    f,
                    "no class given: this model has classes {}",
                    ClassRange(*class_count)
                )
            }
            Self::ClassOutOfRange { class, class_count } => write!(
                f,
                "class {class} is out of range: this model has classes {}",
                ClassRange(*class_count)
            ),
            Self::LatentLength { expected, found } => {
                write!(f, "latent has {found} values, this model needs {expected}")
            }
        }
    }
}

/// Range of valid classes, for messages.
struct ClassRange(u8);

impl fmt::Display for ClassRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0 to {}", self.0.saturating_sub(1))
    }
}

impl core::error::Error for ScratchError {}
impl core::error::Error for GenerateError {}
