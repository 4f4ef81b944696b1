//! Checkpoints: the complete state of a run, written atomically.
//!
//! The state consists of weights, Adam's moments, the iteration and the best generator so far. Image order
//! and latents are functions of seed and iteration, so a resumed run is bit-identical.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use burn::{module::Module, prelude::Device, store::ModuleRecord, tensor::Bytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    export::float_reference::FloatGenerator,
    files::{cannot, entries, hex, name, parent, read, sync_folder, visible, write_new},
    gan::preset::Recipe,
    gan::{Gan, Losses},
    text::count,
};

/// Number of checkpoints that are kept; older ones are removed.
const KEPT: usize = 2;
/// Folder in which a checkpoint is written before it gets its name.
const PARTIAL: &str = ".partial";
const STATE: &str = "state.json";
/// File with the SHA-256 of the state in hexadecimal; absent in checkpoints of earlier versions.
const STATE_HASH: &str = "state.sha256";
const GENERATOR: &str = "generator.bpk";
const AVERAGE: &str = "average.bpk";
const DISCRIMINATOR: &str = "discriminator.bpk";
const GENERATOR_ADAM: &str = "generator-adam.bpk";
const DISCRIMINATOR_ADAM: &str = "discriminator-adam.bpk";
const BEST: &str = "best.float";
/// Files besides the state and its hash.
const CONTENTS: [&str; 6] = [
    GENERATOR,
    AVERAGE,
    DISCRIMINATOR,
    GENERATOR_ADAM,
    DISCRIMINATOR_ADAM,
    BEST,
];

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

/// Identity of a run; a checkpoint is loaded only if all values match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// SHA-256 of the recipe as text in hexadecimal.
    pub recipe_sha256: String,
    /// Seed of weights, image order and latents.
    pub seed: u64,
    /// SHA-256 of the training images in hexadecimal.
    pub dataset_sha256: String,
    /// SHA-256 of the training labels in hexadecimal; absent in runs of earlier versions.
    pub labels_sha256: Option<String>,
}

impl Identity {
    /// Returns the name of the first value in which two runs differ.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        let differs = [
            (self.recipe_sha256 != other.recipe_sha256, "recipe"),
            (self.seed != other.seed, "seed"),
            (self.dataset_sha256 != other.dataset_sha256, "dataset"),
            (self.labels_sha256 != other.labels_sha256, "labels"),
        ];
        differs
            .into_iter()
            .find_map(|(differs, name)| differs.then_some(name))
    }
}

#[derive(Serialize, Deserialize)]
struct State {
    progress: Progress,
    /// Run to which the checkpoint belongs; absent in checkpoints of earlier versions.
    run: Option<Identity>,
    /// SHA-256 of every other file of the checkpoint.
    files: BTreeMap<String, String>,
}

/// Writes a checkpoint of the run `identity` into `folder` durably, then removes all but the newest two. A partial
/// checkpoint of an interrupted process is removed first; a valid one of this iteration stays.
///
/// # Errors
/// If the folder cannot be written to; earlier checkpoints are then unchanged.
pub fn save(
    folder: &Path,
    gan: &Gan,
    progress: &Progress,
    best: Option<&FloatGenerator>,
    identity: Identity,
) -> Result<()> {
    remove_partial(folder)?;
    let place = folder.join(format!("{:08}", progress.iteration));
    let is_saved =
        Files::read(&place).is_ok_and(|files| files.state.run.as_ref() == Some(&identity));
    if is_saved {
        return Ok(());
    }
    let partial = folder.join(PARTIAL);
    let written = write(&partial, gan, progress, best, identity).and_then(|()| {
        if place.exists() {
            remove(&place)?;
        }
        fs::rename(&partial, &place).map_err(|error| cannot("write", &place, &error))?;
        // Until the new checkpoint is durable, the old ones are needed.
        sync_folder(folder)
    });
    if let Err(error) = written {
        // It would fill a full disk. The error of the write is the one to report.
        let _ = fs::remove_dir_all(&partial);
        return Err(error.context(format!(
            "cannot write a checkpoint into {}; the run continues from the one before with --resume",
            folder.display()
        )));
    }
    remove_old(folder)
}

/// Finishes the removal of checkpoints that an interrupted process has begun, after the newest one of a run was loaded.
///
/// # Errors
/// If a folder cannot be removed.
pub fn tidy(folder: &Path) -> Result<()> {
    remove_partial(folder)?;
    remove_old(folder)
}

fn remove_partial(folder: &Path) -> Result<()> {
    for left in entries(folder).unwrap_or_default() {
        // Earlier versions had random names.
        if name(&left) == PARTIAL || (name(&left).starts_with(".tmp") && left.is_dir()) {
            remove(&left)?;
        }
    }
    Ok(())
}

