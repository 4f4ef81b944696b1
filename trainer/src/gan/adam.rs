//! Adam in one pass over each parameter, without denormal numbers.
//!
//! burn's Adam runs one tensor operation per term and lets the moments of constant weights (the border of
//! MNIST is always background) decay until they are denormal and stay there, because 0.9 times the smallest
//! float rounds to itself. Processors compute a hundred times more slowly with denormal numbers, which
//! doubles the time of 100,000 iterations. Here moments too small to move any weight are set to zero. Weights
//! and record equal those of burn's Adam bit for bit.

use burn::{
    optim::{AdamState, AdaptiveMomentumState, LearningRate, Optimizer},
    prelude::*,
};
use pulp::Arch;

/// Moments below this value are set to zero. Divided by any epsilon in use they do not change a weight.
const SMALLEST: f32 = 1e-30;
/// Gradients below this value are set to zero, because their squares would be denormal.
const SMALLEST_GRADIENT: f32 = 1e-17;

/// Adam optimizer (Kingma and Ba, 2015).
#[derive(Clone, Debug)]
pub struct Adam {
    /// Decay rates of the first and the second moment.
    pub betas: (f32, f32),
    /// Constant added to the denominator.
    pub epsilon: f32,
}

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let device = weights.device();
        let state = state.map_or_else(
            || {
                let zeros = Tensor::zeros(weights.dims(), &device);
                AdaptiveMomentumState::new(0, zeros.clone(), zeros)
            },
            |state| state.momentum,
        );
        let time = state.time + 1;
        let mut data = [weights, state.moment_1, state.moment_2].map(Tensor::into_data);
        let gradient = gradient.into_data();
        let [weights, first, second] = data
            .each_mut()
            .map(|data| data.as_mut_slice().expect("f32 tensors throughout"));
        let gradient = gradient.as_slice().expect("f32 tensors throughout");
        self.update(rate as f32, time as i32, gradient, weights, first, second);
        let [weights, first, second] = data.map(|data| Tensor::from_data(data, &device));
        (
            weights,
            Some(AdamState::new(AdaptiveMomentumState::new(
                time, first, second,
            ))),
        )
    }

    fn to_device<const D: usize>(mut state: AdamState<D>, device: &Device) -> AdamState<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}

impl Adam {
    /// Computes one step, in the order of burn's operations.
    fn update(
        &self,
        rate: f32,
        time: i32,
        gradient: &[f32],
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let (beta_1, beta_2) = self.betas;
        let (rest_1, rest_2) = (1.0 - beta_1, 1.0 - beta_2);
        let correction_2 = (1.0 - beta_2.powi(time)).sqrt();
        let correction = correction_2 / (1.0 - beta_1.powi(time));
        let epsilon = self.epsilon * correction_2;
        Arch::new().dispatch(|| {
            for (((w, m), v), &g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
                let g = flush(g, SMALLEST_GRADIENT);
                *m = flush(*m * beta_1 + g * rest_1, SMALLEST);
                *v = flush(*v * beta_2 + g * g * rest_2, SMALLEST);
                *w -= (*m * correction) / (v.sqrt() + epsilon) * rate;
            }
        });
    }
}

/// Returns zero for a value below `smallest`.
fn flush(value: f32, smallest: f32) -> f32 {
    if value.abs() < smallest { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use burn::{
        module::{Module, Param},
        nn::Linear,
        optim::{AdamConfig, GradientsParams, ModuleOptimizer},
        tensor::TensorData,
    };

    use super::*;
    use crate::gan::mlp::floats;

    /// Returns the weights after a hundred steps; some gradients are zero after the first step.
    fn trained(mut optimizer: ModuleOptimizer) -> Vec<f32> {
        let device = Device::flex().autodiff();
        let tensor =
            |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [4, 4]), &device);
        let start = (0..16).map(|n| (n as f32 - 7.5) / 16.0).collect();
        let mut layer = Linear {
            weight: Param::from_tensor(tensor(start)),
            bias: None,
        };
        for step in 0..100 {
            let input = (0..16).map(|n| {
                if n % 4 == 3 && step > 0 {
                    0.0
                } else {
                    ((n + step) % 5) as f32
                }
            });
            let loss = (layer.forward(tensor(input.collect())) - 1.0)
                .square()
                .mean();
            let gradients = GradientsParams::from_grads(loss.backward(), &layer);
            layer = optimizer.step(1e-3, layer, gradients);
        }
        floats(layer.valid().weight.val())
    }

    #[test]
    fn adam_is_bit_identical_to_burns() {
        let ours = trained(
            Adam {
                betas: (0.9, 0.999),
                epsilon: 1e-8,
            }
            .into(),
        );
        let burns = trained(AdamConfig::new().with_epsilon(1e-8).init());
        let bits = |weights: Vec<f32>| weights.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(ours), bits(burns));
    }

    #[test]
    fn moments_of_weights_without_gradients_become_0() {
        let adam = Adam {
            betas: (0.9, 0.999),
            epsilon: 1e-8,
        };
        let (mut w, mut m, mut v) = ([1.0], [1.0], [1e-20]);
        for time in 1..100_000 {
            adam.update(1e-3, time, &[0.0], &mut w, &mut m, &mut v);
        }
        assert_eq!((m, v), ([0.0], [0.0]));
    }
}
