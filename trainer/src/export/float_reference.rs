//! Float reference: the trained generator as plain layers in floating point, from which the model file is
//! made.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use burn::{
    prelude::*,
    tensor::{
        TensorData,
        activation::{relu, sigmoid},
    },
};
use serde::{Deserialize, Serialize};
use thumbgan_core::{Model, latent::Distribution, model::LayerShape};

use crate::data::PIXELS;

use crate::{
    export::quantize::{FloatDense, FloatLayer, FloatUpsampleConv},
    files::{read, write_whole},
    gan::{
        Gan,
        conv::{double, up_kernel},
        mlp::floats,
        rows,
    },
};

/// Images that are computed at a time.
const CHUNK: usize = 250;

/// Image to generate: the seed of its latent and its class, `None` for an unconditional generator.
pub type SampleRequest = (u64, Option<u8>);

/// Returns the request for a seed, with the class of the seed.
pub fn sample_request(seed: u64, classes: u8) -> SampleRequest {
    (
        seed,
        (classes > 0).then(|| (seed % u64::from(classes)) as u8),
    )
}

/// Layers of a generator, with batch normalization folded in, and the specification of their input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloatGenerator {
    /// Layers from latent to the logits of pixels.
    pub layers: Vec<FloatLayer>,
    /// Distribution of the latent.
    pub distribution: Distribution,
    /// Number of latent values.
    pub latent: usize,
    /// Number of classes, whose one-hot values follow the latent; 0 for an unconditional generator.
    pub classes: u8,
}

impl FloatGenerator {
    /// Converts the exported generator of `gan`. Batch normalization is folded in with the statistics over
    /// the given images.
    pub fn of(gan: &Gan, statistics: impl Iterator<Item = SampleRequest>) -> Self {
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

    /// Reads a file that [`Self::save`] wrote.
    ///
    /// # Errors
    /// If the file cannot be read or has other contents.
    pub fn load(path: &Path) -> Result<Self> {
        Self::from_bytes(&read(path)?).with_context(|| path.display().to_string())
    }

    /// Decodes the contents of a file that [`Self::save`] wrote.
    ///
    /// # Errors
    /// If they are something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        postcard::from_bytes(bytes).context(
            "not a float generator, cut, damaged, or of another version; `trainer train` writes it beside the model",
        )
    }

    /// Reads the float reference of `model`, whose file is `model_path`.
    ///
    /// # Errors
    /// If the file cannot be read, or latent, classes or layers differ from those of the model; the message names both.
    pub fn load_for(path: &Path, model: &Model<'_>, model_path: &Path) -> Result<Self> {
        let float = Self::load(path)?;
        if let Some(difference) = float.difference(model) {
            bail!(
                "{} is not the float network of {}: {difference}; use the file that was written with this model",
                path.display(),
                model_path.display()
            );
        }
        Ok(float)
    }

    /// Returns the first difference between the shapes of this generator and of a model.
    fn difference(&self, model: &Model<'_>) -> Option<String> {
        let counts = [
            ("latent values", self.latent, model.latent_len()),
            ("classes", self.classes.into(), model.class_count().into()),
            ("layers", self.layers.len(), model.layers().len()),
        ];
        if let Some((noun, found, expected)) = counts
            .into_iter()
            .find(|(_, found, expected)| found != expected)
        {
            return Some(format!("it has {found} {noun}, the model has {expected}"));
        }
        let mut layers = (1..).zip(self.layers.iter().zip(model.layers()));
        layers.find_map(|(number, (float, layer))| {
            (!has_shape(float, layer.shape()))
                .then(|| format!("layer {number} has another shape than that of the model"))
        })
    }

    /// Writes the generator atomically.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_whole(path, &self.to_bytes()?)
    }

    /// Returns the content of the generator's file.
    ///
    /// # Errors
    /// Never for this type; passed on for the message.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok(postcard::to_stdvec(self)?)
    }

    /// Returns the request for a seed, with the class of the seed.
    pub fn sample_request(&self, seed: u64) -> SampleRequest {
        sample_request(seed, self.classes)
    }

    /// Returns unrounded pixels 0 to 255, 784 per image.
    pub fn draw(&self, digits: impl Iterator<Item = SampleRequest>, device: &Device) -> Vec<f32> {
        let chunks = self.chunks(digits, device);
        chunks
            .flat_map(|chunk| floats(sigmoid(self.forward(chunk, |_, _| {})) * 255.0))
            .collect()
    }

    /// Calls `see` with the index and the activations of each hidden layer for these images, batch by batch.
    pub fn trace(
        &self,
        digits: impl Iterator<Item = SampleRequest>,
        device: &Device,
        mut see: impl FnMut(usize, &[f32]),
    ) {
        for chunk in self.chunks(digits, device) {
            self.forward(chunk, |layer, activations| {
                see(layer, &floats(activations.clone()));
            });
        }
    }

    /// Checks that all weights are finite.
    ///
    /// # Errors
    /// If a weight is not a finite number, because training has diverged.
    pub fn check(&self) -> Result<()> {
        let mut numbers = self.layers.iter().map(FloatLayer::numbers);
        let finite = numbers
            .all(|(weights, biases)| weights.iter().chain(biases).all(|value| value.is_finite()));
        ensure!(
            finite,
            "training has diverged: the generator's weights are not finite; try another --seed"
        );
        Ok(())
    }

    /// Returns batches of latents followed by classes, [N, latent + classes], sampled by `thumbgan_core`.
    fn chunks(
        &self,
        digits: impl Iterator<Item = SampleRequest>,
        device: &Device,
    ) -> impl Iterator<Item = Tensor<2>> {
        let unit = self.distribution.scale();
        let mut digits = digits.peekable();
        let mut latent = vec![0; self.latent];
        std::iter::from_fn(move || {
            digits.peek()?;
            let mut values = Vec::new();
            for (seed, wanted) in digits.by_ref().take(CHUNK) {
                self.distribution.sample(seed, &mut latent);
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

    /// Returns the logits [N, 784] of inputs and calls `see` with the index and the activations of each
    /// hidden layer.
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

/// Returns the accumulators of a layer for the activations [N, width] before it, without activation function.
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
        FloatLayer::UpsampleConv(FloatUpsampleConv {
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

/// Returns true if a layer has the shape of a model's layer and the number of parameters that belongs to it.
fn has_shape(float: &FloatLayer, shape: LayerShape) -> bool {
    let (weights, biases) = float.numbers();
    let (sizes, expected, channels) = match (float, shape) {
        (FloatLayer::Dense(layer), LayerShape::Dense(shape)) => (
            vec![layer.inputs, layer.outputs],
            vec![shape.inputs, shape.outputs],
            shape.channels,
        ),
        (FloatLayer::UpsampleConv(layer), LayerShape::UpsampleConv(shape)) => (
            vec![layer.side, layer.inputs, layer.outputs],
            vec![shape.side.into(), shape.inputs, shape.outputs],
            shape.outputs,
        ),
        _ => return false,
    };
    sizes.into_iter().eq(expected.into_iter().map(usize::from))
        && weights.len() as u64 == shape.weight_count()
        && biases.len() == usize::from(channels)
}

/// Rounds pixels to integers.
pub fn rounded(grays: &[f32]) -> Vec<u8> {
    debug_assert!(grays.len().is_multiple_of(PIXELS), "complete images");
    grays.iter().map(|gray| gray.round() as u8).collect()
}