/// Removes all but the newest checkpoints.
fn remove_old(folder: &Path) -> Result<()> {
    for old in list(folder)?.into_iter().skip(KEPT) {
        remove(&old)?;
    }
    Ok(())
}

fn remove(place: &Path) -> Result<()> {
    fs::remove_dir_all(place).map_err(|error| cannot("remove", place, &error))
}

/// Writes the files of a checkpoint into a new folder; they are durable, and the name of the folder is not.
fn write(
    partial: &Path,
    gan: &Gan,
    progress: &Progress,
    best: Option<&FloatGenerator>,
    identity: Identity,
) -> Result<()> {
    // The folder of the run is not created: it may have been moved.
    for path in [parent(partial), partial] {
        match fs::create_dir(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
            made => made
                .map_err(|error| cannot("create the folder", path, &error))
                .and_then(|()| sync_folder(parent(path)))?,
        }
    }
    let network = |record: ModuleRecord| Ok::<_, anyhow::Error>(record.into_bytes()?);
    let mut contents = vec![
        (GENERATOR, network(gan.generator.clone().into_record())?),
        (
            DISCRIMINATOR,
            network(gan.discriminator.clone().into_record())?,
        ),
        (GENERATOR_ADAM, gan.generator_optimizer.into_bytes()?),
        (
            DISCRIMINATOR_ADAM,
            gan.discriminator_optimizer.into_bytes()?,
        ),
    ];
    if let Some(average) = &gan.average {
        contents.push((AVERAGE, network(average.clone().into_record())?));
    }
    if let Some(best) = best {
        contents.push((BEST, Bytes::from_bytes_vec(best.to_bytes()?)));
    }
    let mut files = BTreeMap::new();
    for (name, content) in contents {
        write_new(&partial.join(name), &content)?;
        files.insert(name.to_owned(), hash(&content));
    }
    let state = State {
        progress: progress.clone(),
        run: Some(identity),
        files,
    };
    let state = serde_json::to_string_pretty(&state)?;
    write_new(&partial.join(STATE), state.as_bytes())?;
    write_new(&partial.join(STATE_HASH), hash(state.as_bytes()).as_bytes())?;
    sync_folder(partial)
}

/// Loads the newest valid checkpoint of the run `identity` in `folder`; damaged ones are reported and skipped. `None`
/// if there is no checkpoint. All files are read before training starts, so later damage has no
/// effect.
///
/// # Errors
/// If all checkpoints are damaged, or one belongs to another run.
pub fn load(
    folder: &Path,
    recipe: &Recipe,
    identity: &Identity,
    device: &Device,
) -> Result<Option<Checkpoint>> {
    let places = list(folder)?;
    for place in &places {
        match Files::read(place) {
            Ok(files) => {
                files.check_run(place, identity)?;
                match files.checkpoint(recipe, identity.seed, device) {
                    Ok(loaded) => return Ok(Some(loaded)),
                    Err(error) => skip(place, &error),
                }
            }
            Err(error) => skip(place, &error),
        }
    }
    ensure!(
        places.is_empty(),
        "{} contains {}, none of them valid; restore them from a backup, or train again in another folder with --out",
        folder.display(),
        count(places.len(), "checkpoint")
    );
    Ok(None)
}

fn skip(place: &Path, error: &anyhow::Error) {
    errln!(
        "warning: skipping the checkpoint {}: {error:#}",
        place.display()
    );
}

/// Verified files of a checkpoint.
struct Files {
    state: State,
    /// Contents by name.
    contents: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Reads all files of a checkpoint and verifies their hashes.
    fn read(place: &Path) -> Result<Self> {
        let bytes = read(&place.join(STATE))?;
        let state: State = serde_json::from_slice(&bytes).context("state.json is damaged")?;
        let hash_path = place.join(STATE_HASH);
        if state.run.is_some() || hash_path.exists() {
            let expected = read(&hash_path)?;
            ensure!(
                hash(&bytes).as_bytes() == expected.trim_ascii(),
                "state.json is damaged: its SHA-256 is not that in {STATE_HASH}"
            );
        }
        ensure!(
            iteration(place) == Some(state.progress.iteration),
            "state.json is of iteration {}, not of that in the name of its folder",
            state.progress.iteration
        );
        let contents = state.files.iter().map(|(name, expected)| {
            // Other names could lead out of the checkpoint, to a device whose reading does not end.
            ensure!(
                CONTENTS.contains(&name.as_str()),
                "state.json names {name:?}, which is no file of a checkpoint"
            );
            let content = read(&place.join(name))?;
            ensure!(hash(&content) == *expected, "{name} is damaged");
            Ok((name.clone(), content))
        });
        Ok(Self {
            contents: contents.collect::<Result<_>>()?,
            state,
        })
    }

