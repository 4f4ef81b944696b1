//! Both CPU backends compute the same step.
#![cfg(feature = "burn-ndarray")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use trainer::{backend::Backend, gan::Gan, preset::Preset, quantise::FloatDense};

fn after_one_step(backend: Backend) -> (Vec<FloatDense>, [f32; 2]) {
    let recipe = Preset::Seed.recipe();
    let real = (0..recipe.batch * 784).map(|place| (place * 37 % 256) as f32 / 255.0).collect();
    let mut gan = Gan::new(recipe, 11, &backend.device().unwrap());
    let losses = gan.step(0, real);
    let mut layers = gan.generator.dense_layers();
    layers.extend(gan.discriminator.dense_layers());
    (layers, [losses.discriminator, losses.generator])
}

#[test]
fn one_step_on_flex_and_ndarray_agrees() {
    let (flex, flex_losses) = after_one_step(Backend::Flex);
    let (ndarray, ndarray_losses) = after_one_step(Backend::Ndarray);
    for (flex, ndarray) in flex_losses.iter().zip(ndarray_losses) {
        assert!((flex - ndarray).abs() < 1e-5 * flex.abs(), "losses {flex} and {ndarray}");
    }
    for (flex, ndarray) in flex.iter().zip(&ndarray) {
        let pairs = flex.weights.iter().zip(&ndarray.weights).chain(flex.biases.iter().zip(&ndarray.biases));
        // Adam's first step is the learning rate times the gradient's sign: where a gradient is all but
        // zero, rounding decides the sign, and the two may part by twice the rate.
        let apart = pairs.filter(|(flex, ndarray)| (*flex - *ndarray).abs() > 1e-5).count();
        let all = flex.weights.len() + flex.biases.len();
        assert!(apart * 1_000 <= all, "{apart} of {all} parameters differ");
    }
}
