//! Overrides of a recipe: arguments of the command line, settings of a file, and their record in the run folder.

mod ranges;

use clap::ArgAction;
use serde::{Deserialize, Serialize};
use thumbgan_core::{latent::Distribution, model::MAX_LATENT};

use self::ranges::{
    MAX_WIDTH, betas, discriminator_channels, epsilon, generator_channels, not_negative,
    penalty_weight, positive, share, unit,
};
use super::preset::{
    Augmentation, ConvShape, DiscriminatorShape, GeneratorShape, GradientPenalty, Loss, Recipe,
};
use crate::arguments::arguments;

/// Overrides of a recipe; `None` keeps the preset's value.
#[derive(Clone, Debug, Default, PartialEq, clap::Args, Serialize, Deserialize)]
#[command(next_help_heading = "Recipe")]
pub struct Tuning {
    /// Batch size, 2 to 4096 [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=4096))]
    pub batch: Option<u16>,
    /// Initial learning rate of Adam, greater than 0 [default: set by the preset]
    #[arg(long, value_name = "X", value_parser = positive)]
    pub learning_rate: Option<f64>,
    /// Share of the run, 0 or more and less than 1, after which the learning rate, constant until then, decays linearly
    /// [default: set by the preset]
    #[arg(long, value_name = "X", value_parser = share)]
    pub decay_from: Option<f64>,
    /// Final learning rate as a share of the initial one, 0 to 1; 1 is a constant learning rate [default: set by the
    /// preset]
    #[arg(long, value_name = "X", value_parser = unit)]
    pub final_rate: Option<f64>,
    /// Decay rates of Adam's first and second moment, two numbers that are 0 or more and less than 1, such as 0,0.99
    /// [default: set by the preset]
    #[arg(long, value_name = "X,X", value_parser = betas)]
    pub betas: Option<[f32; 2]>,
    /// Epsilon of Adam, 1e-12 to 1 [default: set by the preset]
    #[arg(long, value_name = "X", value_parser = epsilon)]
    pub epsilon: Option<f32>,
    /// Number of latent values, 1 to 256 [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_LATENT as i64))]
    pub latent: Option<u16>,
    /// Distribution of the latent [default: set by the preset]
    #[arg(long, value_enum)]
    pub distribution: Option<LatentDistribution>,
    /// Channels of a convolutional generator at 7x7 and at 14x14, two numbers from 1 to 320 such as 40,32
    /// [default: set by the preset]
    #[arg(long, value_name = "N,N", value_parser = generator_channels)]
    pub generator_channels: Option<[u16; 2]>,
    /// Channels of a convolutional discriminator at 14x14 and at 7x7, two numbers from 1 to 1024 such as 32,64
    /// [default: set by the preset]
    #[arg(long, value_name = "N,N", value_parser = discriminator_channels)]
    pub discriminator_channels: Option<[u16; 2]>,
    /// Number of features before the logit of a convolutional discriminator, 1 to 1024 [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_WIDTH))]
    pub discriminator_features: Option<u16>,
    /// Loss of both networks [default: set by the preset]
    #[arg(long, value_enum)]
    pub loss: Option<Loss>,
    /// Weight of the gradient penalties R1 and R2 of a convolutional discriminator, 0 to 1e6; 0 is none [default: set by
    /// the preset]
    #[arg(long, value_name = "X", value_parser = penalty_weight)]
    pub penalty_weight: Option<f32>,
    /// Iterations between gradient penalties, 1 or more [default: set by the preset, or 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub penalty_every: Option<u32>,
    /// Weight of the sparsity penalty of the generator, 0 or more; 0 is none [default: set by the preset]
    #[arg(long, value_name = "X", value_parser = not_negative)]
    pub sparsity: Option<f64>,
    /// Decay of the moving average of the generator's weights, 0 or more and less than 1; 0 is none [default: set by
    /// the preset]
    #[arg(long, value_name = "X", value_parser = share)]
    pub averaging: Option<f64>,
    /// Augmentation of the images that the discriminator sees, for small datasets: maximum translation in pixels,
    /// 0 to 14; 0 is none [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=14))]
    pub augment_translation: Option<u8>,
    /// Augmentation of the images that the discriminator sees, for small datasets: side in pixels of a square that is
    /// cut out, 0 to 27; 0 is none [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=27))]
    pub augment_cutout: Option<u8>,
    /// Export the generator with the lowest FID instead of the last one [default: set by the preset]
    #[arg(long, action = ArgAction::Set, value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub keep_best: Option<bool>,
    /// Iterations between evaluations of the FID, 1 or more [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub evaluate_every: Option<u32>,
    /// Iterations between sample grids, 1 or more [default: set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub grid_every: Option<u32>,
}

