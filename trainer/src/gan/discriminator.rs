//! Discriminators: images and classes to the logit of being real.

use crate::data::{PIXELS, SIDE};
use burn::{
    module::{Module, Param},
    prelude::*,
    tensor::TensorData,
};
use rand::distr::Distribution as _;
use rand_distr::Uniform;

use super::{
    conv::{double, halve},
    lowering::leaky,
    mlp::Mlp,
};
use crate::{
    gan::preset::{DiscriminatorShape, Recipe},
    random::{Purpose, stream},
};

/// Slope of the leaky ReLU for negative values.
const LEAK: f32 = 0.2;
/// First random stream of the discriminator's weights.
const FIRST_STREAM: u64 = 64;

/// Discriminator in training.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a run")]
pub enum Discriminator {
    /// Dense layers, unconditional.
    Dense(Mlp),
    /// Two convolutions with a projection on the class.
    Conv(ConvDiscriminator),
}

/// Placeholder without layers, for a discriminator that was moved out.
impl Default for Discriminator {
    fn default() -> Self {
        Self::Dense(Mlp::default())
    }
}

impl Discriminator {
    /// Creates a discriminator with weights drawn from `seed`.
    pub fn new(recipe: &Recipe, seed: u64, device: &Device) -> Self {
        match &recipe.discriminator {
            DiscriminatorShape::Dense(shape) => {
                Self::Dense(Mlp::new(shape, PIXELS, 1, seed, 2, device))
            }
            DiscriminatorShape::Conv { channels, features } => Self::Conv(ConvDiscriminator::new(
                *channels,
                *features,
                recipe.classes.into(),
                seed,
                device,
            )),
        }
    }

    /// Returns the logits [N, 1] of images [N, 784], 0 to 1, with their one-hot classes [N, classes].
    pub fn forward(&self, images: Tensor<2>, classes: Option<Tensor<2>>) -> Tensor<2> {
        match self {
            Self::Dense(mlp) => mlp.forward(images),
            Self::Conv(conv) => conv.forward(images, classes),
        }
    }

    /// Returns the squared norm [N, 1] of the logit's gradient at each image, which the penalties R1 and R2
    /// reduce; `None` for architectures without it.
    pub fn steepness(&self, images: Tensor<2>, classes: Option<Tensor<2>>) -> Option<Tensor<2>> {
        match self {
            Self::Dense(_) => None,
            Self::Conv(conv) => Some(conv.input_gradient(images, classes).square().sum_dim(1)),
        }
    }
}

/// Convolutions to 14x14 and 7x7 and a dense layer, each followed by leaky ReLU, then a logit with projection
/// of the features on the class (Miyato and Koyama, 2018).
#[derive(Module, Debug)]
pub struct ConvDiscriminator {
    /// Kernels [16, C1] and [16 C1, C2], then [49 C2, features].
    kernels: Vec<Param<Tensor<2>>>,
    biases: Vec<Param<Tensor<1>>>,
    /// Weight [1, features] and bias [1] of the logit.
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
    /// Class embedding [classes, features]; `None` for an unconditional discriminator.
    embedding: Option<Param<Tensor<2>>>,
}

impl ConvDiscriminator {
    fn new(
        channels: [usize; 2],
        features: usize,
        classes: usize,
        seed: u64,
        device: &Device,
    ) -> Self {
        let [first, second] = channels;
        let values = |index: u64, inputs: usize, count: usize| -> Vec<f32> {
            let bound = 1.0 / (inputs as f32).sqrt();
            let uniform = Uniform::new_inclusive(-bound, bound).expect("a finite bound");
            let random = stream(seed, Purpose::Weights, FIRST_STREAM + index);
            uniform.sample_iter(random).take(count).collect()
        };
        let matrix = |index, inputs, rows: usize, columns: usize| {
            Param::from_data(
                TensorData::new(values(index, inputs, rows * columns), [rows, columns]),
                device,
            )
        };
        let vector = |index, inputs, length: usize| {
            Param::from_data(
                TensorData::new(values(index, inputs, length), [length]),
                device,
            )
        };
        let widths = [
            (16, first),
            (16 * first, second),
            (PIXELS / 16 * second, features),
        ];
        let kernels = (0..)
            .zip(widths)
            .map(|(index, (rows, columns))| matrix(2 * index, rows, rows, columns));
        let biases = (0..)
            .zip(widths)
            .map(|(index, (rows, columns))| vector(2 * index + 1, rows, columns));
        Self {
            kernels: kernels.collect(),
            biases: biases.collect(),
            weight: matrix(6, features, 1, features),
            bias: vector(7, features, 1),
            embedding: (classes > 0).then(|| matrix(8, 1, classes, features)),
        }
    }

    fn forward(&self, images: Tensor<2>, classes: Option<Tensor<2>>) -> Tensor<2> {
        let [_, _, features] = self.activations(images);
        (features * self.direction(classes)).sum_dim(1) + self.bias.val().unsqueeze()
    }

