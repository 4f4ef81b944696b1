//! The int8 generator as the trainer runs it: `thumbgan_core`, with room for any model.

use anyhow::{Context, Result};
use thumbgan_core::{Digit, Generator, Model};

use crate::export::float_reference::{Wanted, wanted};

/// Bytes of scratch: more than any model of this project needs.
const SCRATCH: usize = 65_536;

/// A model file's digits by seed.
#[derive(Debug)]
pub struct Int8<'m> {
    generator: Box<Generator<'m, SCRATCH>>,
}

impl<'m> Int8<'m> {
    /// A generator for `model`.
    ///
    /// # Errors
    /// When the model needs more than 64 KiB of scratch.
    pub fn new(model: &Model<'m>) -> Result<Self> {
        Ok(Self {
            generator: Box::new(Generator::new(model.clone())?),
        })
    }

    /// The class that `get` draws for `seed`: classes take turns. `None` for a model without classes.
    pub fn class(&self, seed: u64) -> Option<u8> {
        wanted(seed, self.generator.model().classes()).1
    }

    /// The model that it runs.
    pub const fn model(&self) -> &Model<'m> {
        self.generator.model()
    }

    /// The digit of `class` and a latent given as int8.
    ///
    /// # Errors
    /// When either does not fit the model.
    pub fn of_latent(&mut self, class: Option<u8>, latent: &[i8]) -> Result<&Digit> {
        self.generator
            .generate_latent(class, latent)
            .context("cannot draw the digit of a latent")
    }

    /// The digit of `seed`.
    ///
    /// # Errors
    /// Never for a model that parsed; passed on for the message.
    pub fn get(&mut self, seed: u64) -> Result<&Digit> {
        self.digit(wanted(seed, self.model().classes()))
    }

    /// The pixels of `seeds`, 784 each.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn pixels(&mut self, seeds: std::ops::Range<u64>) -> Result<Vec<u8>> {
        let classes = self.model().classes();
        self.draw(seeds.map(|seed| wanted(seed, classes)))
    }

    /// The pixels of chosen digits, 784 each.
    ///
    /// # Errors
    /// When the model has no such class.
    pub fn draw(&mut self, digits: impl IntoIterator<Item = Wanted>) -> Result<Vec<u8>> {
        let mut pixels = Vec::new();
        for digit in digits {
            pixels.extend(self.digit(digit)?.pixels());
        }
        Ok(pixels)
    }

    fn digit(&mut self, (seed, class): Wanted) -> Result<&Digit> {
        self.generator
            .generate(class, seed)
            .with_context(|| format!("cannot draw the digit of seed {seed}"))
    }
}

/// Checks the bytes of a model file.
///
/// # Errors
/// When they are not a sound model; the message names the file and what to do.
pub fn parse<'a>(bytes: &'a [u8], path: &std::path::Path) -> Result<Model<'a>> {
    Model::parse(bytes).with_context(|| {
        format!(
            "{} is not a model this program can run; make it anew with `trainer train`",
            path.display()
        )
    })
}
