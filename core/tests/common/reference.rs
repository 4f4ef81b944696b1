//! The forward pass as docs/arithmetic.md says it: slow, in numbers that cannot overflow.

use thumbgan_core::model::{Activation, DenseShape, LayerData, LayerShape, UpConvShape};

use super::Layer;

/// The pixels of a first layer's input.
pub fn pixels(layers: &[Layer], input: &[i8]) -> Vec<u8> {
    let input = input.iter().map(|&value| value.into()).collect();
    let pixels: Vec<i64> = layers.iter().fold(input, |values, layer| outputs(layer, &values));
    pixels.into_iter().map(|pixel| u8::try_from(pixel).unwrap()).collect()
}

/// A layer's outputs.
pub fn outputs((shape, data): &Layer, input: &[i64]) -> Vec<i64> {
    let (shift, activation) = match shape {
        LayerShape::Dense(DenseShape { shift, activation, .. })
        | LayerShape::UpConv(UpConvShape { shift, activation, .. }) => (*shift, activation),
    };
    let sums = sums(*shape, data, input);
    let scaled = sums.into_iter().zip(data.multipliers.iter().cycle()).map(|(sum, &multiplier)| {
        let product = i128::from(sum) * i128::from(multiplier);
        ((2 * product + (1 << shift)).div_euclid(1 << (shift + 1))) as i64
    });
    match activation {
        Activation::Relu => scaled.map(|activation| activation.clamp(0, 127)).collect(),
        Activation::Sigmoid => {
            let logits = scaled.map(|logit| logit.clamp(-128, 127) as f64 / 16.0);
            logits.map(|logit| (255.0 / (1.0 + (-logit).exp())).round() as i64).collect()
        }
    }
}

/// A layer's accumulators, output by output.
pub fn sums(shape: LayerShape, data: &LayerData, input: &[i64]) -> Vec<i64> {
    match shape {
        LayerShape::Dense(shape) => {
            let rows = data.weights.chunks(shape.inputs.into()).zip(data.biases.iter().cycle());
            let sums = rows.map(|(row, &bias)| {
                let products = row.iter().zip(input).map(|(&weight, x)| i64::from(weight) * x);
                i64::from(bias) + products.sum::<i64>()
            });
            sums.collect()
        }
        LayerShape::UpConv(shape) => up_conv(shape, data, input),
    }
}

/// Upsamples, pads and convolves, one after the other.
fn up_conv(shape: UpConvShape, data: &LayerData, input: &[i64]) -> Vec<i64> {
    let [side, inputs, outputs] = [shape.side.into(), shape.inputs.into(), shape.outputs.into()];
    let (large, padded) = (2 * side, 2 * side + 2);
    let mut picture = vec![0; padded * padded * inputs];
    for y in 0..large {
        for x in 0..large {
            for c in 0..inputs {
                picture[((y + 1) * padded + x + 1) * inputs + c] = input[(y / 2 * side + x / 2) * inputs + c];
            }
        }
    }
    let mut sums = Vec::new();
    for y in 0..large {
        for x in 0..large {
            for o in 0..outputs {
                let mut sum = i64::from(data.biases[o]);
                for (ky, kx, c) in (0..9 * inputs).map(|k| (k / inputs / 3, k / inputs % 3, k % inputs)) {
                    let weight = data.weights[((o * 3 + ky) * 3 + kx) * inputs + c];
                    sum += i64::from(weight) * picture[((y + ky) * padded + x + kx) * inputs + c];
                }
                sums.push(sum);
            }
        }
    }
    sums
}
