//! Folder of a run and its configuration.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Result, anyhow, bail, ensure};
use clap::ValueEnum;
use jiff::{ZonedDateTime, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::checkpoint::Identity;
use crate::{
    data::{self, Dataset, DatasetKind, Request},
    files::{FolderLock, cannot, hex, parent, read, visible, writable_folder, write_whole},
    gan::backend::Backend,
    gan::preset::{Preset, Recipe, Tuning},
    text,
};

/// Program and version in model files and configurations.
pub const TOOL: &str = concat!("thumbgan ", env!("CARGO_PKG_VERSION"));
/// Start of the name of a version of this program.
const PROGRAM: &str = "thumbgan ";
/// Default folder for runs.
pub const RUNS: &str = "runs";
/// File that a process locks while it writes into the folder of a run.
const LOCK: &str = ".lock";

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

    /// Returns the identity of the run, which its checkpoints carry.
    pub fn identity(&self, recipe: &Recipe) -> Identity {
        Identity {
            recipe_sha256: recipe_sha256(recipe),
            seed: self.seed,
            dataset_sha256: self.dataset_sha256.clone(),
            labels_sha256: self.labels_sha256.clone(),
        }
    }

    /// Parses the contents of `path`.
    fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let value = json(bytes).map_err(|error| {
            anyhow!(
                "{} is not valid JSON, it is cut or damaged ({error:#}); restore the file from its source or a backup",
                path.display()
            )
        })?;
        let tool = value["tool"].as_str().unwrap_or("an unknown program");
        let config: Self = serde_json::from_value(value.clone()).map_err(|error| {
            anyhow!(
                "{} cannot be read by this program, {TOOL}: {error}; {}",
                path.display(),
                remedy(tool)
            )
        })?;
        if let Some(field) = unknown_field(&value, &serde_json::to_value(&config)?) {
            bail!(
                "{} has the unknown field \"{field}\"; {}",
                path.display(),
                remedy(tool)
            );
        }
        Ok(config)
    }

    /// Loads the dataset of the run, from `folder` if it was moved.
    ///
    /// # Errors
    /// If the dataset is not available, or dataset or recipe differ from those at the start of the run.
    pub fn load_data(&self, folder: Option<&Path>) -> Result<Dataset> {
        let dataset = data::reload(&self.request(folder)?).map_err(|error| {
            anyhow!("cannot read the dataset of the run: {error:#}; pass its location with --data if it was moved")
        })?;
        self.check(&dataset)?;
        Ok(dataset)
    }

    /// Returns the request for the dataset. The environment is used only if the run was started without a
    /// folder.
    fn request(&self, folder: Option<&Path>) -> Result<Request> {
        let dataset = DatasetKind::from_str(&self.dataset, false).map_err(|_| {
            anyhow!(
                "config.json: unknown dataset {:?}; use the version that wrote it, {}",
                self.dataset,
                self.tool
            )
        })?;
        ensure!(
            folder.is_none() || dataset != DatasetKind::Procedural,
            "--data has no effect on this run: its dataset is the built-in procedural digits"
        );
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
             pass the same data with --data; if they are the same, the build that started the run, {}, reads them \
             otherwise: resume it with that build",
            self.dataset,
            self.dataset_sha256,
            dataset.name,
            self.tool
        );
        ensure!(
            self.labels_sha256
                .as_ref()
                .is_none_or(|then| *then == labels_sha256(dataset)),
            "the run was started with the same images of the dataset {}, but with other labels; pass the same data with --data; if \
             they are the same, the build that started the run, {}, reads them otherwise: resume it with that build",
            self.dataset,
            self.tool
        );
        let recipe = self.recipe(dataset.classes());
        ensure!(
            self.recipe_sha256
                .as_ref()
                .is_none_or(|then| *then == recipe_sha256(&recipe)),
            "the recipe of the preset {} differs from that at the start of the run; {}",
            recipe.name,
            remedy(&self.tool)
        );
        Ok(())
    }
}

/// Returns the origin of a configuration that this program cannot use, and the remedy.
fn remedy(tool: &str) -> String {
    if tool == TOOL {
        return format!(
            "config.json says that {TOOL} wrote it, as this is: use the newer build that wrote it; or, if the file was \
             edited, undo the change, or restore the file from a backup"
        );
    }
    format!("it was written by {tool}, perhaps in another build: use that one for this run")
}

