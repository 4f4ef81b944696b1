//! Comparison of a training step with a plain implementation.

use crate::data::PIXELS;
use burn::{
    optim::{AdamConfig, GradientsParams, ModuleOptimizer},
    prelude::*,
    tensor::activation::{log_sigmoid, sigmoid},
};

use super::{Gan, batches::Batch, inputs, mlp::floats, one_hot, rows};
use crate::gan::preset::{GradientPenalty, Preset, Recipe};

/// Learning rate and epsilon for which weights move far and in proportion to their gradients.
const RATE: f64 = 10.0;
const EPSILON: f32 = 1e3;

fn batch() -> Batch {
    let images = (0..8 * PIXELS)
        .map(|place| (place * 37 % 256) as f32 / 255.0)
        .collect();
    Batch {
        images,
        labels: (0..8).collect(),
    }
}

/// Returns the binary cross-entropy of logits with target 1.
fn cross_entropy(logits: Tensor<2>) -> Tensor<1> {
    -log_sigmoid(logits).mean()
}

/// Returns the networks after one iteration, and its losses.
fn textbook(mut gan: Gan) -> (Gan, [f32; 2]) {
    let adam = || -> ModuleOptimizer {
        AdamConfig::new()
            .with_beta_1(gan.recipe.betas.0)
            .with_beta_2(gan.recipe.betas.1)
            .with_epsilon(EPSILON)
            .init()
    };
    let classes = one_hot(&batch().labels, gan.recipe.classes, &gan.device);
    let real = rows(batch().images, PIXELS, &gan.device);
    let fake = sigmoid(gan.generator.forward(inputs(gan.noise(0), classes.clone())));

    let evaluated = |images: &Tensor<2>| gan.discriminator.forward(images.clone(), classes.clone());
    let loss = cross_entropy(evaluated(&real)) + cross_entropy(-evaluated(&fake.clone().detach()));
    let steepness =
        |images: &Tensor<2>| gan.discriminator.steepness(images.clone(), classes.clone());
    let penalty = gan
        .recipe
        .penalty
        .map_or(0.0, |penalty| penalty.weight / 2.0 * penalty.every as f32);
    let cost = match (steepness(&real), steepness(&fake.clone().detach())) {
        (Some(real), Some(fake)) => loss.clone() + (real.mean() + fake.mean()) * penalty,
        _ => loss.clone(),
    };
    let gradients = GradientsParams::from_grads(cost.backward(), &gan.discriminator);
    let of_discriminator = loss.into_scalar::<f32>();
    gan.discriminator = adam().step(RATE, gan.discriminator.clone(), gradients);

    let loss = cross_entropy(gan.discriminator.forward(fake, classes));
    let gradients = GradientsParams::from_grads(loss.backward(), &gan.generator);
    gan.generator = adam().step(RATE, gan.generator.clone(), gradients);
    (gan, [of_discriminator, loss.into_scalar::<f32>()])
}

/// Returns the logits of generated pixels and the discriminator's logits of the batch.
fn said(gan: &Gan) -> [Vec<f32>; 2] {
    let classes = one_hot(&batch().labels, gan.recipe.classes, &gan.device);
    let real = rows(batch().images, PIXELS, &gan.device);
    let drawn = gan.generator.forward(inputs(gan.noise(1), classes.clone()));
    [
        floats(drawn),
        floats(gan.discriminator.forward(real, classes)),
    ]
}

fn distance(some: &[f32], others: &[f32]) -> f32 {
    some.iter()
        .zip(others)
        .map(|(one, other)| (one - other).abs())
        .fold(0.0, f32::max)
}

#[test]
fn a_step_equals_the_textbook_formulation() {
    for preset in [Preset::Seed, Preset::DigitsNano] {
        let recipe = Recipe {
            batch: 8,
            learning_rate: RATE,
            epsilon: EPSILON,
            penalty: Some(GradientPenalty {
                weight: 0.1,
                every: 1,
            }),
            ..preset.recipe()
        };
        let fresh = || Gan::new(recipe.clone(), 1, &Device::flex());
        let mut gan = fresh();
        let losses = gan.step(0, 1_000, batch());
        let (expected, expected_losses) = textbook(fresh());
        assert!(distance(&[losses.discriminator, losses.generator], &expected_losses) < 1e-5);
        for ((found, expected), before) in said(&gan)
            .into_iter()
            .zip(said(&expected))
            .zip(said(&fresh()))
        {
            let moved = distance(&expected, &before);
            let error = distance(&found, &expected);
            assert!(
                moved > 1e-4 && error < 0.01 * moved,
                "{}: {error} of {moved}",
                recipe.name
            );
        }
    }
}
