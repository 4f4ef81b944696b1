//! Checkpoints: all that a run needs to go on to the bit, written whole or not at all.
//!
//! Weights, Adam's moments and the iteration are the whole state: order and noise are functions of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use burn::{module::Module, prelude::Device};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    files::{hex, read, write_whole},
    gan::{Gan, Losses},
    preset::Recipe,
};

/// How many checkpoints are kept; older ones are removed.
const KEPT: usize = 2;
const STATE: &str = "state.json";
const GENERATOR: &str = "generator.bpk";
const AVERAGE: &str = "average.bpk";
const DISCRIMINATOR: &str = "discriminator.bpk";
const GENERATOR_ADAM: &str = "generator-adam.bpk";
const DISCRIMINATOR_ADAM: &str = "discriminator-adam.bpk";

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Iterations done.
    pub iteration: u32,
    /// Losses of the last one.
    pub losses: Losses,
    /// Losses of the last hundred or so, weighed the more the later.
    pub mean: Losses,
    /// The best generator so far, if any was judged.
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
        let mean = if self.iteration == 0 { losses } else { self.mean };
        let mix = |mean: f32, latest: f32| mean * smoothing + latest * (1.0 - smoothing);
        self.mean = Losses {
            discriminator: mix(mean.discriminator, losses.discriminator),
            generator: mix(mean.generator, losses.generator),
        };
        self.losses = losses;
        self.iteration += 1;
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
pub fn save(folder: &Path, gan: &Gan, progress: &Progress) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let failed = || format!("cannot write a checkpoint into {}", folder.display());
    let temporary = tempfile::tempdir_in(folder).with_context(failed)?;
    let at = |name: &str| temporary.path().join(name);
    gan.generator.clone().save_file(at(GENERATOR)).with_context(failed)?;
    gan.discriminator.clone().save_file(at(DISCRIMINATOR)).with_context(failed)?;
    gan.generator_optimiser.save(at(GENERATOR_ADAM)).with_context(failed)?;
    gan.discriminator_optimiser.save(at(DISCRIMINATOR_ADAM)).with_context(failed)?;
    let mut names = vec![GENERATOR, DISCRIMINATOR, GENERATOR_ADAM, DISCRIMINATOR_ADAM];
    if let Some(average) = &gan.average {
        average.clone().save_file(at(AVERAGE)).with_context(failed)?;
        names.push(AVERAGE);
    }
    let files = names.into_iter().map(|name| Ok((name.to_owned(), hash(&at(name))?)));
    let state = State { progress: progress.clone(), files: files.collect::<Result<_>>()? };
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

/// The newest checkpoint in `folder` whose files are whole; damaged ones are reported and passed over.
///
/// # Errors
/// When there is none.
pub fn load(folder: &Path, recipe: &Recipe, seed: u64, device: &Device) -> Result<(Gan, Progress)> {
    for place in list(folder)? {
        match load_one(&place, recipe, seed, device) {
            Ok(loaded) => return Ok(loaded),
            Err(error) => eprintln!("passing over the checkpoint {}: {error:#}", place.display()),
        }
    }
    Err(anyhow!("no good checkpoint in {}; start the run anew", folder.display()))
}

fn load_one(place: &Path, recipe: &Recipe, seed: u64, device: &Device) -> Result<(Gan, Progress)> {
    let state: State = serde_json::from_slice(&read(&place.join(STATE))?).context("state.json is damaged")?;
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
    gan.discriminator_optimiser = gan.discriminator_optimiser.load(place.join(DISCRIMINATOR_ADAM))?;
    Ok((gan, state.progress))
}

/// Checkpoints in `folder`, newest first.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("no checkpoints in {}", folder.display()))?;
    let named = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_str().is_some_and(|name| name.parse::<u32>().is_ok()))
    };
    let mut places: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(named).collect();
    places.sort_unstable_by(|a, b| b.cmp(a));
    Ok(places)
}

fn hash(path: &Path) -> Result<String> {
    Ok(hex(&Sha256::digest(read(path)?)))
}
