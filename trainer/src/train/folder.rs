//! The folder of one run, and what it was started with.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::{
    backend::Backend,
    data::Dataset,
    files::{hex, read, writable_folder, write_whole},
    preset::Preset,
};

/// What a run was started with: enough to go on with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The recipe.
    pub preset: Preset,
    /// Iterations in all.
    pub iterations: u32,
    /// The seed of weights, order and noise.
    pub seed: u64,
    /// What burn computes on.
    pub backend: Backend,
    /// Iterations between checkpoints.
    pub checkpoint_every: u32,
    /// Name of the training data.
    pub dataset: String,
    /// SHA-256 of the training images in hexadecimal.
    pub dataset_sha256: String,
    /// Program and version.
    pub tool: String,
}

impl Config {
    /// Whether `dataset` is what the run began with.
    ///
    /// # Errors
    /// When it is not; the message gives both hashes.
    pub fn check(&self, dataset: &Dataset) -> Result<()> {
        let found = hex(&dataset.sha256);
        ensure!(
            found == self.dataset_sha256,
            "the run began with the data set {} (SHA-256 {}), but this is {} (SHA-256 {found}); \
             give the same data with --data and --dataset",
            self.dataset,
            self.dataset_sha256,
            dataset.name
        );
        Ok(())
    }
}

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder for a new run: `wanted`, else the first free one of runs/NAME, runs/NAME-2 and so on.
    ///
    /// # Errors
    /// When it cannot be written to, or holds a run already.
    pub fn create(wanted: Option<&Path>, name: &str) -> Result<Self> {
        let folder = match wanted {
            Some(path) => path.to_path_buf(),
            None => free(name),
        };
        let folder = Self(folder);
        writable_folder(&folder.0)?;
        ensure!(
            !folder.config_path().exists(),
            "{0} holds a run already; go on with it by --resume {0}, or choose another folder with --out",
            folder.0.display()
        );
        writable_folder(&folder.grids())?;
        Ok(folder)
    }

    /// The folder of a run that was begun before, and its settings.
    ///
    /// # Errors
    /// When it holds no run, or its settings cannot be read.
    pub fn open(path: &Path) -> Result<(Self, Config)> {
        let folder = Self(path.to_path_buf());
        let config = folder.config_path();
        let bytes = read(&config).with_context(|| format!("{} holds no run to resume", path.display()))?;
        let config = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is damaged; start the run anew", config.display()))?;
        writable_folder(&folder.grids())?;
        Ok((folder, config))
    }

    /// Writes the run's settings.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn write_config(&self, config: &Config) -> Result<()> {
        write_whole(&self.config_path(), serde_json::to_string_pretty(config)?.as_bytes())
    }

    fn config_path(&self) -> PathBuf {
        self.0.join("config.json")
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file of the run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where sample grids go.
    pub fn grids(&self) -> PathBuf {
        self.0.join("grids")
    }

    /// Where checkpoints go.
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }
}

fn free(name: &str) -> PathBuf {
    let numbered = (2..).map(|number| format!("runs/{name}-{number}"));
    let mut names = std::iter::once(format!("runs/{name}")).chain(numbered).map(PathBuf::from);
    names.find(|path| !path.exists()).expect("names without end")
}
