//! Network of the feature extractor, a variant of LeNet-5 (LeCun et al., 1998).

use crate::data::SIDE;
use burn::{
    module::{Module, Param, ParamId},
    nn::{
        Linear,
        conv::{Conv2d, Conv2dConfig},
    },
    prelude::*,
    tensor::{TensorData, activation::relu, module::max_pool2d, ops::MaxPoolOptions},
};
use rand::distr::Distribution as _;
use rand_distr::Normal;

use super::FEATURES;
use crate::random::{Purpose, stream};

/// Output channels of the two convolutions.
pub const CHANNELS: [usize; 2] = [24, 48];
/// Width and height of the convolution kernels.
pub const KERNEL: usize = 5;
/// Side of the feature map after the second pooling.
const LAST_SIDE: usize = pooled(pooled(SIDE));

/// Returns the side of a feature map after a convolution and a pooling.
const fn pooled(side: usize) -> usize {
    (side - (KERNEL - 1)) / 2
}

/// Two 5x5 convolutions with ReLU and 2x2 max pooling, a dense layer with ReLU whose activations are the
/// features, and a dense layer to the logits.
#[derive(Module, Debug)]
pub struct LeNet {
    first: Conv2d,
    second: Conv2d,
    hidden: Linear,
    output: Linear,
}

impl LeNet {
    /// Creates a network for a number of classes, with biases of 0 and weights drawn from `seed` with variance
    /// 2 / inputs (He et al., 2015).
    pub fn new(seed: u64, classes: usize, device: &Device) -> Self {
        let [first, second] = CHANNELS;
        Self {
            first: conv(seed, 0, [1, first], device),
            second: conv(seed, 1, [first, second], device),
            hidden: linear(seed, 2, [second * LAST_SIDE * LAST_SIDE, FEATURES], device),
            output: linear(seed, 3, [FEATURES, classes], device),
        }
    }

    /// Returns features [N, 128] and logits [N, classes] of images [N, 1, 28, 28] with pixels 0 to 1.
    pub fn forward(&self, grays: Tensor<4>) -> (Tensor<2>, Tensor<2>) {
        let halves = || MaxPoolOptions::new([2, 2]);
        let maps = max_pool2d(relu(self.first.forward(grays)), halves());
        let maps = max_pool2d(relu(self.second.forward(maps)), halves());
        let features = relu(self.hidden.forward(maps.flatten(1, 3)));
        (features.clone(), self.output.forward(features))
    }
}

fn conv(seed: u64, index: u64, [inputs, outputs]: [usize; 2], device: &Device) -> Conv2d {
    let shape = [outputs, inputs, KERNEL, KERNEL];
    Conv2d {
        weight: weights(seed, index, shape, inputs * KERNEL * KERNEL, device),
        bias: Some(biases(index, outputs, device)),
        ..Conv2dConfig::new([inputs, outputs], [KERNEL, KERNEL]).init(device)
    }
}

fn linear(seed: u64, index: u64, [inputs, outputs]: [usize; 2], device: &Device) -> Linear {
    Linear {
        weight: weights(seed, index, [inputs, outputs], inputs, device),
        bias: Some(biases(index, outputs, device)),
    }
}

fn weights<const D: usize>(
    seed: u64,
    index: u64,
    shape: [usize; D],
    inputs: usize,
    device: &Device,
) -> Param<Tensor<D>> {
    let normal = Normal::new(0.0, (2.0 / inputs as f32).sqrt()).expect("a finite deviation");
    let random = stream(seed, Purpose::Weights, index);
    let values = normal
        .sample_iter(random)
        .take(shape.iter().product())
        .collect();
    parameter(2 * index, values, shape, device)
}

fn biases(index: u64, count: usize, device: &Device) -> Param<Tensor<1>> {
    parameter(2 * index + 1, vec![0.0; count], [count], device)
}

/// Creates a parameter with a fixed identifier; burn's identifiers are random, which would change the file.
fn parameter<const D: usize>(
    id: u64,
    values: Vec<f32>,
    shape: [usize; D],
    device: &Device,
) -> Param<Tensor<D>> {
    let mut parameter = Param::from_data(TensorData::new(values, shape), device);
    parameter.id = ParamId::from(id);
    parameter
}
