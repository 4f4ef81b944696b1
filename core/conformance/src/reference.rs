//! Forward pass as specified in `docs/arithmetic.md`: slow, in integers that cannot overflow.

use thumbgan_core::model::{Activation, DenseShape, LayerData, LayerShape, UpsampleConvShape};

/// Layer shape with parameters.
pub type Layer = (LayerShape, LayerData);

/// Returns the pixels of a model for the first layer's input.
pub fn pixels(layers: &[Layer], input: &[i8]) -> Vec<u8> {
    let input = input.iter().map(|&value| value.into()).collect();
    let pixels: Vec<i64> = layers
        .iter()
        .fold(input, |values, layer| outputs(layer, &values));
    pixels
        .into_iter()
        .map(|pixel| u8::try_from(pixel).unwrap())
        .collect()
}

/// Returns the activations of each hidden layer of a model for the first layer's input.
pub fn activations(layers: &[Layer], input: &[i8]) -> Vec<Vec<i8>> {
    let mut values: Vec<i64> = input.iter().map(|&value| value.into()).collect();
    let (_, hidden) = layers.split_last().unwrap();
    let activations = hidden.iter().map(|layer| {
        values = outputs(layer, &values);
        values.iter().map(|value| *value as i8).collect()
    });
    activations.collect()
}

/// Returns the outputs of a layer.
pub fn outputs((shape, data): &Layer, input: &[i64]) -> Vec<i64> {
    let (shift, activation) = match shape {
        LayerShape::Dense(DenseShape {
            shift, activation, ..
        })
        | LayerShape::UpsampleConv(UpsampleConvShape {
            shift, activation, ..
        }) => (*shift, activation),
    };
    let sums = sums(*shape, data, input);
    let scaled = sums
        .into_iter()
        .zip(data.multipliers.iter().cycle())
        .map(|(sum, &multiplier)| {
            let product = i128::from(sum) * i128::from(multiplier);
            ((2 * product + (1 << shift)).div_euclid(1 << (shift + 1))) as i64
        });
    match activation {
        Activation::Relu => scaled.map(|activation| activation.clamp(0, 127)).collect(),
        Activation::Sigmoid => {
            let logits = scaled.map(|logit| logit.clamp(-128, 127) as f64 / 16.0);
            logits
                .map(|logit| (255.0 / (1.0 + (-logit).exp())).round() as i64)
                .collect()
        }
    }
}

/// Returns the accumulators of a layer, output by output.
pub fn sums(shape: LayerShape, data: &LayerData, input: &[i64]) -> Vec<i64> {
    match shape {
        LayerShape::Dense(shape) => {
            let rows = data
                .weights
                .chunks(shape.inputs.into())
                .zip(data.biases.iter().cycle());
            let sums = rows.map(|(row, &bias)| {
                let products = row
                    .iter()
                    .zip(input)
                    .map(|(&weight, x)| i64::from(weight) * x);
                i64::from(bias) + products.sum::<i64>()
            });
            sums.collect()
        }
        LayerShape::UpsampleConv(shape) => upsample_conv(shape, data, input),
    }
}

/// Upsamples, pads and convolves in separate steps.
fn upsample_conv(shape: UpsampleConvShape, data: &LayerData, input: &[i64]) -> Vec<i64> {
    let [side, inputs, outputs] = [shape.side.into(), shape.inputs.into(), shape.outputs.into()];
    let (large, padded) = (2 * side, 2 * side + 2);
    let mut padded_map = vec![0; padded * padded * inputs];
    for y in 0..large {
        for x in 0..large {
            for c in 0..inputs {
                padded_map[((y + 1) * padded + x + 1) * inputs + c] =
                    input[(y / 2 * side + x / 2) * inputs + c];
            }
        }
    }
    let mut sums = Vec::new();
    for y in 0..large {
        for x in 0..large {
            for o in 0..outputs {
                let mut sum = i64::from(data.biases[o]);
                for (ky, kx, c) in
                    (0..9 * inputs).map(|k| (k / inputs / 3, k / inputs % 3, k % inputs))
                {
                    let weight = data.weights[((o * 3 + ky) * 3 + kx) * inputs + c];
                    sum +=
                        i64::from(weight) * padded_map[((y + ky) * padded + x + kx) * inputs + c];
                }
                sums.push(sum);
            }
        }
    }
    sums
}
