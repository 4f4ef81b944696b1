//! Generators: latents and classes to the logits of pixels.

use crate::data::{PIXELS, SIDE};
use burn::{
    module::{Module, Param},
    prelude::*,
    tensor::{TensorData, activation::relu},
};
use rand::distr::Distribution as _;
use rand_distr::{Normal, Uniform};

use super::{
    conv::{double, up_kernel},
    mlp::{Mlp, floats},
    norm::{BatchNorm, Moments},
};
use crate::{
    export::quantize::{FloatDense, FloatLayer, FloatUpsampleConv},
    gan::preset::{ConvShape, GeneratorShape, Recipe},
    random::{Purpose, stream},
};

/// Side of the first feature map; two upsamplings make it 28.
const GRID: usize = SIDE / 4;
/// Standard deviation of the first layer's weights times the square root of half its inputs.
const GAIN: f32 = 1.7;

/// Generator in training.
#[derive(Module, Debug)]
pub enum Generator {
    /// Dense layers.
    Dense(Mlp),
    /// Dense layer to 7x7, then upsampling convolutions.
    Conv(ConvGenerator),
}

/// Placeholder without layers, for a generator that was moved out.
impl Default for Generator {
    fn default() -> Self {
        Self::Dense(Mlp::default())
    }
}

impl Generator {
    /// Creates a generator with weights drawn from `seed`.
    pub fn new(recipe: &Recipe, seed: u64, device: &Device) -> Self {
        match &recipe.generator {
            GeneratorShape::Dense(shape) => {
                Self::Dense(Mlp::new(shape, recipe.inputs(), PIXELS, seed, 0, device))
            }
            GeneratorShape::Conv(shape) => {
                Self::Conv(ConvGenerator::new(*shape, recipe.inputs(), seed, device))
            }
        }
    }

    /// Returns the logits [N, 784] of latents followed by one-hot classes, [N, inputs].
    pub fn forward(&self, inputs: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Dense(mlp) => mlp.forward(inputs),
            Self::Conv(conv) => conv.trace(inputs, |_, _| {}),
        }
    }

    /// Returns the logits like [`Self::forward`], and the activity that the sparsity penalty multiplies: the
    /// sum over the hidden layers of the mean activation. With batch normalization it is measured in standard
    /// deviations of the channel before the ReLU; otherwise the penalty would only shrink the gain.
    pub fn forward_with_activity(&self, inputs: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let mut activity = Tensor::zeros([1], &inputs.device());
        let mut add = |mean: Tensor<1>| activity = activity.clone() + mean;
        let logits = match self {
            Self::Dense(mlp) => mlp.trace(inputs, |activations| add(activations.clone().mean())),
            Self::Conv(conv) => {
                conv.trace(inputs, |norm, activations| add(norm.activity(activations)))
            }
        };
        (logits, activity)
    }

    /// Returns the layers with batch normalization folded in, by its statistics over `inputs`, batches of [N,
    /// inputs].
    pub fn fold(&self, inputs: &[Tensor<2>]) -> Vec<FloatLayer> {
        match self {
            Self::Dense(mlp) => mlp.dense_layers(),
            Self::Conv(conv) => conv.fold(inputs),
        }
    }
}

/// Dense layer to 7x7xC, then upsampling convolutions to 14x14 and 28x28, with batch normalization and ReLU
/// between them.
#[derive(Module, Debug)]
pub struct ConvGenerator {
    /// Weights [inputs, 49 C], columns in the order row, column, channel.
    dense: Param<Tensor<2>>,
    /// Batch normalization of each hidden layer.
    norms: Vec<BatchNorm>,
    /// Kernels [9, in, out], in the order of the filter taps.
    kernels: Vec<Param<Tensor<3>>>,
    /// Bias of the last layer, [1].
    bias: Param<Tensor<1>>,
}

impl ConvGenerator {
    fn new(shape: ConvShape, inputs: usize, seed: u64, device: &Device) -> Self {
        let [first, second] = shape.channels;
        let normal =
            Normal::new(0.0, GAIN * (2.0 / inputs as f32).sqrt()).expect("a finite deviation");
        let random = stream(seed, Purpose::Weights, 0);
        let outputs = GRID * GRID * first;
        let dense: Vec<f32> = normal.sample_iter(random).take(inputs * outputs).collect();
        let kernel = |index, inputs: usize, outputs: usize| {
            let bound = 1.0 / (16.0 * outputs as f32).sqrt();
            let uniform = Uniform::new_inclusive(-bound, bound).expect("a finite bound");
            let random = stream(seed, Purpose::Weights, index);
            let values: Vec<f32> = uniform
                .sample_iter(random)
                .take(9 * inputs * outputs)
                .collect();
            Param::from_data(TensorData::new(values, [9, inputs, outputs]), device)
        };
        Self {
            dense: Param::from_data(TensorData::new(dense, [inputs, outputs]), device),
            norms: [first, second]
                .map(|channels| BatchNorm::new(channels, device))
                .into(),
            kernels: vec![kernel(1, first, second), kernel(2, second, 1)],
            bias: Param::from_tensor(Tensor::zeros([1], device)),
        }
    }

