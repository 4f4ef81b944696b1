//! The folder of one run, and what it was started with.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use clap::ValueEnum;
use jiff::ZonedDateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    data::{self, Choice, Dataset, Request},
    files::{hex, read, writable_folder, write_whole},
    gan::backend::Backend,
    gan::preset::{Preset, Recipe, Tuning},
};

/// Where runs are, unless told otherwise.
pub const RUNS: &str = "runs";

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
    /// SHA-256 of their labels, a byte each; runs of earlier versions have none.
    pub labels_sha256: Option<String>,
    /// Where they lie, and how they are read.
    #[serde(default)]
    pub request: Request,
    /// Changes to the recipe.
    #[serde(default)]
    pub tuning: Tuning,
    /// SHA-256 of the recipe with these changes as text; runs of earlier versions have none.
    pub recipe_sha256: Option<String>,
    /// Program and version.
    pub tool: String,
}

impl Config {
    /// The recipe as it was changed, for data of so many classes.
    pub fn recipe(&self, classes: u8) -> Recipe {
        self.preset
            .recipe()
            .tuned(&self.tuning)
            .with_classes(classes)
    }

    /// The data that the run began with, in `folder` if they lie elsewhere now.
    ///
    /// # Errors
    /// When they cannot be had, or they or the recipe are not what the run began with.
    pub fn load_data(&self, folder: Option<&Path>) -> Result<Dataset> {
        let dataset = data::load(&self.request(folder)?);
        let dataset =
            dataset.context("the run's data cannot be had; --data DIR says where they lie now")?;
        self.check(&dataset)?;
        Ok(dataset)
    }

    /// How these data are asked for; only a run that was not told where they lay looks into the environment.
    fn request(&self, folder: Option<&Path>) -> Result<Request> {
        let dataset = Choice::from_str(&self.dataset, false).map_err(|_| {
            anyhow!(
                "config.json names the data set \"{}\", which this program does not know",
                self.dataset
            )
        })?;
        let environment = || env::var_os("THUMBGAN_DATA").map(PathBuf::from);
        let data = folder
            .map(ToOwned::to_owned)
            .or_else(|| self.request.data.clone())
            .or_else(environment);
        Ok(Request {
            data,
            dataset,
            reading: self.request.reading.clone(),
        })
    }

    /// Whether `dataset` and the recipe are what the run began with; the error gives both hashes of the data.
    fn check(&self, dataset: &Dataset) -> Result<()> {
        let found = hex(&dataset.sha256);
        ensure!(
            found == self.dataset_sha256,
            "the run began with the data set {} (SHA-256 {}), but this is {} (SHA-256 {found}); \
             give the same data with --data",
            self.dataset,
            self.dataset_sha256,
            dataset.name
        );
        ensure!(
            self.labels_sha256
                .as_ref()
                .is_none_or(|then| *then == labels_sha256(dataset)),
            "the run began with the same images of the data set {}, but with other labels; give the same data with --data",
            self.dataset
        );
        let recipe = self.recipe(dataset.classes());
        ensure!(
            self.recipe_sha256
                .as_ref()
                .is_none_or(|then| *then == recipe_sha256(&recipe)),
            "the preset {} is another recipe now than when the run began with {}; go on with that version, or begin \
             another run",
            recipe.name,
            self.tool
        );
        Ok(())
    }
}

/// SHA-256 of the labels to learn from, in hexadecimal.
pub fn labels_sha256(dataset: &Dataset) -> String {
    hex(&Sha256::digest(&dataset.train.labels))
}

/// SHA-256 of all that a recipe says, in hexadecimal.
pub fn recipe_sha256(recipe: &Recipe) -> String {
    hex(&Sha256::digest(format!("{recipe:?}")))
}

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder for a new run: `wanted`, else the first free one of runs/NAME-DATE, runs/NAME-DATE-2 and so on.
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
            !Self::holds_run(&folder.0),
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
        let (folder, config) = Self::read(path)
            .with_context(|| format!("{} holds no run to resume", path.display()))?;
        writable_folder(&folder.grids())?;
        Ok((folder, config))
    }

    /// As [`Self::open`], but only to look.
    ///
    /// # Errors
    /// When it holds no run, or its settings cannot be read.
    pub fn read(path: &Path) -> Result<(Self, Config)> {
        let folder = Self(path.to_path_buf());
        let config = folder.config_path();
        let config = serde_json::from_slice(&read(&config)?)
            .with_context(|| format!("{} is damaged; start the run anew", config.display()))?;
        Ok((folder, config))
    }

    /// Whether a run was begun in a folder.
    pub fn holds_run(path: &Path) -> bool {
        Self(path.to_path_buf()).config_path().exists()
    }

    /// Writes the run's settings.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn write_config(&self, config: &Config) -> Result<()> {
        write_whole(
            &self.config_path(),
            serde_json::to_string_pretty(config)?.as_bytes(),
        )
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

    /// The model file that the run ends with.
    pub fn model(&self, config: &Config) -> PathBuf {
        self.file(&format!("{}.tgan", config.preset.recipe().name))
    }

    /// The log.
    pub fn metrics(&self) -> PathBuf {
        self.file("metrics.jsonl")
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
    let dated = format!("{name}-{}", ZonedDateTime::now().date());
    let numbered = (2..).map(|number| format!("{dated}-{number}"));
    let mut names = std::iter::once(dated.clone())
        .chain(numbered)
        .map(|name| Path::new(RUNS).join(name));
    names
        .find(|path| !path.exists())
        .expect("names without end")
}
