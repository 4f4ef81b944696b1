//! Dense layers as MicroFlow runs them: one scale for all weights of a layer, int8, every zero point 0.

use anyhow::{Result, bail};
use thumbgan_core::{
    Model,
    arithmetic::LOGIT_UNITS,
    model::{Activation, LayerShape},
};

use crate::numbers::{Numbers, data};

/// A dense layer of `outputs` sums of `inputs` products each.
#[derive(Debug)]
pub struct Layer {
    /// Values in.
    pub inputs: usize,
    /// Values out.
    pub outputs: usize,
    /// A row of `inputs` weights for each output.
    pub weights: Vec<i8>,
    /// One for each output, in units of a product.
    pub biases: Vec<i32>,
    /// The real value of one unit of an input.
    pub input_unit: f32,
    /// The real value of one unit of a weight.
    pub weight_unit: f32,
    /// The real value of one unit of an output.
    pub output_unit: f32,
    /// Whether outputs below 0 become 0.
    pub relu: bool,
}

/// The layers of a model file that has dense ones only, less the sigmoid at their end: logits come out.
///
/// # Errors
/// When the file is no sound model, or one of its layers is not dense.
pub fn read(file: &[u8]) -> Result<Vec<Layer>> {
    let model = Model::parse(file)?;
    let mut data = data(file)?;
    let mut unit = model.latent().distribution.unit();
    let mut layers = Vec::new();
    for layer in model.layers() {
        let LayerShape::Dense(shape) = layer.shape() else {
            bail!("layer {}, {}: MicroFlow has dense layers only", layers.len(), layer.shape());
        };
        let layer = Layer::quantise(&Numbers::take(shape, &mut data)?, unit);
        unit = layer.output_unit;
        layers.push(layer);
    }
    Ok(layers)
}

impl Layer {
    /// The layer of these numbers with the scale that its largest weight needs.
    fn quantise(numbers: &Numbers<'_>, input_unit: f32) -> Self {
        let (inputs, outputs) = (usize::from(numbers.shape.inputs), usize::from(numbers.shape.outputs));
        let pairs = || (0..outputs).flat_map(|output| (0..inputs).map(move |input| (output, input)));
        let weights: Vec<_> = pairs().map(|(output, input)| numbers.weight(output, input)).collect();
        let scale = weights.iter().fold(0.0, |most: f64, weight| most.max(weight.abs())) / 127.0;
        let relu = numbers.shape.activation == Activation::Relu;
        // The file has no unit of hidden activations, since any will do.
        let output_unit = if relu { 1.0 } else { 1.0 / LOGIT_UNITS as f32 };
        Self {
            inputs,
            outputs,
            weights: weights.iter().map(|weight| (weight / scale).round() as i8).collect(),
            biases: (0..outputs).map(|output| (numbers.bias(output) / scale).round() as i32).collect(),
            input_unit,
            weight_unit: scale as f32 * output_unit / input_unit,
            output_unit,
            relu,
        }
    }

    /// What the layer makes of its inputs, in plain loops.
    pub fn run(&self, inputs: &[i8]) -> Vec<i8> {
        let scale = self.input_unit * self.weight_unit / self.output_unit;
        let least = if self.relu { 0.0 } else { -128.0 };
        let rows = self.weights.chunks(self.inputs).zip(&self.biases);
        rows.map(|(row, bias)| {
            let products =
                row.iter().zip(inputs).map(|(&weight, &input)| i32::from(weight) * i32::from(input));
            let sum = bias + products.sum::<i32>();
            (sum as f32 * scale).round().clamp(least, 127.0) as i8
        })
        .collect()
    }
}
