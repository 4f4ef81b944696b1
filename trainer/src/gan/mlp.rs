//! Networks of dense layers.

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

/// Dense layers with ReLU between them, ending in plain logits.
#[derive(Module, Debug, Default)]
pub struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    /// Layers from `inputs` to `outputs` with weights drawn from `seed`; `first` numbers the first layer's stream.
    ///
    /// # Panics
    /// When the shape's deviation of weights is not a finite number.
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

    /// Logits [N, outputs] of inputs [N, inputs].
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.trace(input, |_| {})
    }

    /// As [`Self::forward`], showing `see` the activations [N, width] of each hidden layer.
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

    /// The layers' numbers, weights output by output.
    ///
    /// # Panics
    /// Never: the layers are made here, with biases and in f32.
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

/// The elements of a tensor, row by row.
///
/// # Panics
/// When the tensor is not f32: a defect, as this program makes no other.
pub fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .into_data()
        .try_to_vec()
        .expect("f32 tensors throughout")
}
