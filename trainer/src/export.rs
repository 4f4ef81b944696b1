//! From a trained generator to the bytes of a model file.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use burn::{module::Module, prelude::*, tensor::activation::sigmoid};
use thumbgan_core::{
    PIXELS,
    latent::Distribution,
    model::{Description, Latent, LayerShape, Model, Provenance, encode},
};

use crate::{
    gan::{
        Gan,
        nets::{Mlp, floats},
        rows,
    },
    quantise::quantise,
};

/// Latents that calibration looks at.
const CALIBRATION: u64 = 4_096;
/// Calibration's seeds start here, far from those that people type.
const CALIBRATION_SEED: u64 = 1 << 32;

/// A trained generator, out of its GAN, as float arithmetic sees it.
#[derive(Debug)]
pub struct FloatGenerator {
    mlp: Mlp,
    device: Device,
    latent: Distribution,
    length: usize,
}

impl FloatGenerator {
    /// The generator of `gan`, without gradients.
    pub fn of(gan: &Gan) -> Self {
        let recipe = gan.recipe();
        Self {
            mlp: gan.generator.valid(),
            device: gan.plain_device(),
            latent: recipe.latent,
            length: recipe.generator[0],
        }
    }

    /// Pixels 0 to 255, unrounded, of the digits that `seeds` stand for: the latents are the int8 ones that
    /// `thumbgan_core` draws.
    pub fn draw(&self, seeds: Range<u64>) -> Vec<f32> {
        floats(sigmoid(self.mlp.forward(self.latents(seeds))) * 255.0)
    }

    /// The largest activation of each hidden layer over the calibration latents.
    fn peaks(&self) -> Vec<f32> {
        let mut peaks = Vec::new();
        let latents = self.latents(CALIBRATION_SEED..CALIBRATION_SEED + CALIBRATION);
        self.mlp.trace(latents, |activations| peaks.push(activations.clone().max().into_scalar()));
        peaks
    }

    fn latents(&self, seeds: Range<u64>) -> Tensor<2> {
        let mut latent = vec![0; self.length];
        let values = seeds.flat_map(|seed| {
            self.latent.draw(seed, &mut latent);
            latent.iter().map(|&value| f32::from(value) * self.latent.unit()).collect::<Vec<_>>()
        });
        rows(values.collect(), self.length, &self.device)
    }

    /// The model file of this generator.
    ///
    /// # Errors
    /// When the network has diverged (a weight is not a number), or does not fit the format.
    pub fn export(&self, name: &str, provenance: Provenance<'_>) -> Result<Vec<u8>> {
        let layers = self.mlp.dense_layers();
        let finite =
            layers.iter().all(|layer| layer.weights.iter().chain(&layer.biases).all(|x| x.is_finite()));
        ensure!(finite, "training has diverged: the generator's weights are not numbers; try another --seed");
        ensure!(layers.last().is_some_and(|layer| layer.outputs == PIXELS), "a generator ends in 784 pixels");
        let (shapes, data): (Vec<_>, Vec<_>) =
            quantise(&layers, self.latent.unit(), &self.peaks()).into_iter().unzip();
        let shapes = shapes.into_iter().map(LayerShape::Dense).collect::<Vec<_>>();
        let description = Description {
            name,
            classes: 0,
            latent: Latent { length: u16::try_from(self.length)?, distribution: self.latent },
            provenance,
            layers: heapless::Vec::from_slice(&shapes).ok().context("a model has at most eight layers")?,
        };
        let file = encode(&description, &data);
        Model::parse(&file).context("the exported model does not pass its own check")?;
        Ok(file)
    }
}
