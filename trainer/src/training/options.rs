//! What can be asked of a run.

use std::path::PathBuf;

use clap::ArgAction;

use crate::{
    data::Request,
    gan::backend::Backend,
    gan::preset::{Preset, Tuning},
};

/// What can be asked of a run; `None` leaves it to the recipe.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// TOML file with settings, as `trainer config` prints it; what the command line says wins
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Recipe to train by
    #[arg(long, value_enum, default_value_t)]
    pub preset: Preset,
    /// What to learn from.
    #[command(flatten)]
    pub request: Request,
    /// Iterations in all [default: the recipe's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub iterations: Option<u32>,
    /// Seed of weights, order and noise
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// What burn computes on [default: flex, or what the resumed run computed on]
    #[arg(long, value_enum)]
    pub backend: Option<Backend>,
    /// Changes to the recipe.
    #[command(flatten)]
    pub tuning: Tuning,
    /// Folder for everything the run leaves [default: runs/PRESET-DATE, or the next free runs/PRESET-DATE-N]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Iterations between checkpoints
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub checkpoint_every: u32,
    /// Go on with the run in this folder from its newest good checkpoint
    #[arg(long, value_name = "DIR", conflicts_with_all = [
        "config", "preset", "dataset", "class_names", "resize", "invert", "transpose", "seed", "Tuning",
        "out", "checkpoint_every",
    ])]
    pub resume: Option<PathBuf>,
    /// A plain progress bar and lines instead of the live view
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub no_tui: bool,
}