    /// Checks that the checkpoint belongs to a run.
    fn check_run(&self, place: &Path, identity: &Identity) -> Result<()> {
        let difference = self
            .state
            .run
            .as_ref()
            .and_then(|run| run.difference(identity));
        match difference {
            None => Ok(()),
            Some(name) => bail!(
                "the checkpoint {} belongs to another run: its {name} differs from that of config.json; restore \
                 config.json and checkpoints of the same run",
                place.display()
            ),
        }
    }

    fn checkpoint(mut self, recipe: &Recipe, seed: u64, device: &Device) -> Result<Checkpoint> {
        let mut gan = Gan::new(recipe.clone(), seed, device);
        gan.generator = gan.generator.try_load_record(self.record(GENERATOR)?)?;
        gan.average = match gan.average {
            Some(average) => Some(average.try_load_record(self.record(AVERAGE)?)?),
            None => None,
        };
        gan.discriminator = gan
            .discriminator
            .try_load_record(self.record(DISCRIMINATOR)?)?;
        gan.generator_optimizer = gan
            .generator_optimizer
            .from_bytes(self.bytes(GENERATOR_ADAM)?)?;
        gan.discriminator_optimizer = gan
            .discriminator_optimizer
            .from_bytes(self.bytes(DISCRIMINATOR_ADAM)?)?;
        let best = match self.state.progress.best {
            Some(_) => Some(FloatGenerator::from_bytes(&self.take(BEST)?)?),
            None => None,
        };
        Ok(Checkpoint {
            gan,
            progress: self.state.progress,
            best,
        })
    }

    fn record(&mut self, name: &str) -> Result<ModuleRecord> {
        Ok(ModuleRecord::from_bytes(self.bytes(name)?)?)
    }

    fn bytes(&mut self, name: &str) -> Result<Bytes> {
        self.take(name).map(Bytes::from_bytes_vec)
    }

    fn take(&mut self, name: &str) -> Result<Vec<u8>> {
        self.contents
            .remove(name)
            .with_context(|| format!("state.json does not name {name}"))
    }
}

/// Returns the iteration of the newest checkpoint in `folder`, if there is one.
///
/// # Errors
/// If the folder cannot be read.
pub fn newest(folder: &Path) -> Result<Option<u32>> {
    Ok(list(folder)?.first().and_then(|place| iteration(place)))
}

/// Returns the iteration of a checkpoint from its folder's name, which it gets only when it is complete.
fn iteration(place: &Path) -> Option<u32> {
    place.file_name()?.to_str()?.parse().ok()
}

/// Returns the checkpoints in `folder`, newest first; none if the folder does not exist.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut places = visible(folder, |place| iteration(place).is_some())?;
    places.reverse();
    Ok(places)
}

