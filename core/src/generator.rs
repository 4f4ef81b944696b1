//! The forward pass: latent in, digit out, in integers only.

use core::fmt;

use heapless::Vec;

use crate::{
    arithmetic::INT8_MAX,
    image::{Digit, PIXELS},
    kernels,
    model::{Activation, Model, ModelError},
};

/// A model with the memory to run it: two buffers of `N` int8 activations and one digit.
///
/// `N` must hold the model's widest activation, [`Model::scratch`]; weights stay where the model lies.
#[derive(Clone, Debug)]
pub struct Generator<'m, const N: usize> {
    model: Model<'m>,
    input: Vec<i8, N>,
    output: Vec<i8, N>,
    digit: Digit,
}

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

impl<'m, const N: usize> Generator<'m, N> {
    /// A generator for `model`.
    ///
    /// # Errors
    /// [`ModelError::TooLarge`] when the model's activations need more than `N` bytes.
    pub fn new(model: Model<'m>) -> Result<Self, ModelError> {
        let needed = model.scratch();
        if needed > N {
            return Err(ModelError::TooLarge { needed, available: N });
        }
        Ok(Self { model, input: Vec::new(), output: Vec::new(), digit: Digit::new([0; PIXELS]) })
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
        let latent = self.model.latent();
        let length = usize::from(latent.length);
        self.prepare(class, length)?;
        if let Some(values) = self.input.get_mut(..length) {
            latent.distribution.draw(seed, values);
        }
        Ok(self.forward())
    }

    /// Makes the digit of a latent given as int8 (see [`crate::latent`]).
    ///
    /// # Errors
    /// [`InputError`] when `class` or the latent's length does not fit the model.
    pub fn generate_latent(&mut self, class: Option<u8>, latent: &[i8]) -> Result<&Digit, InputError> {
        self.prepare(class, latent.len())?;
        for (value, &given) in self.input.iter_mut().zip(latent) {
            *value = given.max(-INT8_MAX);
        }
        Ok(self.forward())
    }

    /// Sets the input to `length` zeros and the one-hot class behind them.
    fn prepare(&mut self, class: Option<u8>, length: usize) -> Result<(), InputError> {
        let classes = self.model.classes();
        match class {
            Some(_) if classes == 0 => return Err(InputError::NoClasses),
            None if classes > 0 => return Err(InputError::Class { classes }),
            Some(class) if class >= classes => return Err(InputError::Class { classes }),
            _ => {}
        }
        let expected = usize::from(self.model.latent().length);
        if length != expected {
            return Err(InputError::Latent { expected, found: length });
        }
        zeros(&mut self.input, expected + usize::from(classes));
        if let Some(hot) = class.and_then(|class| self.input.get_mut(expected + usize::from(class))) {
            *hot = INT8_MAX;
        }
        Ok(())
    }

    fn forward(&mut self) -> &Digit {
        let (mut input, mut output) = (&mut self.input, &mut self.output);
        for layer in self.model.layers() {
            match layer.activation() {
                Activation::Relu => {
                    zeros(output, layer.outputs());
                    kernels::dense_relu(layer, input, output);
                    core::mem::swap(&mut input, &mut output);
                }
                Activation::Sigmoid => kernels::dense_sigmoid(layer, input, self.digit.pixels_mut()),
            }
        }
        &self.digit
    }
}

/// Makes `buffer` hold `length` zeros. It has room for them: [`Generator::new`] compared.
fn zeros<const N: usize>(buffer: &mut Vec<i8, N>, length: usize) {
    buffer.clear();
    let fits = buffer.resize_default(length);
    debug_assert!(fits.is_ok(), "scratch of {N} bytes for {length} activations");
}
