//! The trained generator in plain layers, as float arithmetic sees it: what becomes a model file.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::{
    prelude::*,
    tensor::{
        TensorData,
        activation::{relu, sigmoid},
    },
};
use serde::{Deserialize, Serialize};
use thumbgan_core::{PIXELS, latent::Distribution};

use crate::{
    export::quantize::{FloatDense, FloatLayer, FloatUpConv},
    files::{read, write_whole},
    gan::{
        Gan,
        conv::{double, up_kernel},
        mlp::floats,
        rows,
    },
};

/// Digits that are computed together.
const CHUNK: usize = 250;

/// A digit to draw: the seed of its latent, and its class if there are classes.
pub type Wanted = (u64, Option<u8>);

/// The digit that a seed stands for: classes take turns.
pub fn wanted(seed: u64, classes: u8) -> Wanted {
    (
        seed,
        (classes > 0).then(|| (seed % u64::from(classes)) as u8),
    )
}

/// A generator's layers, with normalisation folded in, and what they take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloatGenerator {
    /// From latent to the logits of pixels.
    pub layers: Vec<FloatLayer>,
    /// What latents are drawn from.
    pub distribution: Distribution,
    /// Values of a latent.
    pub latent: usize,
    /// Classes, whose one-hot values follow the latent; 0 for none.
    pub classes: u8,
}

impl FloatGenerator {
    /// The generator of `gan` that is kept; its normalisation is folded in by its statistics over these digits.
    pub fn of(gan: &Gan, statistics: impl Iterator<Item = Wanted>) -> Self {
        let recipe = gan.recipe();
        let mut float = Self {
            layers: Vec::new(),
            distribution: recipe.distribution,
            latent: recipe.latent,
            classes: recipe.classes,
        };
        let inputs: Vec<_> = float.chunks(statistics, &gan.plain_device()).collect();
        float.layers = gan.kept().fold(&inputs);
        float
    }

    /// Reads what [`Self::save`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read, or is something else.
    pub fn load(path: &Path) -> Result<Self> {
        postcard::from_bytes(&read(path)?).with_context(|| {
            format!(
                "{} is not a float generator; `trainer train` writes them",
                path.display()
            )
        })
    }

    /// Writes the generator, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_whole(path, &postcard::to_stdvec(self)?)
    }

    /// The digit that a seed stands for.
    pub fn wanted(&self, seed: u64) -> Wanted {
        wanted(seed, self.classes)
    }

    /// Pixels 0 to 255, unrounded, 784 for each digit.
    pub fn draw(&self, digits: impl Iterator<Item = Wanted>, device: &Device) -> Vec<f32> {
        let chunks = self.chunks(digits, device);
        chunks
            .flat_map(|chunk| floats(sigmoid(self.forward(chunk, |_, _| {})) * 255.0))
            .collect()
    }

    /// Shows `see` each hidden layer's number and its activations for these digits, part by part.
    pub fn trace(
        &self,
        digits: impl Iterator<Item = Wanted>,
        device: &Device,
        mut see: impl FnMut(usize, &[f32]),
    ) {
        for chunk in self.chunks(digits, device) {
            self.forward(chunk, |layer, activations| {
                see(layer, &floats(activations.clone()))
            });
        }
    }

    /// Whether this is a generator at all.
    ///
    /// # Errors
    /// When a weight is not a number.
    pub fn check(&self) -> Result<()> {
        let mut numbers = self.layers.iter().map(FloatLayer::numbers);
        let finite = numbers
            .all(|(weights, biases)| weights.iter().chain(biases).all(|value| value.is_finite()));
        ensure!(
            finite,
            "training has diverged: the generator's weights are not numbers; try another --seed"
        );
        Ok(())
    }

    /// Latents with classes behind them, [N, latent + classes] each, as `thumbgan_core` draws them.
    fn chunks(
        &self,
        digits: impl Iterator<Item = Wanted>,
        device: &Device,
    ) -> impl Iterator<Item = Tensor<2>> {
        let unit = self.distribution.unit();
        let mut digits = digits.peekable();
        let mut latent = vec![0; self.latent];
        std::iter::from_fn(move || {
            digits.peek()?;
            let mut values = Vec::new();
            for (seed, wanted) in digits.by_ref().take(CHUNK) {
                self.distribution.draw(seed, &mut latent);
                values.extend(latent.iter().map(|&value| f32::from(value) * unit));
                values.extend(
                    (0..self.classes).map(|class| f32::from(u8::from(Some(class) == wanted))),
                );
            }
            Some(rows(
                values,
                self.latent + usize::from(self.classes),
                device,
            ))
        })
    }

    /// Logits [N, 784] of inputs, showing `see` each hidden layer's number and activations.
    fn forward(&self, inputs: Tensor<2>, mut see: impl FnMut(usize, &Tensor<2>)) -> Tensor<2> {
        let last = self.layers.len() - 1;
        self.layers
            .iter()
            .enumerate()
            .fold(inputs, |before, (index, layer)| {
                let sums = sums(layer, before);
                if index == last {
                    return sums;
                }
                let activations = relu(sums);
                see(index, &activations);
                activations
            })
    }
}

/// What a layer makes of the activations [N, width] before it, without its ReLU or sigmoid.
fn sums(layer: &FloatLayer, before: Tensor<2>) -> Tensor<2> {
    let device = before.device();
    let count = before.dims()[0];
    let tensor = |values: &[f32]| Tensor::<1>::from_data(TensorData::from(values), &device);
    match layer {
        FloatLayer::Dense(FloatDense {
            inputs,
            outputs,
            weights,
            biases,
        }) => {
            let sums = before.matmul(tensor(weights).reshape([*outputs, *inputs]).transpose());
            let channels = biases.len();
            let sums =
                sums.reshape([count * outputs / channels, channels]) + tensor(biases).unsqueeze();
            sums.reshape([count, *outputs])
        }
        FloatLayer::UpConv(FloatUpConv {
            side,
            inputs,
            outputs,
            weights,
            biases,
        }) => {
            let kernel = tensor(weights)
                .reshape([*outputs, 9, *inputs])
                .permute([1, 2, 0]);
            let images = before.reshape([count, *side, *side, *inputs]);
            let sums = double(images, up_kernel(kernel)) + tensor(biases).unsqueeze();
            sums.reshape([count, 4 * side * side * outputs])
        }
    }
}

/// The pixels of `greys`, rounded.
pub fn rounded(greys: &[f32]) -> Vec<u8> {
    debug_assert!(greys.len().is_multiple_of(PIXELS), "whole digits");
    greys.iter().map(|grey| grey.round() as u8).collect()
}
