//! Recipes as data: everything that decides what is trained, and how.

use serde::{Deserialize, Serialize};
use thumbgan_core::{PIXELS, latent::Distribution};

/// Name of a recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// The classic small GAN, 100-128-784 against 784-128-1; stays as it is for ever.
    #[default]
    Seed,
}

/// One GAN and its training.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The preset's name, which names its files too.
    pub name: &'static str,
    /// Widths of the generator from latent to pixels; ReLU between, sigmoid at the end.
    pub generator: &'static [usize],
    /// Widths of the discriminator from pixels to its one logit; ReLU between.
    pub discriminator: &'static [usize],
    /// What latents are drawn from.
    pub latent: Distribution,
    /// Standard deviation of the initial weights, normal around 0.
    pub weight_deviation: f32,
    /// Initial value of every bias.
    pub bias: f32,
    /// Images of one step.
    pub batch: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Adam's decay of the first and second moment.
    pub betas: (f32, f32),
    /// Adam's epsilon.
    pub epsilon: f32,
    /// Iterations unless asked otherwise.
    pub iterations: u32,
    /// Iterations between sample grids.
    pub grid_every: u32,
    /// Iterations between printed losses.
    pub print_every: u32,
}

impl Preset {
    /// What the name stands for.
    pub const fn recipe(self) -> Recipe {
        match self {
            Self::Seed => Recipe {
                name: "seed",
                generator: &[100, 128, PIXELS],
                discriminator: &[PIXELS, 128, 1],
                latent: Distribution::Uniform,
                weight_deviation: 0.05,
                bias: 0.1,
                batch: 64,
                learning_rate: 1e-3,
                betas: (0.9, 0.999),
                epsilon: 1e-8,
                iterations: 100_000,
                grid_every: 500,
                print_every: 5_000,
            },
        }
    }
}