/// Name of a latent's distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LatentDistribution {
    /// Uniform on [-1, 1]
    Uniform,
    /// Standard normal
    Normal,
}

impl From<LatentDistribution> for Distribution {
    fn from(name: LatentDistribution) -> Self {
        match name {
            LatentDistribution::Uniform => Self::Uniform,
            LatentDistribution::Normal => Self::Normal,
        }
    }
}

impl From<Distribution> for LatentDistribution {
    fn from(distribution: Distribution) -> Self {
        match distribution {
            Distribution::Uniform => Self::Uniform,
            Distribution::Normal => Self::Normal,
        }
    }
}

/// Iterations between gradient penalties if neither recipe nor user name them.
const PENALTY_EVERY: u32 = 16;

impl Recipe {
    /// Returns the recipe with overrides applied; those without effect on its architecture are ignored.
    #[must_use]
    pub fn tuned(self, tuning: &Tuning) -> Self {
        let augmentation = self.augmentation.unwrap_or(Augmentation {
            translation: 0,
            cutout: 0,
        });
        let augmentation = Augmentation {
            translation: tuning
                .augment_translation
                .unwrap_or(augmentation.translation),
            cutout: tuning.augment_cutout.unwrap_or(augmentation.cutout),
        };
        let penalty = GradientPenalty {
            weight: tuning
                .penalty_weight
                .unwrap_or_else(|| self.penalty.map_or(0.0, |penalty| penalty.weight)),
            every: tuning
                .penalty_every
                .unwrap_or_else(|| self.penalty.map_or(PENALTY_EVERY, |penalty| penalty.every)),
        };
        let is_dense = matches!(self.discriminator, DiscriminatorShape::Dense(_));
        Self {
            generator: match self.generator {
                GeneratorShape::Conv(shape) => GeneratorShape::Conv(ConvShape {
                    channels: tuning.generator_channels.map_or(shape.channels, sizes),
                }),
                dense @ GeneratorShape::Dense(_) => dense,
            },
            discriminator: match self.discriminator {
                DiscriminatorShape::Conv { channels, features } => DiscriminatorShape::Conv {
                    channels: tuning.discriminator_channels.map_or(channels, sizes),
                    features: tuning.discriminator_features.map_or(features, usize::from),
                },
                dense @ DiscriminatorShape::Dense(_) => dense,
            },
            latent: tuning.latent.map_or(self.latent, usize::from),
            distribution: tuning.distribution.map_or(self.distribution, Into::into),
            batch: tuning.batch.map_or(self.batch, usize::from),
            loss: tuning.loss.unwrap_or(self.loss),
            augmentation: (augmentation.translation > 0 || augmentation.cutout > 0)
                .then_some(augmentation),
            learning_rate: tuning.learning_rate.unwrap_or(self.learning_rate),
            decay_from: tuning.decay_from.unwrap_or(self.decay_from),
            final_rate: tuning.final_rate.unwrap_or(self.final_rate),
            betas: tuning.betas.map_or(self.betas, Into::into),
            epsilon: tuning.epsilon.unwrap_or(self.epsilon),
            penalty: if is_dense {
                self.penalty
            } else {
                Some(penalty).filter(|penalty| penalty.weight > 0.0)
            },
            sparsity: tuning
                .sparsity
                .or(self.sparsity)
                .filter(|&weight| weight > 0.0),
            averaging: tuning
                .averaging
                .or(self.averaging)
                .filter(|&decay| decay > 0.0),
            keeps_best: tuning.keep_best.unwrap_or(self.keeps_best),
            evaluate_every: tuning.evaluate_every.unwrap_or(self.evaluate_every),
            grid_every: tuning.grid_every.unwrap_or(self.grid_every),
            ..self
        }
    }
}

