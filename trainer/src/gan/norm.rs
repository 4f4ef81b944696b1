//! Batch normalisation that is folded into the layer before it once training is over.

use burn::{
    module::{Module, Param},
    prelude::*,
};

/// Keeps the division finite where a channel is constant.
const EPSILON: f32 = 1e-5;

/// Batch normalisation (Ioffe and Szegedy, 2015) over channels, always by the batch's own statistics.
///
/// Nothing is gathered while training: the statistics that a generator is folded with are taken once, from
/// the averaged weights.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// Deviation of each channel afterwards, [C].
    gain: Param<Tensor<1>>,
    /// Mean of each channel afterwards, [C].
    bias: Param<Tensor<1>>,
}

impl BatchNorm {
    /// Leaves deviations at 1 and means at 0.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self {
            gain: Param::from_tensor(Tensor::ones([channels], device)),
            bias: Param::from_tensor(Tensor::zeros([channels], device)),
        }
    }

    /// Normalises values [N, C].
    pub fn forward(&self, values: Tensor<2>) -> Tensor<2> {
        let centred = values.clone() - values.mean_dim(0);
        let variance = centred.clone().square().mean_dim(0);
        let factor = self.gain.val().unsqueeze() / (variance + EPSILON).sqrt();
        centred * factor + self.bias.val().unsqueeze()
    }

    /// The mean of activations [N, C] that came of it, each in deviations of its channel: one value.
    pub fn activity(&self, activations: &Tensor<2>) -> Tensor<1> {
        (activations.clone().mean_dim(0) / self.gain.val().abs().unsqueeze()).mean()
    }

    /// The same with deviations and means so many times as large.
    #[cfg(test)]
    pub fn scaled(self, factor: f32) -> Self {
        Self {
            gain: self.gain.map(|gain| gain * factor),
            bias: self.bias.map(|bias| bias * factor),
        }
    }

    /// The same as a factor and a term of each channel, [1, C] each, by other statistics.
    ///
    /// # Panics
    /// When no values were gathered.
    pub fn affine(&self, moments: Moments) -> (Tensor<2>, Tensor<2>) {
        let (sum, squares) = moments.sums.expect("statistics of some values");
        let mean = sum / moments.count;
        let variance = squares / moments.count - mean.clone().square();
        let factor = self.gain.val().unsqueeze() / (variance + EPSILON).sqrt();
        let term = self.bias.val().unsqueeze() - mean * factor.clone();
        (factor, term)
    }
}

/// Mean and variance of channels, gathered from parts.
#[derive(Debug, Default)]
pub struct Moments {
    /// Values seen of each channel.
    count: f64,
    /// Sum over the parts of values and of their squares, [1, C] each.
    sums: Option<(Tensor<2>, Tensor<2>)>,
}

impl Moments {
    /// Takes in values [N, C].
    pub fn add(&mut self, values: &Tensor<2>) {
        self.count += values.dims()[0] as f64;
        let (sum, squares) = (
            values.clone().sum_dim(0),
            values.clone().square().sum_dim(0),
        );
        self.sums = Some(match self.sums.take() {
            Some((sums, all_squares)) => (sums + sum, all_squares + squares),
            None => (sum, squares),
        });
    }
}
