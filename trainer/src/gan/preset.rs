//! Presets: recipes as data, with everything that determines the result of a training run.

use serde::{Deserialize, Serialize};
use thumbgan_core::{latent::Distribution, model::MAX_LATENT};

/// Name of a recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Class-conditional convolutional generator in 95 KB, lowest FID.
    #[default]
    Digits,
    /// Class-conditional convolutional generator in 32 KB.
    DigitsXs,
    /// Class-conditional convolutional generator in 12 KB, for the smallest boards.
    DigitsNano,
    /// Reference recipe: 100-128-784 against 784-128-1; never changes.
    Seed,
}

/// GAN architecture and training hyperparameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Name of the preset, also of its files.
    pub name: &'static str,
    /// Generator: latent to logits of pixels.
    pub generator: GeneratorShape,
    /// Discriminator: pixels to the logit of being real.
    pub discriminator: DiscriminatorShape,
    /// Number of latent values.
    pub latent: usize,
    /// Distribution of the latent.
    pub distribution: Distribution,
    /// Number of classes that both networks are conditioned on; 0 for an unconditional GAN.
    pub classes: u8,
    /// Batch size.
    pub batch: usize,
    /// Initial learning rate of Adam.
    pub learning_rate: f64,
    /// Final learning rate as a share of the initial one: the rate is constant for half of the run and then
    /// decays linearly.
    pub last_rate: f64,
    /// Adam's decay rates of the first and second moment.
    pub betas: (f32, f32),
    /// Adam's epsilon.
    pub epsilon: f32,
    /// Gradient penalty of the discriminator.
    pub penalty: Option<GradientPenalty>,
    /// Sparsity penalty of the generator in nats (`Generator::forward_with_activity`); activations of 0 cost
    /// a microcontroller nothing.
    pub sparsity: Option<f64>,
    /// Decay of the exponential moving average of the generator's weights; `None` exports the last weights.
    pub averaging: Option<f64>,
    /// True if the network with the lowest FID becomes the model instead of the last one.
    pub keeps_best: bool,
    /// Default number of iterations.
    pub iterations: u32,
    /// Iterations between sample grids.
    pub grid_every: u32,
    /// Iterations between evaluations, a multiple of `grid_every`.
    pub evaluate_every: u32,
    /// Iterations between printed losses.
    pub print_every: u32,
}

/// Architecture of a generator.
#[derive(Clone, Debug, PartialEq)]
pub enum GeneratorShape {
    /// Dense layers with ReLU between them.
    Dense(MlpShape),
    /// Dense layer to 7x7, then two upsampling convolutions.
    Conv(ConvShape),
}

/// Architecture of a discriminator.
#[derive(Clone, Debug, PartialEq)]
pub enum DiscriminatorShape {
    /// Dense layers with ReLU between them.
    Dense(MlpShape),
    /// Two convolutions of stride 2, then one dense layer.
    Conv {
        /// Channels at 14x14 and at 7x7.
        channels: [usize; 2],
        /// Number of features before the logit.
        features: usize,
    },
}

/// Multilayer perceptron.
#[derive(Clone, Debug, PartialEq)]
pub struct MlpShape {
    /// Widths of the hidden layers.
    pub hidden: &'static [usize],
    /// Standard deviation of the initial weights, which are normal with mean 0.
    pub weight_deviation: f32,
    /// Initial value of every bias.
    pub bias: f32,
}

/// Upsampling generator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvShape {
    /// Channels at 7x7 and at 14x14.
    pub channels: [usize; 2],
}

/// Lazy R1 and R2 gradient penalties: squared gradients of the discriminator at real and at generated images
/// (Mescheder et al., 2018).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientPenalty {
    /// Weight; half of it times `every` multiplies both penalties.
    pub weight: f32,
    /// Iterations between penalties.
    pub every: u32,
}

/// Overrides of a recipe.
#[derive(Clone, Debug, Default, PartialEq, clap::Args, Serialize, Deserialize)]
pub struct Tuning {
    /// Batch size [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=4096))]
    pub batch: Option<u16>,
    /// Initial learning rate of Adam [default: set by the preset]
    #[arg(long, value_name = "X", value_parser = positive)]
    pub learning_rate: Option<f64>,
    /// Number of latent values [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_LATENT as i64))]
    pub latent: Option<u16>,
    /// Sparsity penalty of the generator in nats; 0 is none [default: set by the preset]
    #[arg(long, value_name = "X", value_parser = not_negative)]
    pub sparsity: Option<f64>,
}

fn positive(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err("must be greater than 0, and finite".to_owned())
    }
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "not a number".to_owned())
}

fn not_negative(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err("must be 0 or more, and finite".to_owned())
    }
}

impl Recipe {
    /// Returns the recipe with overrides applied.
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

    /// Returns the number of the generator's inputs: latent and one-hot class.
    pub const fn inputs(&self) -> usize {
        self.latent + self.classes as usize
    }

    /// Returns the recipe for a number of classes; unconditional recipes stay unconditional.
    #[must_use]
    pub const fn with_classes(self, classes: u8) -> Self {
        Self {
            classes: if self.classes == 0 { 0 } else { classes },
            ..self
        }
    }

    /// Returns the learning rate of iteration `iteration` (from 0) of `all`.
    pub fn rate(&self, iteration: u32, all: u32) -> f64 {
        let progress = f64::from(iteration + 1) / f64::from(all);
        let fallen = (2.0 * progress - 1.0).clamp(0.0, 1.0);
        self.learning_rate * (1.0 - (1.0 - self.last_rate) * fallen)
    }
}

impl Preset {
    /// Returns the recipe of the preset.
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
    evaluate_every: 5_000,
    print_every: 5_000,
};

/// Returns a class-conditional generator with these channels at 7x7 and 14x14.
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
        evaluate_every: 1_000,
        print_every: 1_000,
    }
}