fn sizes(pair: [u16; 2]) -> [usize; 2] {
    pair.map(usize::from)
}

impl Tuning {
    /// Returns the overrides that have an effect on `recipe`, with its values.
    pub fn of(recipe: &Recipe) -> Self {
        // The arguments' ranges, and those of the presets, fit the types.
        let size = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
        let (discriminator_channels, discriminator_features) = match recipe.discriminator {
            DiscriminatorShape::Conv { channels, features } => {
                (Some(channels.map(size)), Some(size(features)))
            }
            DiscriminatorShape::Dense(_) => (None, None),
        };
        let has_penalty = discriminator_channels.is_some();
        let weight = recipe.penalty.map_or(0.0, |penalty| penalty.weight);
        Self {
            batch: Some(size(recipe.batch)),
            learning_rate: Some(recipe.learning_rate),
            decay_from: (recipe.final_rate < 1.0).then_some(recipe.decay_from),
            final_rate: Some(recipe.final_rate),
            betas: Some(recipe.betas.into()),
            epsilon: Some(recipe.epsilon),
            latent: Some(size(recipe.latent)),
            distribution: Some(recipe.distribution.into()),
            generator_channels: match recipe.generator {
                GeneratorShape::Conv(shape) => Some(shape.channels.map(size)),
                GeneratorShape::Dense(_) => None,
            },
            discriminator_channels,
            discriminator_features,
            loss: Some(recipe.loss),
            penalty_weight: has_penalty.then_some(weight),
            penalty_every: recipe
                .penalty
                .filter(|_| has_penalty)
                .map(|penalty| penalty.every),
            sparsity: Some(recipe.sparsity.unwrap_or_default()),
            averaging: Some(recipe.averaging.unwrap_or_default()),
            augment_translation: Some(
                recipe
                    .augmentation
                    .map_or(0, |augmentation| augmentation.translation),
            ),
            augment_cutout: Some(
                recipe
                    .augmentation
                    .map_or(0, |augmentation| augmentation.cutout),
            ),
            keep_best: Some(recipe.keeps_best),
            evaluate_every: Some(recipe.evaluate_every),
            grid_every: Some(recipe.grid_every),
        }
    }

