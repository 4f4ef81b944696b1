//! Folder of a run: its files, and its lock.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Result, anyhow, bail, ensure};
use clap::ValueEnum;
use jiff::{ZonedDateTime, civil::Date};

use super::config::Config;
use crate::{
    files::{FolderLock, cannot, parent, read, sync_folder, visible, writable_folder, write_whole},
    gan::preset::Preset,
};

/// Default folder for runs.
pub const RUNS: &str = "runs";
/// File that a process locks while it writes into the folder of a run.
const LOCK: &str = ".lock";
/// Holder of the lock, for messages.
const USER: &str = "a run";

/// Folder of one run.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    /// Lock of the folder if it was opened for writing.
    _lock: Option<Arc<FolderLock>>,
}

impl Folder {
    /// Creates and locks the folder of a new run with the empty folder of its checkpoints: `wanted`, or the first free
    /// one of runs/NAME-DATE, runs/NAME-DATE-2 and so on, where NAME is the model's name.
    ///
    /// # Errors
    /// If it cannot be written to, contains a run already or files that the run would replace, or is locked.
    pub fn create(wanted: Option<&Path>, name: &str) -> Result<Self> {
        let folder = if let Some(path) = wanted {
            Self::create_wanted(path, name)?
        } else {
            let today = ZonedDateTime::now().date();
            Self::unlocked(create_free(Path::new(RUNS), name, today)?).locked()?
        };
        writable_folder(&folder.checkpoints())?;
        Ok(folder)
    }

    fn create_wanted(path: &Path, name: &str) -> Result<Self> {
        let folder = Self::unlocked(path.to_owned());
        if !Self::holds_run(path)
            && let Some(found) = folder.output(name)?
        {
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
        let lock = FolderLock::acquire(&self.path, LOCK, USER)?;
        writable_folder(&self.grids())?;
        Ok(Self {
            _lock: Some(Arc::new(lock)),
            ..self
        })
    }

    /// Returns a file or folder that a new run with the model `name` would replace, if there is one.
    fn output(&self, name: &str) -> Result<Option<PathBuf>> {
        let model = ["tgan", "float", "png", "md"].map(|end| self.file(&format!("{name}.{end}")));
        let others =
            ["data.png", "report.html", &format!("{name}-walks.png")].map(|name| self.file(name));
        let others = others
            .into_iter()
            .chain([self.metrics(), self.config_path()]);
        let mut files = model.into_iter().chain(others);
        if let Some(file) = files.find(|path| path.symlink_metadata().is_ok()) {
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
        config.exists() && !read(&config).is_ok_and(|bytes| Config::is_foreign(&bytes))
    }

    /// Returns the reason why a folder contains no run.
    pub fn no_run(path: &Path) -> &'static str {
        if Self::unlocked(path.to_owned()).config_path().exists() {
            "its config.json is of another program"
        } else {
            "it has no config.json"
        }
    }

    /// Returns a file or folder that only training writes, if there is one: a model, a checkpoint, a sample grid, or the log.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn trace(path: &Path) -> Result<Option<String>> {
        let folder = Self::unlocked(path.to_owned());
        if let Some(result) = folder.result()? {
            return Ok(Some(result));
        }
        let log = folder.metrics();
        Ok(log.exists().then(|| log.display().to_string()))
    }

    /// Returns a result of the run, if there is one: a model, a checkpoint, or a sample grid.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn result(&self) -> Result<Option<String>> {
        let mut found = self.any_model();
        for folder in [self.checkpoints(), self.grids()] {
            if found.is_none() && folder.is_dir() {
                let entries = visible(&folder, |_| true)?;
                found = entries.first().map(|entry| entry.display().to_string());
            }
        }
        Ok(found)
    }

    /// Returns the model of a preset in the folder, if there is one.
    pub fn any_model(&self) -> Option<String> {
        let names = Preset::value_variants()
            .iter()
            .map(|preset| preset.recipe().name);
        names
            .map(|name| self.file(&format!("{name}.tgan")))
            .find(|model| model.exists())
            .map(|model| model.display().to_string())
    }

    /// Checks that no other process writes into the folder of a run.
    ///
    /// # Errors
    /// If one does; the message names the folder.
    pub fn check_unused(path: &Path) -> Result<()> {
        FolderLock::check_free(path, LOCK, USER)
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
            Ok(()) => return sync_folder(runs).map(|()| path),
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
    fn a_clock_that_is_set_back_and_forward_gives_each_run_a_folder_of_its_own() {
        let runs = tempdir().unwrap();
        let dates = [(2026, 3), (1970, 1), (2100, 12), (2026, 3), (1970, 1)];
        let create = |(year, month)| {
            let path = create_free(runs.path(), "seed", jiff::civil::date(year, month, 1));
            crate::files::name(&path.unwrap())
        };
        assert_eq!(
            dates.map(create),
            [
                "seed-2026-03-01",
                "seed-1970-01-01",
                "seed-2100-12-01",
                "seed-2026-03-01-2",
                "seed-1970-01-01-2"
            ]
        );
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
