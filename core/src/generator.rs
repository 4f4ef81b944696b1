//! The forward pass: latent in, digit out, in integers only.

use core::fmt;

use crate::{
    arithmetic::{INT8_MAX, relu, sigmoid},
    image::{Digit, PIXELS},
    kernels,
    model::{Activation, Model, ModelError},
};

/// The scratch that this project's own firmware gives a model: enough for a picture of 7x7x48 that becomes one
/// of 14x14x32.
pub const SCRATCH: usize = 12_288;

/// A model with the memory to run it: `N` bytes of activations and one digit.
///
/// `N` must be at least [`Model::scratch`]; weights stay where the model lies.
#[derive(Clone, Debug)]
pub struct Generator<'m, const N: usize> {
    model: Model<'m>,
    /// A layer reads one end and writes the other; the next one goes the other way.
    arena: Arena<N>,
    digit: Digit,
}

/// Bytes on a multiple of four.
#[derive(Clone, Debug)]
#[repr(C, align(4))]
struct Arena<const N: usize>([i8; N]);

/// Why a digit was not generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// The model has no classes, yet one was asked for.
    NoClasses,
    /// The model needs a class below `classes`.
    Class {
        /// How many classes the model has.
        classes: u8,
    },
    /// The latent is not as long as the model's.
    Latent {
        /// The model's latent length.
        expected: usize,
        /// The length of what was given.
        found: usize,
    },
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClasses => write!(f, "the model draws what it likes: it has no classes to choose"),
            Self::Class { classes } => write!(f, "the model needs a class from 0 to {}", classes - 1),
            Self::Latent { expected, found } => write!(f, "latent of {found} values, not {expected}"),
        }
    }
}

impl core::error::Error for InputError {}

/// A model that `N` bytes of scratch suffice for.
#[derive(Clone, Debug)]
pub struct Fitting<'m, const N: usize>(Model<'m>);

impl<'m, const N: usize> Fitting<'m, N> {
    /// Compares `model` with `N`.
    ///
    /// # Errors
    /// [`ModelError::TooLarge`] when the model's activations need more than `N` bytes.
    pub fn new(model: Model<'m>) -> Result<Self, ModelError> {
        let needed = model.scratch();
        if needed > N { Err(ModelError::TooLarge { needed, available: N }) } else { Ok(Self(model)) }
    }
}

/// Cannot fail, so that the generator is made where it stays: a `Result` of it would be copied, and its
/// memory counts twice on a small stack.
impl<'m, const N: usize> From<Fitting<'m, N>> for Generator<'m, N> {
    fn from(Fitting(model): Fitting<'m, N>) -> Self {
        Self { model, arena: Arena([0; N]), digit: Digit::new([0; PIXELS]) }
    }
}

impl<'m, const N: usize> Generator<'m, N> {
    /// A generator for `model`.
    ///
    /// # Errors
    /// [`ModelError::TooLarge`] when the model's activations need more than `N` bytes.
    pub fn new(model: Model<'m>) -> Result<Self, ModelError> {
        Fitting::new(model).map(Self::from)
    }

    /// The model it runs.
    pub const fn model(&self) -> &Model<'m> {
        &self.model
    }

    /// The digit made last; blank at first.
    pub const fn digit(&self) -> &Digit {
        &self.digit
    }

    /// Draws a latent from `seed` and makes its digit.
    ///
    /// # Errors
    /// [`InputError`] when `class` does not fit the model: `None` for one without classes, else 0 to
    /// classes - 1.
    pub fn generate(&mut self, class: Option<u8>, seed: u64) -> Result<&Digit, InputError> {
        self.generate_watched(class, seed, |_| {})
    }

    /// As [`Self::generate`], calling `done` with the number of each layer, from 0, when it is done.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub fn generate_watched(
        &mut self,
        class: Option<u8>,
        seed: u64,
        mut done: impl FnMut(usize),
    ) -> Result<&Digit, InputError> {
        let latent = self.model.latent();
        latent.distribution.draw(seed, self.prepare(class, latent.length.into())?);
        Ok(self.forward(&mut done))
    }

    /// Makes the digit of a latent given as int8 (see [`crate::latent`]).
    ///
    /// # Errors
    /// [`InputError`] when `class` or the latent's length does not fit the model.
    pub fn generate_latent(&mut self, class: Option<u8>, latent: &[i8]) -> Result<&Digit, InputError> {
        for (value, &given) in self.prepare(class, latent.len())?.iter_mut().zip(latent) {
            *value = given.max(-INT8_MAX);
        }
        Ok(self.forward(&mut |_| {}))
    }

    /// Puts the one-hot class into the first layer's input and gives the part before it: the latent's.
    fn prepare(&mut self, class: Option<u8>, length: usize) -> Result<&mut [i8], InputError> {
        let classes = self.model.classes();
        match class {
            Some(_) if classes == 0 => return Err(InputError::NoClasses),
            None if classes > 0 => return Err(InputError::Class { classes }),
            Some(class) if class >= classes => return Err(InputError::Class { classes }),
            _ => {}
        }
        let expected = usize::from(self.model.latent().length);
        let wrong = InputError::Latent { expected, found: length };
        if length != expected {
            return Err(wrong);
        }
        let (latent, rest) = self.arena.0.split_at_mut_checked(length).ok_or(wrong)?;
        for (index, value) in (0..classes).zip(rest) {
            *value = if class == Some(index) { INT8_MAX } else { 0 };
        }
        Ok(latent)
    }

    /// Once in a program, whoever calls it.
    #[inline(never)]
    fn forward(&mut self, done: &mut dyn FnMut(usize)) -> &Digit {
        for (index, layer) in self.model.layers().iter().enumerate() {
            let (read, written) = layer.scratch();
            let (input, words, output) = if index.is_multiple_of(2) {
                parts(&mut self.arena.0, read, written)
            } else {
                let (output, words, input) = parts(&mut self.arena.0, written, read);
                (input, words, output)
            };
            let input = (&*input, index == 0);
            match layer.activation() {
                Activation::Relu => kernels::run(layer, input, words, output, relu),
                Activation::Sigmoid => {
                    kernels::run(layer, input, words, self.digit.pixels_mut(), sigmoid);
                }
            }
            done(index);
        }
        &self.digit
    }
}

/// The first `start` and the last `end` values of `arena`, and what lies between them as words. It has room for
/// all of it: [`Fitting::new`] compared.
fn parts(arena: &mut [i8], start: usize, end: usize) -> (&mut [i8], &mut [i32], &mut [i8]) {
    debug_assert!(start + end <= arena.len(), "scratch of {} bytes for {start} + {end}", arena.len());
    let (first, rest) = arena.split_at_mut_checked(start).unwrap_or_default();
    let between = rest.len().saturating_sub(end);
    let (between, last) = rest.split_at_mut_checked(between).unwrap_or_default();
    (first, bytemuck::pod_align_to_mut(between).1, last)
}
