//! State of a run, which a checkpoint restores.

use burn::prelude::Device;
use serde::{Deserialize, Serialize};

use crate::{
    export::float_reference::FloatGenerator,
    gan::{Gan, Losses, preset::Recipe},
};

/// State of a run.
pub struct Checkpoint {
    /// Networks and optimizers.
    pub gan: Gan,
    /// Progress.
    pub progress: Progress,
    /// Best generator so far, if any was evaluated.
    pub best: Option<FloatGenerator>,
}

impl Checkpoint {
    /// Returns the state before the first iteration.
    pub fn begin(recipe: &Recipe, seed: u64, device: &Device) -> Self {
        Self {
            gan: Gan::new(recipe.clone(), seed, device),
            progress: Progress::default(),
            best: None,
        }
    }
}

/// Progress of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Number of completed iterations.
    pub iteration: u32,
    /// Losses of the last iteration.
    pub losses: Losses,
    /// Exponential moving average of the losses over about a hundred iterations.
    pub mean: Losses,
    /// Best generator so far, if any was evaluated.
    pub best: Option<Best>,
    /// CPU seconds of training so far.
    pub cpu_seconds: f64,
}

/// Evaluation with the lowest FID.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Number of completed iterations.
    pub iteration: u32,
    /// FID.
    pub fid: f64,
}

impl Progress {
    /// Counts an iteration; `smoothing` is the decay of the moving average of the losses.
    pub fn step(&mut self, losses: Losses, smoothing: f32) {
        let mean = if self.iteration == 0 {
            losses
        } else {
            self.mean
        };
        let mix = |mean: f32, latest: f32| mean * smoothing + latest * (1.0 - smoothing);
        self.mean = Losses {
            discriminator: mix(mean.discriminator, losses.discriminator),
            generator: mix(mean.generator, losses.generator),
        };
        self.losses = losses;
        self.iteration += 1;
    }
}
