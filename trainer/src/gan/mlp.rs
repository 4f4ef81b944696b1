//! Multilayer perceptrons.

use burn::{
    module::{Module, Param},
    nn::Linear,
    prelude::*,
    tensor::{TensorData, activation::relu},
};
use rand::distr::Distribution as _;
use rand_distr::Normal;

use crate::{
    export::quantize::{FloatDense, FloatLayer},
    gan::preset::MlpShape,
    random::{Purpose, stream},
};

/// Dense layers with ReLU between them, without an activation function at the end.
#[derive(Module, Debug, Default)]
pub struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    /// Creates layers from `inputs` to `outputs` with weights drawn from `seed`; `first` is the index of the
    /// first layer's random stream.
    ///
    /// # Panics
    /// If the shape's standard deviation of weights is not finite.
    pub fn new(
        shape: &MlpShape,
        inputs: usize,
        outputs: usize,
        seed: u64,
        first: u64,
        device: &Device,
    ) -> Self {
        let normal = Normal::new(0.0, shape.weight_deviation).expect("a finite deviation");
        let widths: Vec<usize> = [&[inputs], shape.hidden, &[outputs]].concat();
        let layers = (first..).zip(widths.windows(2)).map(|(index, pair)| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let random = stream(seed, Purpose::Weights, index);
            let weights: Vec<f32> = normal.sample_iter(random).take(inputs * outputs).collect();
            Linear {
                weight: Param::from_data(TensorData::new(weights, [inputs, outputs]), device),
                bias: Some(Param::from_data(
                    TensorData::new(vec![shape.bias; outputs], [outputs]),
                    device,
                )),
            }
        });
        Self {
            layers: layers.collect(),
        }
    }

    /// Returns the logits [N, outputs] of inputs [N, inputs].
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.trace(input, |_| {})
    }

    /// Returns the logits like [`Self::forward`] and calls `see` with the activations [N, width] of each
    /// hidden layer.
    pub fn trace(&self, input: Tensor<2>, mut see: impl FnMut(&Tensor<2>)) -> Tensor<2> {
        let last = self.layers.len() - 1;
        self.layers
            .iter()
            .enumerate()
            .fold(input, |before, (index, layer)| {
                let sums = layer.forward(before);
                if index == last {
                    return sums;
                }
                let activations = relu(sums);
                see(&activations);
                activations
            })
    }

    /// Returns the layers with weights [outputs, inputs].
    ///
    /// # Panics
    /// Never: the layers are created in f32 with biases.
    pub fn dense_layers(&self) -> Vec<FloatLayer> {
        let layers = self.layers.iter().map(|layer| {
            let weight = layer.weight.val();
            let [inputs, outputs] = weight.dims();
            let bias = layer.bias.as_ref().expect("every layer has a bias").val();
            let (weights, biases) = (floats(weight.transpose()), floats(bias));
            FloatLayer::Dense(FloatDense {
                inputs,
                outputs,
                weights,
                biases,
            })
        });
        layers.collect()
    }
}

/// Returns the elements of a tensor in row-major order.
///
/// # Panics
/// If the tensor is not f32, which would be a defect of this program.
pub fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .into_data()
        .try_to_vec()
        .expect("f32 tensors throughout")
}
