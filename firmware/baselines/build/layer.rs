//! Dense layers in MicroFlow's quantization: int8, one weight scale per layer, zero points 0.

use anyhow::{Result, bail};
use thumbgan_core::{
    Model,
    arithmetic::LOGIT_ONE,
    model::{Activation, DenseShape, LayerData, LayerShape},
};

/// Dense layer with one weight scale.
#[derive(Debug)]
pub struct Layer {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// Weights `[outputs, inputs]`.
    pub weights: Vec<i8>,
    /// One bias per output, in the scale of the accumulator.
    pub biases: Vec<i32>,
    /// Scale of the inputs.
    pub input_scale: f32,
    /// Scale of the weights.
    pub weight_scale: f32,
    /// Scale of the outputs.
    pub output_scale: f32,
    /// True for a layer with ReLU.
    pub relu: bool,
}

/// Converts the layers of a model file with dense layers only. The last one has no sigmoid, so its outputs are logits.
///
/// # Errors
/// If the file is not a valid model or one of its layers is not dense.
pub fn read(file: &[u8]) -> Result<Vec<Layer>> {
    let model = Model::parse(file)?;
    let mut scale = model.latent().distribution.scale();
    let mut layers = Vec::new();
    for layer in model.layers() {
        let LayerShape::Dense(shape) = layer.shape() else {
            bail!(
                "layer {}, {}: MicroFlow has dense layers only",
                layers.len(),
                layer.shape()
            );
        };
        let layer = Layer::quantize(shape, &LayerData::from(layer), scale);
        scale = layer.output_scale;
        layers.push(layer);
    }
    Ok(layers)
}

impl Layer {
    /// Quantizes a layer with the one scale that its largest weight needs.
    fn quantize(shape: DenseShape, data: &LayerData, input_scale: f32) -> Self {
        let (inputs, outputs) = (usize::from(shape.inputs), usize::from(shape.outputs));
        let multiplier = |output: usize| {
            let multiplier = data.multipliers[output % usize::from(shape.channels)];
            f64::from(multiplier) / 2_f64.powi(shape.shift.into())
        };
        let weights: Vec<_> = data
            .weights
            .iter()
            .enumerate()
            .map(|(index, &weight)| f64::from(weight) * multiplier(index / inputs))
            .collect();
        let largest = weights
            .iter()
            .fold(0.0, |most: f64, weight| most.max(weight.abs()));
        let scale = largest / 127.0;
        let relu = shape.activation == Activation::Relu;
        // The file has no scale of hidden activations, since the result does not depend on it.
        let output_scale = if relu { 1.0 } else { 1.0 / LOGIT_ONE as f32 };
        let bias = |output: usize| {
            f64::from(data.biases[output % usize::from(shape.channels)]) * multiplier(output)
        };
        Self {
            inputs,
            outputs,
            weights: weights
                .iter()
                .map(|weight| (weight / scale).round() as i8)
                .collect(),
            biases: (0..outputs)
                .map(|output| (bias(output) / scale).round() as i32)
                .collect(),
            input_scale,
            weight_scale: scale as f32 * output_scale / input_scale,
            output_scale,
            relu,
        }
    }

    /// Computes the outputs with reference loops.
    pub fn run(&self, inputs: &[i8]) -> Vec<i8> {
        let scale = self.input_scale * self.weight_scale / self.output_scale;
        let least = if self.relu { 0.0 } else { -128.0 };
        let rows = self.weights.chunks(self.inputs).zip(&self.biases);
        rows.map(|(row, bias)| {
            let products = row
                .iter()
                .zip(inputs)
                .map(|(&weight, &input)| i32::from(weight) * i32::from(input));
            let sum = bias + products.sum::<i32>();
            (sum as f32 * scale).round().clamp(least, 127.0) as i8
        })
        .collect()
    }
}
