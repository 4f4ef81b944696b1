//! Presets: recipes as data, with everything that determines the result of a training run.

use serde::{Deserialize, Serialize};
use thumbgan_core::latent::Distribution;

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
    /// Class-conditional convolutional generator in 8 KB.
    DigitsPico,
    /// Class-conditional convolutional generator in 118 KB, for Fashion-MNIST.
    Fashion,
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
    /// Loss of both networks.
    pub loss: Loss,
    /// Augmentation of the images that the discriminator sees.
    pub augmentation: Option<Augmentation>,
    /// Initial learning rate of Adam.
    pub learning_rate: f64,
    /// Share of the run after which the learning rate, constant until then, decays linearly.
    pub decay_from: f64,
    /// Final learning rate as a share of the initial one; 1 for a constant learning rate.
    pub final_rate: f64,
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
    /// Default number of iterations: a run of a few minutes.
    pub iterations: u32,
    /// Number of iterations of the committed model.
    pub full_iterations: u32,
    /// Iterations between sample grids.
    pub grid_every: u32,
    /// Iterations between evaluations.
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

/// Loss of generator and discriminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Cross-entropy of each image: the generator maximizes the probability that its images are real (Goodfellow et
    /// al., 2014)
    NonSaturating,
    /// Cross-entropy of the difference between the logits of a real and of a generated image of the same class
    /// (Huang et al., 2024: R3GAN)
    Relativistic,
}

/// Differentiable augmentation of real and generated images (Zhao et al., 2020: `DiffAugment`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Augmentation {
    /// Maximum translation in pixels, horizontally and vertically; 0 for none.
    pub translation: u8,
    /// Side of the square that is set to 0, in pixels; 0 for none.
    pub cutout: u8,
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

impl Recipe {
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
        let decayed = ((progress - self.decay_from) / (1.0 - self.decay_from)).clamp(0.0, 1.0);
        self.learning_rate * (1.0 - (1.0 - self.final_rate) * decayed)
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
            Self::DigitsXs => conditional("digits-xs", 16, [20, 24], 30_000),
            Self::DigitsNano => Recipe {
                final_rate: 1.0,
                averaging: Some(0.9995),
                ..conditional("digits-nano", 10, [10, 12], 25_000)
            },
            Self::DigitsPico => Recipe {
                final_rate: 1.0,
                averaging: Some(0.9995),
                ..conditional("digits-pico", 10, [6, 28], 24_000)
            },
            Self::Fashion => Recipe {
                penalty: Some(GradientPenalty {
                    weight: 0.4,
                    every: 16,
                }),
                decay_from: 0.4,
                averaging: Some(0.9999),
                evaluate_every: 2_000,
                ..conditional("fashion", 32, [44, 64], 60_000)
            },
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
    loss: Loss::NonSaturating,
    augmentation: None,
    learning_rate: 1e-3,
    decay_from: 0.5,
    final_rate: 1.0,
    betas: (0.9, 0.999),
    epsilon: 1e-8,
    penalty: None,
    sparsity: None,
    averaging: None,
    keeps_best: false,
    iterations: 100_000,
    full_iterations: 100_000,
    grid_every: 500,
    evaluate_every: 5_000,
    print_every: 5_000,
};

/// Returns a class-conditional generator with these channels at 7x7 and 14x14, whose committed model is trained for
/// `full_iterations`.
const fn conditional(
    name: &'static str,
    latent: usize,
    channels: [usize; 2],
    full_iterations: u32,
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
        loss: Loss::NonSaturating,
        augmentation: None,
        learning_rate: 2.5e-3,
        decay_from: 0.5,
        final_rate: 0.05,
        betas: (0.0, 0.99),
        epsilon: 1e-8,
        penalty: Some(GradientPenalty {
            weight: 0.1,
            every: 16,
        }),
        sparsity: None,
        averaging: Some(0.999),
        keeps_best: true,
        iterations: 8_000,
        full_iterations,
        grid_every: 250,
        evaluate_every: 1_000,
        print_every: 1_000,
    }
}
