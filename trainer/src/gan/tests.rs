//! Comparison of a training step with a plain implementation.

use crate::data::PIXELS;
use burn::{
    optim::{AdamConfig, GradientsParams, ModuleOptimizer},
    prelude::*,
    tensor::activation::{log_sigmoid, sigmoid},
};

use super::{Gan, augmentation::Transforms, batches::Batch, inputs, mlp::floats, one_hot, rows};
use crate::gan::preset::{Augmentation, GradientPenalty, Loss, Preset, Recipe};

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

/// Returns augmented images, each multiplied by the matrix of its transform.
fn seen(transforms: Option<&Transforms>, images: Tensor<2>) -> Tensor<2> {
    let Some(transforms) = transforms else {
        return images;
    };
    let device = images.device();
    let images = images.chunk(8, 0).into_iter().enumerate();
    let seen = images.map(|(index, image)| {
        let matrix = transforms
            .repeated(index, PIXELS)
            .apply(Tensor::eye(PIXELS, &device));
        image.matmul(matrix)
    });
    Tensor::cat(seen.collect(), 0)
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

    let [of_real, of_fake] = gan
        .transforms(0)
        .map_or([None, None], |both| both.map(Some));
    let (real, fake) = (seen(of_real.as_ref(), real), seen(of_fake.as_ref(), fake));

    let evaluated = |images: &Tensor<2>| gan.discriminator.forward(images.clone(), classes.clone());
    let is_relativistic = gan.recipe.loss == Loss::Relativistic;
    let (said_real, said_fake) = (evaluated(&real), evaluated(&fake.clone().detach()));
    let loss = if is_relativistic {
        cross_entropy(said_real - said_fake)
    } else {
        cross_entropy(said_real) + cross_entropy(-said_fake)
    };
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

    let evaluated = |images: Tensor<2>| gan.discriminator.forward(images, classes.clone());
    let loss = cross_entropy(if is_relativistic {
        evaluated(fake) - evaluated(real)
    } else {
        evaluated(fake)
    });
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

/// Asserts that a step changes both networks as the textbook does.
fn assert_textbook(recipe: Recipe) {
    let recipe = Recipe {
        batch: 8,
        learning_rate: RATE,
        epsilon: EPSILON,
        penalty: Some(GradientPenalty {
            weight: 0.1,
            every: 1,
        }),
        ..recipe
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

#[test]
fn a_step_equals_the_textbook_formulation() {
    for preset in [Preset::Seed, Preset::DigitsNano] {
        assert_textbook(preset.recipe());
    }
}

#[test]
fn a_relativistic_step_equals_the_textbook_formulation() {
    for preset in [Preset::Seed, Preset::DigitsNano] {
        assert_textbook(Recipe {
            loss: Loss::Relativistic,
            ..preset.recipe()
        });
    }
}

#[test]
fn an_augmented_step_equals_the_textbook_formulation() {
    for loss in [Loss::NonSaturating, Loss::Relativistic] {
        assert_textbook(Recipe {
            loss,
            augmentation: Some(Augmentation {
                translation: 4,
                cutout: 14,
            }),
            ..Preset::DigitsNano.recipe()
        });
    }
}

#[test]
fn the_learning_rate_is_constant_and_then_decays_to_its_final_share() {
    let recipe = Recipe {
        learning_rate: 2.0,
        decay_from: 0.8,
        final_rate: 0.1,
        ..Preset::DigitsNano.recipe()
    };
    let rates = [0, 79, 89, 99].map(|iteration| recipe.rate(iteration, 100));
    for (found, expected) in rates.into_iter().zip([2.0, 2.0, 1.1, 0.2]) {
        assert!((found - expected).abs() < 1e-9, "{rates:?}");
    }
}
