//! Checkpoints: all that a run needs to go on to the bit, written whole or not at all.
//!
//! Weights, Adam's moments, the iteration and the best generator so far are the whole state: order and noise are
//! functions of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use burn::{module::Module, prelude::Device};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    export::float_reference::FloatGenerator,
    files::{hex, read, visible, write_whole},
    gan::preset::Recipe,
    gan::{Gan, Losses},
};

/// How many checkpoints are kept; older ones are removed.
const KEPT: usize = 2;
const STATE: &str = "state.json";
const GENERATOR: &str = "generator.bpk";
const AVERAGE: &str = "average.bpk";
const DISCRIMINATOR: &str = "discriminator.bpk";
const GENERATOR_ADAM: &str = "generator-adam.bpk";
const DISCRIMINATOR_ADAM: &str = "discriminator-adam.bpk";
const BEST: &str = "best.float";

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Iterations done.
    pub iteration: u32,
    /// Losses of the last one.
    pub losses: Losses,
    /// Losses of the last hundred or so, weighed the more the later.
    pub mean: Losses,
    /// When the generator was best so far, if any was judged.
    pub best: Option<Best>,
    /// CPU seconds of training so far.
    pub cpu_seconds: f64,
}

/// When the generator was best.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Iterations done then.
    pub iteration: u32,
    /// Its FID then.
    pub fid: f64,
}