fn hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;
    use crate::{
        data::{PIXELS, Split},
        gan::{batches::Batches, preset::Preset},
    };

    fn identity(seed: u64) -> Identity {
        Identity {
            recipe_sha256: "recipe".to_owned(),
            seed,
            dataset_sha256: "dataset".to_owned(),
            labels_sha256: None,
        }
    }

    #[test]
    fn a_checkpoint_of_another_run_is_an_error_that_names_the_difference() {
        let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
        let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
        save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
        let error = load(folder.path(), &recipe, &identity(2), &device)
            .err()
            .unwrap();
        let error = error.to_string();
        assert!(
            error.contains("belongs to another run: its seed differs"),
            "{error}"
        );
        assert!(load(folder.path(), &recipe, &identity(1), &device).is_ok());
    }

    #[test]
    fn a_checkpoint_that_is_saved_twice_is_never_absent() {
        let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
        let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
        let state = folder.path().join("00000000/state.json");
        let save = |cpu_seconds: f64| {
            let progress = Progress {
                cpu_seconds,
                ..progress.clone()
            };
            save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
            fs::read_to_string(&state).unwrap()
        };
        let first = save(1.0);
        assert_eq!(save(2.0), first, "the valid one stays");
        fs::write(&state, &first[1..]).unwrap();
        assert!(
            save(3.0).contains("\"cpu_seconds\": 3.0"),
            "a damaged one is replaced"
        );
    }

    #[test]
    fn files_that_vanish_after_loading_do_not_reach_the_run() {
        let (folder, device) = (tempdir().unwrap(), Device::flex());
        let recipe = Preset::DigitsNano.recipe();
        let images = Split {
            pixels: (0..recipe.batch * PIXELS)
                .map(|n| (n % 251) as u8)
                .collect(),
            labels: (0..recipe.batch).map(|n| (n % 10) as u8).collect(),
        };
        let mut batches = Batches::new(&images, recipe.batch, 1);
        let mut gan = Checkpoint::begin(&recipe, 1, &device).gan;
        gan.step(0, 10, batches.get(0));
        save(folder.path(), &gan, &Progress::default(), None, identity(1)).unwrap();
        let loaded = load(folder.path(), &recipe, &identity(1), &device).unwrap();
        fs::remove_dir_all(folder.path()).unwrap();
        let mut resumed = loaded.unwrap().gan;
        for iteration in 1..3 {
            let expected = gan.step(iteration, 10, batches.get(iteration));
            assert_eq!(
                resumed.step(iteration, 10, batches.get(iteration)),
                expected
            );
        }
    }

    #[test]
    fn a_partial_checkpoint_of_an_interrupted_process_is_replaced() {
        let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
        let left = folder.path().join(PARTIAL);
        fs::create_dir(&left).unwrap();
        fs::write(left.join("half"), "half").unwrap();
        let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
        save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
        assert!(!left.exists() && !folder.path().join("00000000/half").exists());
    }

    #[test]
    fn a_checkpoint_does_not_create_the_folder_of_its_run() {
        let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
        let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
        let save = |run: &Path| save(&run.join("checkpoints"), &gan, &progress, None, identity(1));
        let moved = folder.path().join("moved");
        let error = format!("{:#}", save(&moved).unwrap_err());
        assert!(
            error.contains("cannot create the folder") && error.contains("does not exist"),
            "{error}"
        );
        assert!(!moved.exists());
        save(folder.path()).unwrap();
        assert!(folder.path().join("checkpoints/00000000").is_dir());
    }

    #[test]
    fn states_of_another_iteration_or_hash_are_damaged() {
        let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
        let at = |name: &str| folder.path().join(name);
        let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
        save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
        let message = |place: &str| format!("{:#}", Files::read(&at(place)).err().unwrap());
        fs::rename(at("00000000"), at("00000009")).unwrap();
        let renamed = message("00000009");
        assert!(
            renamed.contains("is of iteration 0, not of that in the name"),
            "{renamed}"
        );
        fs::rename(at("00000009"), at("00000000")).unwrap();
        let state = fs::read_to_string(at("00000000/state.json")).unwrap();
        fs::write(at("00000000/state.json"), format!("{state} ")).unwrap();
        let changed = message("00000000");
        assert!(
            changed.contains("its SHA-256 is not that in state.sha256"),
            "{changed}"
        );
        fs::write(at("00000000/state.json"), &state).unwrap();
        assert!(Files::read(&at("00000000")).is_ok());
        fs::remove_file(at("00000000/state.sha256")).unwrap();
        let missing = message("00000000");
        assert!(
            missing.contains("state.sha256: there is no such file"),
            "{missing}"
        );
        // Checkpoints of earlier versions name neither their run nor the hash.
        let mut earlier: serde_json::Value = serde_json::from_str(&state).unwrap();
        earlier["run"] = serde_json::Value::Null;
        fs::write(at("00000000/state.json"), earlier.to_string()).unwrap();
        assert!(Files::read(&at("00000000")).is_ok());
    }

    #[test]
    fn only_files_of_the_checkpoint_are_read() {
        let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
        let Checkpoint { gan, progress, .. } = Checkpoint::begin(&recipe, 1, &device);
        save(folder.path(), &gan, &progress, None, identity(1)).unwrap();
        let place = folder.path().join("00000000");
        fs::write(folder.path().join("outside"), "x").unwrap();
        let state = fs::read_to_string(place.join(STATE)).unwrap();
        let mut state: serde_json::Value = serde_json::from_str(&state).unwrap();
        state["files"]["../outside"] = hash(b"x").into();
        let state = state.to_string();
        fs::write(place.join(STATE), &state).unwrap();
        fs::write(place.join(STATE_HASH), hash(state.as_bytes())).unwrap();
        let error = Files::read(&place).err().unwrap().to_string();
        assert!(
            error.contains("\"../outside\", which is no file of a checkpoint"),
            "{error}"
        );
    }

    #[test]
    fn the_best_generator_is_that_of_the_checkpoint() {
        let (folder, recipe, device) = (tempdir().unwrap(), Preset::Seed.recipe(), Device::flex());
        let loaded = || load(folder.path(), &recipe, &identity(1), &device).unwrap();
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
            save(folder.path(), &gan, &progress, Some(&best), identity(1)).unwrap();
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