    /// Returns the gradient of each logit with respect to its image, [N, 784], as an expression of the
    /// weights that can be differentiated once more.
    ///
    /// Leaky ReLU is piecewise linear, so this is exact: the layers are applied backwards, with the slopes of
    /// the forward pass.
    pub fn input_gradient(&self, images: Tensor<2>, classes: Option<Tensor<2>>) -> Tensor<2> {
        let count = images.dims()[0];
        let [first, second, features] = self.activations(images.detach()).map(slopes);
        let [side, half] = [SIDE / 2, SIDE / 4];
        let backwards = |layer: usize| self.kernels[layer].val().transpose();
        let inner = (self.direction(classes) * features).matmul(backwards(2)) * second;
        let channels = self.kernels[1].dims()[1];
        let middle = double(inner.reshape([count, half, half, channels]), backwards(1));
        let channels = self.kernels[0].dims()[1];
        let outer = middle * first.reshape([count, side, side, channels]);
        double(outer, backwards(0)).reshape([count, PIXELS]) * 2.0
    }

    /// Returns the factors of the features in the logit, [N, features] or [1, features].
    fn direction(&self, classes: Option<Tensor<2>>) -> Tensor<2> {
        let weight = self.weight.val();
        let scale = (weight.dims()[1] as f32).sqrt();
        match (classes, &self.embedding) {
            (Some(classes), Some(embedding)) => classes.matmul(embedding.val()) / scale + weight,
            _ => weight,
        }
    }

    /// Returns the activations for images [N, 784]: [N, 14 14 C1], [N, 49 C2], [N, features].
    fn activations(&self, images: Tensor<2>) -> [Tensor<2>; 3] {
        let count = images.dims()[0];
        let images = (images * 2.0 - 1.0).reshape([count, SIDE, SIDE, 1]);
        let conv = |images: Tensor<4>, layer: usize| {
            let sums = halve(images, self.kernels[layer].val());
            leaky(sums + self.biases[layer].val().unsqueeze(), LEAK)
        };
        let first = conv(images, 0);
        let second = conv(first.clone(), 1);
        let [first, second] = [first, second].map(|images| images.flatten(1, 3));
        let sums = second.clone().matmul(self.kernels[2].val()) + self.biases[2].val().unsqueeze();
        [first, second, leaky(sums, LEAK)]
    }
}

/// Returns the slopes of the leaky ReLU for its outputs.
fn slopes(activations: Tensor<2>) -> Tensor<2> {
    activations.detach().greater_elem(0.0).float() * (1.0 - LEAK) + LEAK
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::{
        gan::preset::Preset,
        gan::{mlp::floats, one_hot, rows},
    };

    fn images(device: &Device) -> Tensor<2> {
        let mut random = stream(3, Purpose::Noise, 0);
        rows(
            (0..4 * PIXELS)
                .map(|_| random.random_range(0.0..1.0))
                .collect(),
            PIXELS,
            device,
        )
    }

    /// Returns a discriminator and classes for four images.
    fn discriminator(device: &Device) -> (ConvDiscriminator, Option<Tensor<2>>) {
        let Discriminator::Conv(conv) = Discriminator::new(&Preset::Digits.recipe(), 1, device)
        else {
            panic!("this preset has convolutions")
        };
        (conv, one_hot(&[3, 1, 4, 1], 10, device))
    }

    #[test]
    fn the_input_gradient_equals_automatic_differentiation() {
        let device = Device::flex().autodiff();
        let (conv, classes) = discriminator(&device);
        let images = images(&device).require_grad();
        let gradients = conv
            .forward(images.clone(), classes.clone())
            .sum()
            .backward();
        let expected = floats(images.grad(&gradients).expect("tracked"));
        let largest = expected.iter().copied().fold(0.0, f32::max);
        for (found, expected) in floats(conv.input_gradient(images, classes))
            .into_iter()
            .zip(expected)
        {
            assert!(
                (found - expected).abs() < 1e-4 * largest,
                "{found} instead of {expected}"
            );
        }
    }

    #[test]
    fn the_gradient_of_the_penalty_equals_finite_differences() {
        let device = Device::flex().autodiff();
        let (conv, classes) = discriminator(&device);
        let penalty = |conv: &ConvDiscriminator| {
            conv.input_gradient(images(&device), classes.clone())
                .square()
                .sum_dim(1)
                .mean()
        };
        let before = penalty(&conv);
        let gradients = before.clone().backward();
        let weight = conv.kernels[1].val();
        let gradient = weight.grad(&gradients).expect("the kernel makes it steep");
        // A small step against the gradient reduces the penalty by the amount that the gradient predicts.
        let step = 1e-3;
        let expected: f32 = gradient.clone().square().sum().into_scalar::<f32>() * step;
        let moved = weight.inner() - gradient * step;
        let mut after = conv.clone();
        after.kernels[1] = Param::from_tensor(Tensor::from_inner(moved));
        let lessened = before.into_scalar::<f32>() - penalty(&after).into_scalar::<f32>();
        assert!(
            (lessened / expected - 1.0).abs() < 0.05,
            "{lessened} instead of {expected}"
        );
    }
}