/// Parses JSON in UTF-8 or UTF-16.
fn json(bytes: &[u8]) -> Result<Value> {
    Ok(serde_json::from_str(&text::decode(bytes)?)?)
}

/// Returns the path of the first field that is not among the known ones, such as `request.data`.
fn unknown_field(found: &Value, known: &Value) -> Option<String> {
    found.as_object()?.iter().find_map(|(name, value)| {
        let Some(known) = known.get(name) else {
            return Some(name.clone());
        };
        unknown_field(value, known).map(|field| format!("{name}.{field}"))
    })
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
pub struct Folder {
    path: PathBuf,
    /// Lock of the folder if it was opened for writing.
    _lock: Option<Arc<FolderLock>>,
}

impl Folder {
    /// Creates and locks the folder of a new run and the empty folder of its checkpoints: `wanted`, or the first free one of runs/NAME-DATE, runs/NAME-DATE-2
    /// and so on, where NAME is the model's name.
    ///
    /// # Errors
    /// If it cannot be written to, contains a run already or files that the run would replace, or is locked.
    pub fn create(wanted: Option<&Path>, name: &str) -> Result<Self> {
        let Some(path) = wanted else {
            let folder = Self::unlocked(create_free(
                Path::new(RUNS),
                name,
                ZonedDateTime::now().date(),
            )?)
            .locked()?;
            writable_folder(&folder.checkpoints())?;
            return Ok(folder);
        };
        let folder = Self::unlocked(path.to_owned());
        if let Some(found) = folder.output(name)?.filter(|_| !Self::holds_run(path)) {
            bail!(
                "{} exists and would be replaced by the run; choose another folder with --out",
                found.display()
            );
        }
        let locked = writable_folder(path).and_then(|()| folder.locked());
        let folder =
            locked.map_err(|error| anyhow!("{error:#}; or choose another folder with --out"))?;
        ensure!(
            !Self::holds_run(path),
            "{0} already contains a run; resume it with --resume {0}, or choose another folder with --out",
            path.display()
        );
        writable_folder(&folder.checkpoints())?;
        Ok(folder)
    }

    /// Opens the folder of an existing run for writing, locks it and reads its configuration.
    ///
    /// # Errors
    /// If it contains no run, its configuration cannot be read, it cannot be written to, or it is locked.
    pub fn open(path: &Path) -> Result<(Self, Config)> {
        if let Err(error) = fs::metadata(path) {
            return Err(cannot("resume", path, &error));
        }
        ensure!(
            !path.is_file(),
            "{} is a file, and a run is resumed by its folder; pass --resume {}",
            path.display(),
            parent(path).display()
        );
        ensure!(
            Self::holds_run(path),
            "{} contains no run to resume: {}; `trainer runs` lists runs",
            path.display(),
            Self::no_run(path)
        );
        writable_folder(path)?;
        let folder = Self::unlocked(path.to_owned()).locked()?;
        let (_, config) = Self::read(path)?;
        Ok((folder, config))
    }

    /// Opens the folder of an existing run for reading and reads its configuration.
    ///
    /// # Errors
    /// If it contains no run, or its configuration cannot be read.
    pub fn read(path: &Path) -> Result<(Self, Config)> {
        let folder = Self::unlocked(path.to_owned());
        let config = folder.config_path();
        let config = Config::parse(&read(&config)?, &config)?;
        Ok((folder, config))
    }

    const fn unlocked(path: PathBuf) -> Self {
        Self { path, _lock: None }
    }

    fn locked(self) -> Result<Self> {
        let lock = FolderLock::acquire(&self.path, LOCK, "a run")?;
        writable_folder(&self.grids())?;
        Ok(Self {
            _lock: Some(Arc::new(lock)),
            ..self
        })
    }

    /// Returns an output of a run with the model `name` that exists already, if there is one.
    fn output(&self, name: &str) -> Result<Option<PathBuf>> {
        let model = ["tgan", "float", "png", "md"].map(|end| self.file(&format!("{name}.{end}")));
        let others =
            ["data.png", "report.html", &format!("{name}-walks.png")].map(|name| self.file(name));
        let config = Some(self.config_path()).filter(|_| !Self::holds_run(&self.path));
        let files = model.into_iter().chain(others).chain([self.metrics()]);
        let files = files.chain(config);
        if let Some(file) = files
            .into_iter()
            .find(|path| path.symlink_metadata().is_ok())
        {
            return Ok(Some(file));
        }
        for folder in [self.grids(), self.checkpoints()] {
            let is_taken = match fs::symlink_metadata(&folder) {
                Ok(found) => !found.is_dir() || !visible(&folder, |_| true)?.is_empty(),
                Err(_) => false,
            };
            if is_taken {
                return Ok(Some(folder));
            }
        }
        Ok(None)
    }

    /// Returns true if a folder contains a run: a config.json that this program has written, or that is cut or damaged.
    pub fn holds_run(path: &Path) -> bool {
        let config = Self::unlocked(path.to_owned()).config_path();
        let is_foreign = |value: Value| {
            let tool = value["tool"].as_str().unwrap_or_default();
            !tool.starts_with(PROGRAM)
        };
        config.exists()
            && !read(&config)
                .and_then(|bytes| json(&bytes))
                .is_ok_and(is_foreign)
    }

    /// Returns the reason why a folder contains no run.
    pub fn no_run(path: &Path) -> &'static str {
        if Self::unlocked(path.to_owned()).config_path().exists() {
            "its config.json is of another program"
        } else {
            "it has no config.json"
        }
    }

    /// Returns true if another process writes into the folder of a run.
    pub fn is_in_use(path: &Path) -> bool {
        FolderLock::is_held(path, LOCK)
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

    /// Returns the path of the configuration.
    pub fn config_path(&self) -> PathBuf {
        self.path.join("config.json")
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of a file of the run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
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
        self.path.join("grids")
    }

    /// Returns the path of the folder for checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }
}

/// Creates the first folder of NAME-DATE, NAME-DATE-2 and so on that does not exist.
fn create_free(runs: &Path, name: &str, date: Date) -> Result<PathBuf> {
    let elsewhere = |error: anyhow::Error| anyhow!("{error:#}; choose another folder with --out");
    writable_folder(runs).map_err(elsewhere)?;
    let dated = format!("{name}-{date}");
    let numbered = (2..).map(|number| format!("{dated}-{number}"));
    for name in std::iter::once(dated.clone()).chain(numbered) {
        let path = runs.join(name);
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(elsewhere(cannot("create the folder", &path, &error))),
        }
    }
    bail!("{} has too many runs of today", runs.display())
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    #[test]
    fn folders_of_runs_of_one_day_are_numbered() {
        let runs = tempdir().unwrap();
        let create = || create_free(runs.path(), "seed", jiff::civil::date(2026, 1, 2)).unwrap();
        let (first, second) = (create(), create());
        assert_eq!(
            format!("{}-2", first.display()),
            second.display().to_string()
        );
    }

    #[test]
    fn a_location_has_no_effect_on_procedural_digits() {
        let config = serde_json::json!({
            "preset": "seed", "iterations": 1, "seed": 1, "backend": "flex", "checkpoint_every": 1,
            "dataset": "procedural", "dataset_sha256": "", "tool": TOOL,
        });
        let config =
            Config::parse(config.to_string().as_bytes(), Path::new("config.json")).unwrap();
        let error = config
            .request(Some(Path::new("moved")))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("--data has no effect on this run"),
            "{error}"
        );
        assert!(config.request(None).is_ok());
    }

    #[test]
    fn files_that_a_run_would_replace_are_errors() {
        for name in [
            "data.png",
            "seed.md",
            "seed-walks.png",
            "report.html",
            "grids/1.png",
            "checkpoints",
            "config.json",
        ] {
            let folder = tempdir().unwrap();
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, r#"{"tool": "mine"}"#).unwrap();
            let error = Folder::create(Some(folder.path()), "seed")
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("would be replaced by the run") && error.contains("--out"),
                "{name}: {error}"
            );
            assert_eq!(fs::read(&path).unwrap(), br#"{"tool": "mine"}"#);
        }
        let other = tempdir().unwrap();
        fs::write(other.path().join("notes.txt"), "mine").unwrap();
        assert!(Folder::create(Some(other.path()), "seed").is_ok());
    }
}
