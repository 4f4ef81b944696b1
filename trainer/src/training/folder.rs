//! Folder of a run and its configuration.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::ValueEnum;
use jiff::ZonedDateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    data::{self, Dataset, DatasetKind, Request},
    files::{hex, read, writable_folder, write_whole},
    gan::backend::Backend,
    gan::preset::{Preset, Recipe, Tuning},
};

/// Default folder for runs.
pub const RUNS: &str = "runs";

/// Configuration of a run, with which it can be resumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Preset.
    pub preset: Preset,
    /// Total number of iterations.
    pub iterations: u32,
    /// Seed of weights, image order and latents.
    pub seed: u64,
    /// Compute backend.
    pub backend: Backend,
    /// Iterations between checkpoints.
    pub checkpoint_every: u32,
    /// Name of the dataset.
    pub dataset: String,
    /// SHA-256 of the training images in hexadecimal.
    pub dataset_sha256: String,
    /// SHA-256 of the training labels, one byte each; absent in runs of earlier versions.
    pub labels_sha256: Option<String>,
    /// Location of the dataset and options for reading it.
    #[serde(default)]
    pub request: Request,
    /// Overrides of the recipe.
    #[serde(default)]
    pub tuning: Tuning,
    /// SHA-256 of the recipe with these overrides as text; absent in runs of earlier versions.
    pub recipe_sha256: Option<String>,
    /// Program and version.
    pub tool: String,
}

impl Config {
    /// Returns the recipe with the overrides, for a number of classes.
    pub fn recipe(&self, classes: u8) -> Recipe {
        self.preset
            .recipe()
            .tuned(&self.tuning)
            .with_classes(classes)
    }

    /// Loads the dataset of the run, from `folder` if it was moved.
    ///
    /// # Errors
    /// If the dataset is not available, or dataset or recipe differ from those at the start of the run.
    pub fn load_data(&self, folder: Option<&Path>) -> Result<Dataset> {
        let dataset = data::load(&self.request(folder)?);
        let dataset =
            dataset.context("the run's dataset is not available; pass its folder with --data")?;
        self.check(&dataset)?;
        Ok(dataset)
    }

    /// Returns the request for the dataset. The environment is used only if the run was started without a
    /// folder.
    fn request(&self, folder: Option<&Path>) -> Result<Request> {
        let dataset = DatasetKind::from_str(&self.dataset, false).map_err(|_| {
            anyhow!(
                "config.json names the dataset \"{}\", which this program does not know",
                self.dataset
            )
        })?;
        let data = folder
            .map(ToOwned::to_owned)
            .or_else(|| self.request.data.clone());
        Ok(Request {
            data,
            dataset,
            reading: self.request.reading.clone(),
        })
    }

    /// Checks that `dataset` and recipe are those at the start of the run.
    fn check(&self, dataset: &Dataset) -> Result<()> {
        let found = hex(&dataset.sha256);
        ensure!(
            found == self.dataset_sha256,
            "the run was started with the dataset {} (SHA-256 {}), but this is {} (SHA-256 {found}); \
             pass the same data with --data",
            self.dataset,
            self.dataset_sha256,
            dataset.name
        );
        ensure!(
            self.labels_sha256
                .as_ref()
                .is_none_or(|then| *then == labels_sha256(dataset)),
            "the run was started with the same images of the dataset {}, but with other labels; pass the same data with --data",
            self.dataset
        );
        let recipe = self.recipe(dataset.classes());
        ensure!(
            self.recipe_sha256
                .as_ref()
                .is_none_or(|then| *then == recipe_sha256(&recipe)),
            "the recipe of the preset {} has changed since the run was started with {}; resume with that version, or start \
             another run",
            recipe.name,
            self.tool
        );
        Ok(())
    }
}

/// Returns the SHA-256 of the training labels in hexadecimal.
pub fn labels_sha256(dataset: &Dataset) -> String {
    hex(&Sha256::digest(&dataset.train.labels))
}

/// Returns the SHA-256 of a recipe in hexadecimal.
pub fn recipe_sha256(recipe: &Recipe) -> String {
    hex(&Sha256::digest(format!("{recipe:?}")))
}

/// Folder of one run.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Creates the folder of a new run: `wanted`, or the first free one of runs/NAME-DATE, runs/NAME-DATE-2
    /// and so on.
    ///
    /// # Errors
    /// If it cannot be written to, or contains a run already.
    pub fn create(wanted: Option<&Path>, name: &str) -> Result<Self> {
        let folder = match wanted {
            Some(path) => path.to_path_buf(),
            None => free(name),
        };
        let folder = Self(folder);
        writable_folder(&folder.0)?;
        ensure!(
            !Self::holds_run(&folder.0),
            "{0} already contains a run; resume it with --resume {0}, or choose another folder with --out",
            folder.0.display()
        );
        writable_folder(&folder.grids())?;
        Ok(folder)
    }

    /// Opens the folder of an existing run for writing and reads its configuration.
    ///
    /// # Errors
    /// If it contains no run, or its configuration cannot be read.
    pub fn open(path: &Path) -> Result<(Self, Config)> {
        let (folder, config) = Self::read(path)
            .with_context(|| format!("{} contains no run to resume", path.display()))?;
        writable_folder(&folder.grids())?;
        Ok((folder, config))
    }

    /// Opens the folder of an existing run for reading and reads its configuration.
    ///
    /// # Errors
    /// If it contains no run, or its configuration cannot be read.
    pub fn read(path: &Path) -> Result<(Self, Config)> {
        let folder = Self(path.to_path_buf());
        let config = folder.config_path();
        let config = serde_json::from_slice(&read(&config)?)
            .with_context(|| format!("{} is damaged; start the run anew", config.display()))?;
        Ok((folder, config))
    }

    /// Returns true if a folder contains a run.
    pub fn holds_run(path: &Path) -> bool {
        Self(path.to_path_buf()).config_path().exists()
    }

    /// Writes the configuration of the run.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn write_config(&self, config: &Config) -> Result<()> {
        write_whole(
            &self.config_path(),
            serde_json::to_string_pretty(config)?.as_bytes(),
        )
    }

    fn config_path(&self) -> PathBuf {
        self.0.join("config.json")
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the path of a file of the run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Returns the path of the run's model file.
    pub fn model(&self, config: &Config) -> PathBuf {
        self.file(&format!("{}.tgan", config.preset.recipe().name))
    }

    /// Returns the path of the log.
    pub fn metrics(&self) -> PathBuf {
        self.file("metrics.jsonl")
    }

    /// Returns the path of the folder for sample grids.
    pub fn grids(&self) -> PathBuf {
        self.0.join("grids")
    }

    /// Returns the path of the folder for checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }
}

fn free(name: &str) -> PathBuf {
    let dated = format!("{name}-{}", ZonedDateTime::now().date());
    let numbered = (2..).map(|number| format!("{dated}-{number}"));
    let mut names = std::iter::once(dated.clone())
        .chain(numbered)
        .map(|name| Path::new(RUNS).join(name));
    names
        .find(|path| !path.exists())
        .expect("names without end")
}
