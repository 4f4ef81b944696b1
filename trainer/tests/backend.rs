//! Equivalence of the two CPU backends.
#![cfg(feature = "burn-ndarray")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;

use common::{train, trainer, write_images};
use predicates::str::contains;
use tempfile::tempdir;
use thumbgan_core::Model;
use trainer::{
    export::quantize::FloatLayer,
    gan::backend::Backend,
    gan::preset::{Preset, Recipe},
    gan::{Gan, batches::Batch, discriminator::Discriminator},
};

fn after_one_step(recipe: Recipe, backend: Backend) -> (Gan, [f32; 2]) {
    let images = (0..recipe.batch * 784)
        .map(|place| (place * 37 % 256) as f32 / 255.0)
        .collect();
    let labels = (0..recipe.batch as u8).map(|place| place % 10).collect();
    let mut gan = Gan::new(recipe, 11, &backend.device().unwrap());
    let losses = gan.step(0, 10, Batch { images, labels });
    (gan, [losses.discriminator, losses.generator])
}

fn layers(gan: &Gan) -> Vec<FloatLayer> {
    let mut layers = gan.kept().fold(&[]);
    if let Discriminator::Dense(mlp) = &gan.discriminator {
        layers.extend(mlp.dense_layers());
    }
    layers
}

fn assert_agree(flex: [f32; 2], ndarray: [f32; 2]) {
    for (flex, ndarray) in flex.iter().zip(ndarray) {
        assert!(
            (flex - ndarray).abs() < 1e-5 * flex.abs(),
            "losses {flex} and {ndarray}"
        );
    }
}

#[test]
fn one_step_on_flex_and_ndarray_agrees() {
    let (flex, flex_losses) = after_one_step(Preset::Seed.recipe(), Backend::Flex);
    let (ndarray, ndarray_losses) = after_one_step(Preset::Seed.recipe(), Backend::Ndarray);
    assert_agree(flex_losses, ndarray_losses);
    for (flex, ndarray) in layers(&flex).iter().zip(&layers(&ndarray)) {
        let ((flex, flex_biases), (ndarray, ndarray_biases)) = (flex.numbers(), ndarray.numbers());
        let pairs = flex
            .iter()
            .zip(ndarray)
            .chain(flex_biases.iter().zip(ndarray_biases));
        // Adam's first step is the learning rate times the gradient's sign: where a gradient is all but
        // zero, rounding decides the sign, and the results may differ by twice the rate.
        let apart = pairs
            .filter(|(flex, ndarray)| (*flex - *ndarray).abs() > 1e-5)
            .count();
        let all = flex.len() + flex_biases.len();
        assert!(apart * 1_000 <= all, "{apart} of {all} parameters differ");
    }
}

#[test]
fn convolutions_on_flex_and_ndarray_agree() {
    let losses = |backend| after_one_step(Preset::DigitsNano.recipe(), backend).1;
    assert_agree(losses(Backend::Flex), losses(Backend::Ndarray));
}

#[test]
fn a_flex_checkpoint_resumes_on_ndarray() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let run = folder.path().join("run");
    train(folder.path(), &run, 20).assert().success();
    let mut resume = trainer();
    resume
        .args([
            "train",
            "--iterations",
            "30",
            "--backend",
            "ndarray",
            "--resume",
        ])
        .arg(&run);
    resume
        .assert()
        .success()
        .stdout(contains("at iteration 20"));
    let bytes = fs::read(run.join("seed.tgan")).unwrap();
    assert_eq!(Model::parse(&bytes).unwrap().provenance().iterations, 30);
    assert!(
        fs::read_to_string(run.join("seed.md"))
            .unwrap()
            .contains("on the ndarray backend")
    );
}
