//! Files of a checkpoint: state, networks and optimizers, each with its SHA-256.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

use anyhow::{Context, Result, bail, ensure};
use burn::{module::Module, prelude::Device, store::ModuleRecord, tensor::Bytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    identity::Identity,
    state::{Checkpoint, Progress},
};
use crate::{
    export::float_reference::FloatGenerator,
    files::{cannot, hex, parent, read, sync_folder, write_new},
    gan::{Gan, preset::Recipe},
};

pub(super) const STATE: &str = "state.json";
/// File with the SHA-256 of the state in hexadecimal; absent in checkpoints of earlier versions.
pub(super) const STATE_HASH: &str = "state.sha256";
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

#[derive(Serialize, Deserialize)]
pub(super) struct State {
    pub(super) progress: Progress,
    /// Run to which the checkpoint belongs; absent in checkpoints of earlier versions.
    pub(super) run: Option<Identity>,
    /// SHA-256 of every other file of the checkpoint.
    files: BTreeMap<String, String>,
}

/// Writes the files of a checkpoint into a new folder; they are durable, and the name of the folder is not.
pub(super) fn write(
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

/// Verified files of a checkpoint.
pub(super) struct Files {
    pub(super) state: State,
    /// Contents by name.
    contents: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Reads all files of a checkpoint and verifies their hashes.
    pub(super) fn read(place: &Path) -> Result<Self> {
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
    pub(super) fn check_run(&self, place: &Path, identity: &Identity) -> Result<()> {
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

    pub(super) fn checkpoint(
        mut self,
        recipe: &Recipe,
        seed: u64,
        device: &Device,
    ) -> Result<Checkpoint> {
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

/// Returns the iteration of a checkpoint from its folder's name, which it gets only when it is complete.
pub(super) fn iteration(place: &Path) -> Option<u32> {
    place.file_name()?.to_str()?.parse().ok()
}

pub(super) fn hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}
