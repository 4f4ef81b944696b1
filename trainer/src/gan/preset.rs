//! Recipes as data: everything that decides what is trained, and how.

use serde::{Deserialize, Serialize};
use thumbgan_core::{latent::Distribution, model::MAX_LATENT};

/// Name of a recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The best digits in 120 KB: a class-conditional convolutional generator.
    #[default]
    Digits,
    /// The same kind in 32 KB.
    DigitsXs,
    /// The same kind in 12 KB, for the smallest boards.
    DigitsNano,
    /// The classic small GAN, 100-128-784 against 784-128-1; stays as it is for ever.
    Seed,
}

/// One GAN and its training.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The preset's name, which names its files too.
    pub name: &'static str,
    /// From latent to the logits of pixels.
    pub generator: GeneratorShape,
    /// From pixels to the logit of being real.
    pub discriminator: DiscriminatorShape,
    /// Values of a latent.
    pub latent: usize,
    /// What latents are drawn from.
    pub distribution: Distribution,
    /// Classes that both networks are told, by default ten; 0 for none.
    pub classes: u8,
    /// Images of one step.
    pub batch: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// What is left of it at the end: it stays whole for half of the run and then falls in a line.
    pub last_rate: f64,
    /// Adam's decay of the first and second moment.
    pub betas: (f32, f32),
    /// Adam's epsilon.
    pub epsilon: f32,
    /// How the discriminator is kept from growing steep.
    pub penalty: Option<GradientPenalty>,
    /// What the generator pays for activity (`Generator::forward_with_activity`), in nats: an activation of 0
    /// costs a microcontroller nothing.
    pub sparsity: Option<f64>,
    /// Decay of the generator's averaged weights, which are then what is kept; `None` keeps the last ones.
    pub averaging: Option<f64>,
    /// Whether the best network that the judge saw becomes the model, rather than the last.
    pub keeps_best: bool,
    /// Iterations unless asked otherwise.
    pub iterations: u32,
    /// Iterations between sample grids.
    pub grid_every: u32,
    /// Iterations between the judge's looks, a multiple of `grid_every`.
    pub judge_every: u32,
    /// Iterations between printed losses.
    pub print_every: u32,
}

/// A generator.
#[derive(Clone, Debug, PartialEq)]
pub enum GeneratorShape {
    /// Dense layers with ReLU between.
    Dense(MlpShape),
    /// Dense to 7x7, then two upsampling convolutions.
    Conv(ConvShape),
}

/// A discriminator.
#[derive(Clone, Debug, PartialEq)]
pub enum DiscriminatorShape {
    /// Dense layers with ReLU between.
    Dense(MlpShape),
    /// Two convolutions of stride 2 to these channels, then one dense layer of this width.
    Conv {
        /// Channels at 14x14 and at 7x7.
        channels: [usize; 2],
        /// Width of the features before the logit.
        features: usize,
    },
}

/// Dense layers.
#[derive(Clone, Debug, PartialEq)]
pub struct MlpShape {
    /// Widths of the hidden layers.
    pub hidden: &'static [usize],
    /// Standard deviation of the initial weights, normal around 0.
    pub weight_deviation: f32,
    /// Initial value of every bias.
    pub bias: f32,
}

/// An upsampling generator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvShape {
    /// Channels at 7x7 and at 14x14.
    pub channels: [usize; 2],
}

/// R1 and R2, the discriminator's squared gradients at real images and at fakes (Mescheder et al., 2018), now
/// and then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientPenalty {
    /// Half of it, times `every`, is the factor of both.
    pub weight: f32,
    /// Iterations between.
    pub every: u32,
}

/// Changes to a recipe, for those who look for a better one.
#[derive(Clone, Debug, Default, PartialEq, clap::Args, Serialize, Deserialize)]
pub struct Tuning {
    /// Images of one step [default: the recipe's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=4096))]
    pub batch: Option<u16>,
    /// Adam's step size at the beginning [default: the recipe's]
    #[arg(long, value_name = "X", value_parser = positive)]
    pub learning_rate: Option<f64>,
    /// Values of a latent [default: the recipe's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_LATENT as i64))]
    pub latent: Option<u16>,
    /// What the generator pays for active units, in nats; 0 is nothing [default: the recipe's]
    #[arg(long, value_name = "X", value_parser = not_negative)]
    pub sparsity: Option<f64>,
}