impl Progress {
    /// One more iteration, which leaves `smoothing` of the mean losses.
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

/// A run as it was left.
pub struct Checkpoint {
    /// Networks and optimisers.
    pub gan: Gan,
    /// How far they have come.
    pub progress: Progress,
    /// The best generator so far, if any was judged.
    pub best: Option<FloatGenerator>,
}

impl Checkpoint {
    /// Before the first iteration.
    pub fn begin(recipe: &Recipe, seed: u64, device: &Device) -> Self {
        Self {
            gan: Gan::new(recipe.clone(), seed, device),
            progress: Progress::default(),
            best: None,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct State {
    progress: Progress,
    /// SHA-256 of every other file of the checkpoint.
    files: BTreeMap<String, String>,
}

/// Writes a checkpoint into `folder`, then removes all but the newest two.
///
/// # Errors
/// When the folder cannot be written to; earlier checkpoints are then untouched.
pub fn save(
    folder: &Path,
    gan: &Gan,
    progress: &Progress,
    best: Option<&FloatGenerator>,
) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let failed = || format!("cannot write a checkpoint into {}", folder.display());
    let temporary = tempfile::tempdir_in(folder).with_context(failed)?;
    let at = |name: &str| temporary.path().join(name);
    gan.generator
        .clone()
        .save_file(at(GENERATOR))
        .with_context(failed)?;
    gan.discriminator
        .clone()
        .save_file(at(DISCRIMINATOR))
        .with_context(failed)?;
    gan.generator_optimiser
        .save(at(GENERATOR_ADAM))
        .with_context(failed)?;
    gan.discriminator_optimiser
        .save(at(DISCRIMINATOR_ADAM))
        .with_context(failed)?;
    let mut names = vec![GENERATOR, DISCRIMINATOR, GENERATOR_ADAM, DISCRIMINATOR_ADAM];
    if let Some(average) = &gan.average {
        average
            .clone()
            .save_file(at(AVERAGE))
            .with_context(failed)?;
        names.push(AVERAGE);
    }
    if let Some(best) = best {
        best.save(&at(BEST))?;
        names.push(BEST);
    }
    let files = names
        .into_iter()
        .map(|name| Ok((name.to_owned(), hash(&at(name))?)));
    let state = State {
        progress: progress.clone(),
        files: files.collect::<Result<_>>()?,
    };
    write_whole(&at(STATE), serde_json::to_string_pretty(&state)?.as_bytes())?;
    let place = folder.join(format!("{:08}", progress.iteration));
    if place.exists() {
        fs::remove_dir_all(&place).with_context(failed)?;
    }
    fs::rename(temporary.keep(), &place).with_context(failed)?;
    for old in list(folder)?.into_iter().skip(KEPT) {
        fs::remove_dir_all(&old).with_context(|| format!("cannot remove {}", old.display()))?;
    }
    Ok(())
}

/// The newest checkpoint in `folder` whose files are whole; damaged ones are reported and passed over. `None` where
/// none was ever written.
///
/// # Errors
/// When all are damaged.
pub fn load(
    folder: &Path,
    recipe: &Recipe,
    seed: u64,
    device: &Device,
) -> Result<Option<Checkpoint>> {
    let places = list(folder)?;
    for place in &places {
        match load_one(place, recipe, seed, device) {
            Ok(loaded) => return Ok(Some(loaded)),
            Err(error) => errln!("passing over the checkpoint {}: {error:#}", place.display()),
        }
    }
    ensure!(
        places.is_empty(),
        "no good checkpoint in {}; start the run anew",
        folder.display()
    );
    Ok(None)
}

fn load_one(place: &Path, recipe: &Recipe, seed: u64, device: &Device) -> Result<Checkpoint> {
    let state: State =
        serde_json::from_slice(&read(&place.join(STATE))?).context("state.json is damaged")?;
    for (name, expected) in &state.files {
        ensure!(hash(&place.join(name))? == *expected, "{name} is damaged");
    }
    let mut gan = Gan::new(recipe.clone(), seed, device);
    gan.generator = gan.generator.try_load_file(place.join(GENERATOR))?;
    gan.average = match gan.average {
        Some(average) => Some(average.try_load_file(place.join(AVERAGE))?),
        None => None,
    };
    gan.discriminator = gan.discriminator.try_load_file(place.join(DISCRIMINATOR))?;
    gan.generator_optimiser = gan.generator_optimiser.load(place.join(GENERATOR_ADAM))?;
    gan.discriminator_optimiser = gan
        .discriminator_optimiser
        .load(place.join(DISCRIMINATOR_ADAM))?;
    let best = state
        .progress
        .best
        .map(|_| FloatGenerator::load(&place.join(BEST)))
        .transpose()?;
    Ok(Checkpoint {
        gan,
        progress: state.progress,
        best,
    })
}

/// The iteration of the newest checkpoint in `folder`, if it has one.
///
/// # Errors
/// When the folder cannot be read.
pub fn newest(folder: &Path) -> Result<Option<u32>> {
    Ok(list(folder)?.first().and_then(|place| iteration(place)))
}

/// The iteration of a checkpoint; its folder has that name only when it is whole.
fn iteration(place: &Path) -> Option<u32> {
    place.file_name()?.to_str()?.parse().ok()
}

/// Checkpoints in `folder`, newest first; none where there is no folder yet.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut places = visible(folder, |place| iteration(place).is_some())?;
    places.reverse();
    Ok(places)
}

fn hash(path: &Path) -> Result<String> {
    Ok(hex(&Sha256::digest(read(path)?)))
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;
    use crate::gan::preset::Preset;

    #[test]
    fn the_best_generator_is_that_of_the_checkpoint() {
        let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
        let loaded = || load(folder.path(), &recipe, 1, &device).unwrap();
        assert!(loaded().is_none());
        for iteration in [10, 20] {
            let Checkpoint { gan, .. } = Checkpoint::begin(&recipe, iteration.into(), &device);
            let best = FloatGenerator::of(&gan, std::iter::empty());
            let progress = Progress {
                iteration,
                best: Some(Best {
                    iteration,
                    fid: 9.0,
                }),
                ..Progress::default()
            };
            save(folder.path(), &gan, &progress, Some(&best)).unwrap();
        }
        let mut generators = Vec::new();
        for iteration in [20, 10] {
            let found = loaded().unwrap();
            assert_eq!(found.progress.iteration, iteration);
            assert_eq!(
                found.best,
                Some(FloatGenerator::of(&found.gan, std::iter::empty()))
            );
            generators.push(found.best);
            fs::remove_dir_all(folder.path().join(format!("{iteration:08}"))).unwrap();
        }
        assert_ne!(generators[0], generators[1]);
    }
}
