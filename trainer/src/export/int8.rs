//! Int8 generator: `thumbgan_core` with the memory that a model needs, as boards run it.

use std::{ops::Range, path::Path};

use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use thumbgan_core::{Generator, GrayImage, Model, model::ParseError};

use crate::{
    data::{Format, Needed},
    export::float_reference::{SampleRequest, sample_request},
};

/// Images that a thread generates at a time.
const SHARE: usize = 100;

/// Generator of a model file's int8 images.
#[derive(Debug)]
pub struct Int8Generator<'m> {
    model: Model<'m>,
    scratch: Vec<u32>,
}

impl<'m> Int8Generator<'m> {
    /// Creates a generator for `model`.
    pub fn new(model: &Model<'m>) -> Self {
        Self {
            model: model.clone(),
            scratch: vec![0; model.scratch_len()],
        }
    }

    /// Returns the class of `seed`; `None` for an unconditional model.
    pub fn class(&self, seed: u64) -> Option<u8> {
        self.model.class_for_seed(seed)
    }

    /// Returns the model.
    pub const fn model(&self) -> &Model<'m> {
        &self.model
    }

    /// Returns the images at `steps + 1` equidistant points of the spherical interpolation between the latents of two seeds.
    ///
    /// # Errors
    /// If the model has no such class.
    pub fn interpolate(
        &mut self,
        class: Option<u8>,
        seeds: [u64; 2],
        steps: usize,
    ) -> Result<Vec<GrayImage>> {
        let mut generator = self.generator()?;
        let images = (0..=steps).map(|step| {
            let t = step as f32 / steps as f32;
            Ok(generator.generate_interpolated(class, seeds, t)?.clone())
        });
        images.collect()
    }

    /// Returns the pixels of `seeds` with their classes, 784 each.
    ///
    /// # Errors
    /// Never for a parsed model; passed on for the message.
    pub fn pixels(&mut self, seeds: Range<u64>) -> Result<Vec<u8>> {
        let class_count = self.model.class_count();
        self.generate(seeds.map(|seed| sample_request(seed, class_count)))
    }

    /// Returns the pixels of the requested images, 784 each.
    ///
    /// # Errors
    /// If the model has no such class.
    pub fn generate(
        &mut self,
        requests: impl IntoIterator<Item = SampleRequest>,
    ) -> Result<Vec<u8>> {
        let mut generator = self.generator()?;
        let mut pixels = Vec::new();
        for (seed, class) in requests {
            let image = generator.generate(class, seed);
            let image =
                image.with_context(|| format!("cannot generate the image of seed {seed}"))?;
            pixels.extend(image.pixels());
        }
        Ok(pixels)
    }

    /// Returns a generator that works in the scratch memory.
    fn generator(&mut self) -> Result<Generator<'_>> {
        Ok(Generator::new(self.model.clone(), &mut self.scratch)?)
    }
}

/// Generates the images of `seeds` on all processors and returns their pixels, 784 each. All images have the class
/// `class`, or each has the class of its seed.
///
/// # Errors
/// If the model has no such class.
pub fn generate_parallel(
    model: &Model<'_>,
    seeds: Range<u64>,
    class: Option<u8>,
) -> Result<Vec<u8>> {
    let starts: Vec<u64> = seeds.clone().step_by(SHARE).collect();
    let class_of = |seed| class.or_else(|| model.class_for_seed(seed));
    let parts = starts.into_par_iter().map(|start| {
        let part = start..seeds.end.min(start.saturating_add(SHARE as u64));
        Int8Generator::new(model).generate(part.map(|seed| (seed, class_of(seed))))
    });
    Ok(parts.collect::<Result<Vec<_>>>()?.concat())
}

/// Parses the bytes of a model file.
///
/// # Errors
/// If they are not a valid model; the message names the file and the remedy.
pub fn parse<'a>(bytes: &'a [u8], path: &Path) -> Result<Model<'a>> {
    Model::parse(bytes).map_err(|error| {
        let remedy = match error {
            ParseError::Magic => return Format::of(bytes).unexpected(path, Needed::Model),
            ParseError::Version { found, supported } if found > supported => {
                "a newer thumbgan wrote it: read it with that version"
            }
            ParseError::Version { .. } => "an earlier thumbgan wrote it: read it with that version",
            ParseError::Truncated { .. }
            | ParseError::TrailingBytes { .. }
            | ParseError::Crc { .. } => "copy or download it again",
            _ => "another program wrote it, or another version of thumbgan: read it with that version",
        };
        anyhow!("{}: {error}; {remedy}", path.display())
    })
}