fn positive(text: &str) -> Result<f64, String> {
    not_negative(text).and_then(|value| {
        if value > 0.0 {
            Ok(value)
        } else {
            Err("not above 0".to_owned())
        }
    })
}

fn not_negative(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err("below 0, or not finite".to_owned())
    }
}

impl Recipe {
    /// The same with changes.
    #[must_use]
    pub fn tuned(self, tuning: &Tuning) -> Self {
        Self {
            batch: tuning.batch.map_or(self.batch, usize::from),
            learning_rate: tuning.learning_rate.unwrap_or(self.learning_rate),
            latent: tuning.latent.map_or(self.latent, usize::from),
            sparsity: tuning
                .sparsity
                .or(self.sparsity)
                .filter(|&weight| weight > 0.0),
            ..self
        }
    }

    /// Values that go into the generator: latent and one-hot class.
    pub const fn inputs(&self) -> usize {
        self.latent + self.classes as usize
    }

    /// The same for data of so many classes, if it tells classes apart at all.
    #[must_use]
    pub const fn with_classes(self, classes: u8) -> Self {
        Self {
            classes: if self.classes == 0 { 0 } else { classes },
            ..self
        }
    }

    /// The learning rate of an iteration, counted from 0, of `all`.
    pub fn rate(&self, iteration: u32, all: u32) -> f64 {
        let progress = f64::from(iteration + 1) / f64::from(all);
        let fallen = (2.0 * progress - 1.0).clamp(0.0, 1.0);
        self.learning_rate * (1.0 - (1.0 - self.last_rate) * fallen)
    }
}

impl Preset {
    /// What the name stands for.
    pub const fn recipe(self) -> Recipe {
        match self {
            Self::Digits => Recipe {
                penalty: Some(GradientPenalty {
                    weight: 0.2,
                    every: 16,
                }),
                sparsity: Some(0.02),
                ..conditional("digits", 32, [40, 32], 24_000)
            },
            Self::DigitsXs => conditional("digits-xs", 16, [20, 24], 10_000),
            Self::DigitsNano => conditional("digits-nano", 10, [10, 12], 10_000),
            Self::Seed => SEED,
        }
    }
}

const SEED: Recipe = Recipe {
    name: "seed",
    generator: GeneratorShape::Dense(MlpShape {
        hidden: &[128],
        weight_deviation: 0.05,
        bias: 0.1,
    }),
    discriminator: DiscriminatorShape::Dense(MlpShape {
        hidden: &[128],
        weight_deviation: 0.05,
        bias: 0.1,
    }),
    latent: 100,
    distribution: Distribution::Uniform,
    classes: 0,
    batch: 64,
    learning_rate: 1e-3,
    last_rate: 1.0,
    betas: (0.9, 0.999),
    epsilon: 1e-8,
    penalty: None,
    sparsity: None,
    averaging: None,
    keeps_best: false,
    iterations: 100_000,
    grid_every: 500,
    judge_every: 5_000,
    print_every: 5_000,
};

/// A class-conditional generator of these channels at 7x7 and 14x14.
const fn conditional(
    name: &'static str,
    latent: usize,
    channels: [usize; 2],
    iterations: u32,
) -> Recipe {
    Recipe {
        name,
        generator: GeneratorShape::Conv(ConvShape { channels }),
        discriminator: DiscriminatorShape::Conv {
            channels: [32, 64],
            features: 128,
        },
        latent,
        distribution: Distribution::Uniform,
        classes: 10,
        batch: 64,
        learning_rate: 2.5e-3,
        last_rate: 0.05,
        betas: (0.0, 0.99),
        epsilon: 1e-8,
        penalty: Some(GradientPenalty {
            weight: 0.1,
            every: 16,
        }),
        sparsity: None,
        averaging: Some(0.999),
        keeps_best: true,
        iterations,
        grid_every: 500,
        judge_every: 1_000,
        print_every: 1_000,
    }
}