    /// Returns the logits and calls `see` with the activations [N height width, channels] of each hidden
    /// layer and its batch normalization.
    fn trace(&self, inputs: Tensor<2>, mut see: impl FnMut(&BatchNorm, &Tensor<2>)) -> Tensor<2> {
        let hidden = self
            .norms
            .iter()
            .enumerate()
            .fold(inputs, |before, (index, norm)| {
                let activations = relu(norm.forward(self.sums(index, before)));
                see(norm, &activations);
                activations
            });
        let logits = self.sums(self.norms.len(), hidden) + self.bias.val().unsqueeze();
        let pixels = logits.dims()[0];
        logits.reshape([pixels / PIXELS, PIXELS])
    }

    /// Returns the output [N height width, channels] of one layer before normalization.
    fn sums(&self, layer: usize, before: Tensor<2>) -> Tensor<2> {
        let Some(index) = layer.checked_sub(1) else {
            let sums = before.matmul(self.dense.val());
            let [count, outputs] = sums.dims();
            let channels = outputs / (GRID * GRID);
            return sums.reshape([count * GRID * GRID, channels]);
        };
        let side = GRID << index;
        let [pixels, channels] = before.dims();
        let images = before.reshape([pixels / (side * side), side, side, channels]);
        let kernel = self.kernels[index].val();
        let outputs = kernel.dims()[2];
        double(images, up_kernel(kernel)).reshape([pixels * 4, outputs])
    }

    fn fold(&self, inputs: &[Tensor<2>]) -> Vec<FloatLayer> {
        let mut affines: Vec<(Tensor<2>, Tensor<2>)> = Vec::new();
        for (index, norm) in self.norms.iter().enumerate() {
            let mut moments = Moments::default();
            for chunk in inputs {
                let before = affines.iter().enumerate().fold(
                    chunk.clone(),
                    |before, (layer, (factor, term))| {
                        relu(self.sums(layer, before) * factor.clone() + term.clone())
                    },
                );
                moments.add(&self.sums(index, before));
            }
            affines.push(norm.affine(moments));
        }
        let biases = affines
            .iter()
            .map(|(_, term)| floats(term.clone()))
            .chain([floats(self.bias.val())]);
        let factors = affines
            .iter()
            .map(|(factor, _)| Some(factor.clone()))
            .chain([None]);
        let layers = factors
            .zip(biases)
            .enumerate()
            .map(|(layer, (factor, biases))| {
                let Some(index) = layer.checked_sub(1) else {
                    return self.fold_dense(factor, biases);
                };
                let kernel = self.kernels[index].val();
                let [_, inputs, outputs] = kernel.dims();
                let scaled = factor.map_or_else(
                    || kernel.clone(),
                    |factor| kernel.clone() * factor.unsqueeze(),
                );
                FloatLayer::UpsampleConv(FloatUpsampleConv {
                    side: GRID << index,
                    inputs,
                    outputs,
                    weights: floats(scaled.permute([2, 0, 1])),
                    biases,
                })
            });
        layers.collect()
    }

    fn fold_dense(&self, factor: Option<Tensor<2>>, biases: Vec<f32>) -> FloatLayer {
        let dense = self.dense.val();
        let [inputs, outputs] = dense.dims();
        let channels = biases.len();
        let split = dense.reshape([inputs * GRID * GRID, channels]);
        let scaled = match factor {
            Some(factor) => split * factor,
            None => split,
        };
        let weights = floats(scaled.reshape([inputs, outputs]).transpose());
        FloatLayer::Dense(FloatDense {
            inputs,
            outputs,
            weights,
            biases,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gan::preset::Preset,
        gan::{Gan, batches::Batch, rows},
    };

    /// Returns the activity of a generator for four latents.
    fn activity(generator: &Generator, device: &Device) -> f32 {
        let length = Preset::DigitsNano.recipe().inputs();
        let values = (0..4 * length).map(|place| (place * 37 % 64) as f32 / 32.0 - 1.0);
        let inputs = rows(values.collect(), length, device);
        let (logits, activity) = generator.forward_with_activity(inputs.clone());
        assert_eq!(floats(logits), floats(generator.forward(inputs)));
        activity.into_scalar::<f32>()
    }

    #[test]
    fn the_sparsity_penalty_is_invariant_under_the_scale_of_a_channel() {
        let device = Device::flex();
        let generator = Generator::new(&Preset::DigitsNano.recipe(), 1, &device);
        let before = activity(&generator, &device);
        // Half of the normal values remain, with a mean of 0.399 standard deviations, in each of two layers.
        assert!((0.7..0.9).contains(&before), "{before}");
        let Generator::Conv(mut conv) = generator else {
            panic!("this preset has convolutions")
        };
        conv.norms[0] = conv.norms[0].clone().scaled(8.0);
        let after = activity(&Generator::Conv(conv), &device);
        assert!(
            (after / before - 1.0).abs() < 0.01,
            "{after} after {before}"
        );
    }

    #[test]
    fn the_sparsity_penalty_reduces_activations() {
        let device = Device::flex();
        let after = |sparsity| {
            let recipe = Recipe {
                sparsity,
                batch: 8,
                ..Preset::DigitsNano.recipe()
            };
            let mut gan = Gan::new(recipe, 1, &device);
            for iteration in 0..60 {
                let images = (0..8 * PIXELS)
                    .map(|place| (place * 37 % 256) as f32 / 255.0)
                    .collect();
                gan.step(
                    iteration,
                    1_000,
                    Batch {
                        images,
                        labels: (0..8).collect(),
                    },
                );
            }
            activity(&gan.kept(), &gan.plain_device())
        };
        let (free, paid) = (after(None), after(Some(10.0)));
        assert!(paid < 0.9 * free, "{paid} after {free}");
    }
}
