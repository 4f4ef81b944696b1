//! Batch normalization, folded into the preceding layer after training.

use burn::{
    module::{Module, Param},
    prelude::*,
};

/// Constant added to the variance.
const EPSILON: f32 = 1e-5;

/// Batch normalization (Ioffe and Szegedy, 2015) over channels, always with the batch's own statistics.
///
/// There are no running statistics: the statistics that a generator is folded with are computed once, from
/// the averaged weights.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// Standard deviation of each channel after normalization, [C].
    gain: Param<Tensor<1>>,
    /// Mean of each channel after normalization, [C].
    bias: Param<Tensor<1>>,
}

impl BatchNorm {
    /// Creates a layer with standard deviations 1 and means 0.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self {
            gain: Param::from_tensor(Tensor::ones([channels], device)),
            bias: Param::from_tensor(Tensor::zeros([channels], device)),
        }
    }

    /// Normalizes values [N, C].
    pub fn forward(&self, values: Tensor<2>) -> Tensor<2> {
        let centered = values.clone() - values.mean_dim(0);
        let variance = centered.clone().square().mean_dim(0);
        let factor = self.gain.val().unsqueeze() / (variance + EPSILON).sqrt();
        centered * factor + self.bias.val().unsqueeze()
    }

    /// Returns the mean of the activations [N, C] that follow this layer, in standard deviations of the
    /// channel before the ReLU: one value.
    pub fn activity(&self, activations: &Tensor<2>) -> Tensor<1> {
        (activations.clone().mean_dim(0) / self.gain.val().abs().unsqueeze()).mean()
    }

    /// Multiplies standard deviations and means by a factor.
    #[cfg(test)]
    pub fn scaled(self, factor: f32) -> Self {
        Self {
            gain: self.gain.map(|gain| gain * factor),
            bias: self.bias.map(|bias| bias * factor),
        }
    }

    /// Returns the layer as a factor and an offset per channel, [1, C] each, for given statistics.
    ///
    /// # Panics
    /// If no values were added to the statistics.
    pub fn affine(&self, moments: Moments) -> (Tensor<2>, Tensor<2>) {
        let (sum, squares) = moments.sums.expect("statistics of some values");
        let mean = sum / moments.count;
        let variance = squares / moments.count - mean.clone().square();
        let factor = self.gain.val().unsqueeze() / (variance + EPSILON).sqrt();
        let term = self.bias.val().unsqueeze() - mean * factor.clone();
        (factor, term)
    }
}

/// Mean and variance of channels, accumulated over batches.
#[derive(Debug, Default)]
pub struct Moments {
    /// Number of values per channel.
    count: f64,
    /// Sums of the values and of their squares, [1, C] each.
    sums: Option<(Tensor<2>, Tensor<2>)>,
}

impl Moments {
    /// Adds values [N, C].
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
