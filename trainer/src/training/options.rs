//! Command-line arguments of a training run.

use std::path::PathBuf;

use anyhow::Result;
use clap::ArgAction;
use thumbgan_core::model::Provenance;

use super::config::TOOL;
use crate::{
    data::Request,
    export::limits,
    gan::backend::Backend,
    gan::{
        preset::{Preset, Recipe},
        tuning::Tuning,
    },
    random::parse_seed,
    text::{self, count},
};

/// Arguments of `trainer train`; `None` selects the recipe's value.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// TOML file with settings as `trainer config` prints them; the command line overrides it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Network architecture and training settings
    #[arg(long, value_enum, default_value_t)]
    pub preset: Preset,
    /// Dataset.
    #[command(flatten)]
    pub request: Request,
    /// Total number of iterations [default: a run of a few minutes, set by the preset]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub iterations: Option<u32>,
    /// Train for as many iterations as the preset's committed model
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub full: bool,
    /// Seed of weights, image order and latents
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = parse_seed)]
    pub seed: u64,
    /// Compute backend; wgpu and cuda are experimental [default: flex, or that of the resumed run]
    #[arg(long, value_enum)]
    pub backend: Option<Backend>,
    /// Folder for the files of the run [default: runs/PRESET-DATE, or the next free runs/PRESET-DATE-N]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Iterations between checkpoints
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub checkpoint_every: u32,
    /// Resume the run in this folder from its newest valid checkpoint; with --iterations or --full, for a greater total
    /// number of iterations
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Print a progress bar and lines instead of the live view
    #[arg(long, action = ArgAction::Set, value_name = "BOOL", default_value_t)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub no_tui: bool,
    /// Overrides of the recipe; the last field, because its heading in the help applies to all later ones.
    #[command(flatten)]
    pub tuning: Tuning,
}

/// Number of classes of the datasets that are not custom.
const CLASSES: u8 = 10;

/// Arguments that are valid with `--resume`; the others are settings of the run, which stay as they are.
const WITH_RESUME: [&str; 6] = ["resume", "data", "iterations", "full", "backend", "no-tui"];

impl Options {
    /// Returns the error for arguments of the command line that are not valid with `--resume`, if there are any. `typed` are
    /// the names of all arguments.
    pub fn resume_conflict(&self, typed: &[String]) -> Option<String> {
        self.resume.as_ref()?;
        let mut others: Vec<_> = typed.iter().map(String::as_str).collect();
        others.retain(|name| !WITH_RESUME.contains(name));
        if others.is_empty() {
            return None;
        }
        let list = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| format!("--{name}")).collect();
            text::list(&names, "and")
        };
        Some(format!(
            "{} cannot be used with --resume: a resumed run keeps its settings; only {} are valid with it",
            list(&others),
            list(&WITH_RESUME[1..])
        ))
    }

    /// Returns the total number of iterations if the user has chosen it.
    pub fn iterations(&self, recipe: &Recipe) -> Option<u32> {
        self.iterations
            .or_else(|| self.full.then_some(recipe.full_iterations))
    }

    /// Checks that boards can run the generator before the dataset is loaded. Custom datasets count as unlabeled here:
    /// classes enlarge the model file, which is checked again when the run starts.
    ///
    /// # Errors
    /// If no board can run it; the message names the limit and the remedy.
    pub fn check_boards(&self) -> Result<()> {
        let dataset = self.request.dataset;
        let classes = if dataset.is_custom() { 0 } else { CLASSES };
        let provenance = Provenance {
            dataset: dataset.name(),
            dataset_sha256: [0; 32],
            iterations: 1,
            seed: self.seed,
            tool: TOOL,
            fid: Some(u32::MAX),
        };
        let recipe = self.preset.recipe().tuned(&self.tuning);
        limits::check(&recipe.with_classes(classes), "", provenance).map(|_| ())
    }

    /// Returns the setting of a file that these typed arguments override by another name.
    pub const fn overridden(&self) -> Option<&'static str> {
        match (self.full, self.iterations) {
            (true, _) => Some("iterations"),
            (false, Some(_)) => Some("full"),
            (false, None) => None,
        }
    }

    /// Returns the error for arguments that contradict each other or have no effect, if there are any.
    pub fn conflict(&self) -> Option<String> {
        if let (true, Some(iterations)) = (self.full, self.iterations) {
            return Some(format!(
                "--full chooses the number of iterations of the committed model, --iterations {iterations} another one; \
                 remove one of them"
            ));
        }
        if self.resume.is_some() {
            return None;
        }
        let preset = self.preset.recipe();
        let iterations = self.iterations(&preset).unwrap_or(preset.iterations);
        if let Some(every) = self
            .tuning
            .penalty_every
            .filter(|&every| every > iterations)
        {
            return Some(format!(
                "--penalty-every {every} has no effect in a run of {}; choose a smaller number",
                count(iterations as usize, "iteration")
            ));
        }
        self.request
            .conflict()
            .or_else(|| self.tuning.conflict(&self.preset.recipe()))
    }
}