    /// Returns the error for an override that has no effect on `recipe`, if there is one.
    pub fn conflict(&self, recipe: &Recipe) -> Option<String> {
        let effective = Self::of(&recipe.clone().tuned(self));
        let names = arguments(&effective);
        let idle = arguments(self)
            .into_iter()
            .map(|(name, _)| name)
            .find(|name| !names.contains_key(name))?;
        let reason = match idle.as_str() {
            "decay-from" => {
                "a final rate of 1, which is a constant learning rate; set --final-rate below 1"
            }
            "penalty-every" if effective.penalty_weight.is_some() => {
                "a penalty weight of 0; set --penalty-weight above 0"
            }
            _ => {
                return Some(format!(
                    "--{idle} has no effect with --preset {}, whose architecture is fixed; it is for presets with \
                     convolutions",
                    recipe.name
                ));
            }
        };
        Some(format!(
            "--{idle} has no effect with {reason}, or remove --{idle}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, ValueEnum};

    use super::*;
    use crate::gan::preset::Preset;

    /// Largest number that an error states and the help does not: the maximum of a type is no limit in practice.
    const NO_LIMIT: f64 = 1e9;

    /// Returns the numbers of a text.
    fn numbers(text: &str) -> Vec<f64> {
        text.split(|letter: char| letter.is_whitespace() || ",:;()[]='".contains(letter))
            .flat_map(|word| word.split(".."))
            .filter_map(|word| word.parse().ok())
            .collect()
    }

    #[test]
    fn the_help_of_every_number_states_the_range_of_its_error() {
        let command = Tuning::augment_args(Command::new("test"));
        let mut count = 0;
        for argument in command.get_arguments() {
            let (Some(name), Some(help)) = (argument.get_long(), argument.get_help()) else {
                continue;
            };
            let invalid = match argument.get_value_names() {
                Some([value]) if value == "N" || value == "X" => "-1",
                Some([value]) if value == "N,N" || value == "X,X" => "-1,-1",
                _ => continue,
            };
            let error = command
                .clone()
                .try_get_matches_from(["test".to_owned(), format!("--{name}={invalid}")])
                .expect_err("a value outside of the range")
                .to_string();
            let (_, range) = error.split_once("': ").expect("a reason");
            let range = range.trim_start_matches("-1 is not in");
            let range = range.split("such as").next().expect("the range");
            let help = numbers(&help.to_string());
            for bound in numbers(range).into_iter().filter(|&bound| bound < NO_LIMIT) {
                assert!(help.contains(&bound), "--{name}: {bound} of {range:?}");
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }

    #[test]
    fn the_overrides_of_a_recipe_reproduce_it() {
        let custom = Tuning {
            batch: Some(32),
            learning_rate: Some(1e-3),
            decay_from: Some(0.25),
            final_rate: Some(0.5),
            betas: Some([0.5, 0.9]),
            epsilon: Some(1e-6),
            latent: Some(7),
            distribution: Some(LatentDistribution::Normal),
            generator_channels: Some([6, 28]),
            discriminator_channels: Some([16, 48]),
            discriminator_features: Some(96),
            loss: Some(Loss::Relativistic),
            penalty_weight: Some(0.3),
            penalty_every: Some(4),
            sparsity: Some(0.01),
            averaging: Some(0.99),
            augment_translation: Some(3),
            augment_cutout: Some(9),
            keep_best: Some(false),
            evaluate_every: Some(300),
            grid_every: Some(70),
        };
        let recipe = Preset::Digits.recipe().tuned(&custom);
        assert_eq!(Tuning::of(&recipe), custom);
        for preset in Preset::value_variants() {
            let recipe = preset.recipe();
            assert_eq!(recipe.clone().tuned(&Tuning::default()), recipe);
            assert_eq!(recipe.clone().tuned(&Tuning::of(&recipe)), recipe);
        }
    }

    #[test]
    fn zero_switches_parts_of_a_recipe_off() {
        let none = Tuning {
            penalty_weight: Some(0.0),
            sparsity: Some(0.0),
            averaging: Some(0.0),
            augment_translation: Some(0),
            ..Tuning::default()
        };
        let recipe = Preset::Digits.recipe().tuned(&none);
        assert_eq!(
            (
                recipe.penalty,
                recipe.sparsity,
                recipe.averaging,
                recipe.augmentation
            ),
            (None, None, None, None)
        );
    }

    #[test]
    fn overrides_without_effect_are_errors_that_name_the_remedy() {
        let complaint = |preset: Preset, tuning: Tuning| tuning.conflict(&preset.recipe());
        let channels = || Tuning {
            generator_channels: Some([8, 8]),
            ..Tuning::default()
        };
        let said = complaint(Preset::Seed, channels()).unwrap();
        assert!(
            said.contains("--generator-channels has no effect with --preset seed"),
            "{said}"
        );
        assert_eq!(complaint(Preset::DigitsXs, channels()), None);
        let every = |penalty_weight| Tuning {
            penalty_every: Some(4),
            penalty_weight,
            ..Tuning::default()
        };
        assert_eq!(complaint(Preset::Digits, every(None)), None);
        let said = complaint(Preset::Digits, every(Some(0.0))).unwrap();
        assert!(
            said.contains("set --penalty-weight above 0, or remove --penalty-every"),
            "{said}"
        );
        let decay = |final_rate| Tuning {
            decay_from: Some(0.2),
            final_rate,
            ..Tuning::default()
        };
        let said = complaint(Preset::DigitsNano, decay(None)).unwrap();
        assert!(
            said.contains("set --final-rate below 1, or remove --decay-from"),
            "{said}"
        );
        assert_eq!(complaint(Preset::DigitsNano, decay(Some(0.1))), None);
    }
}
