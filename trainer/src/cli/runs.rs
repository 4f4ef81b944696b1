//! `trainer runs`: list of training runs with their results.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use serde::{Serialize, Serializer};
use thumbgan_core::Model;

use super::json;
use crate::{
    files::{read, visible},
    training::{
        checkpoint,
        config::Config,
        folder::{Folder, RUNS},
        metrics,
    },
};

/// Arguments of `trainer runs`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder with runs, or of one run [default: runs]
    #[arg(value_name = "DIR")]
    runs: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Summary of a training run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Folder of the run; in JSON, bytes that are not UTF-8 become U+FFFD.
    #[serde(serialize_with = "lossy")]
    pub folder: PathBuf,
    /// Configuration; `None` if the run failed before it started.
    #[serde(flatten)]
    pub config: Option<Config>,
    /// Last iteration in the log or in a checkpoint.
    pub reached: u32,
    /// Lowest FID of the float generator; `None` if it was not evaluated.
    pub best_fid: Option<f64>,
    /// FID of the written model, which may be older than the last iteration.
    pub int8_fid: Option<f64>,
    /// True if the run has finished and written its model.
    pub done: bool,
    /// Description of a damaged log, whose records are not all in this summary.
    #[serde(skip)]
    pub fault: Option<String>,
}

impl Row {
    /// Loads the summary of the run in `folder`.
    ///
    /// # Errors
    /// If the folder contains no run or an unreadable one.
    pub fn of(folder: &Path) -> Result<Self> {
        let (run, config) = Folder::read(folder)?;
        let (log, fault) = metrics::lines_and_fault(&run)?;
        let model = run
            .model(&config)
            .exists()
            .then(|| read(&run.model(&config)))
            .transpose()?;
        let model = model.as_deref().and_then(|bytes| Model::parse(bytes).ok());
        let best = log
            .iter()
            .filter_map(|line| Some((line.iteration, line.quality.as_ref()?.fid)))
            .min_by(|one, other| one.1.total_cmp(&other.1));
        // A run that was resumed has the model of its former end until it writes another one.
        let iterations = best
            .filter(|_| config.recipe(0).keeps_best)
            .map_or(config.iterations, |(iteration, _)| iteration);
        let is_last = model
            .as_ref()
            .is_some_and(|model| model.provenance().iterations == iterations);
        let int8_fid = model.as_ref().and_then(|model| model.provenance().fid);
        let logged = log.last().map(|line| line.iteration);
        let reached = logged
            .max(checkpoint::newest(&run.checkpoints())?)
            .unwrap_or_default();
        Ok(Self {
            folder: folder.to_owned(),
            reached,
            best_fid: best.map(|(_, fid)| fid),
            int8_fid: int8_fid.map(|fid| f64::from(fid) / 1_000.0),
            done: is_last && reached >= config.iterations,
            config: Some(config),
            fault,
        })
    }

    /// Returns the summary of a run that failed before it started.
    pub fn failed(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            config: None,
            reached: 0,
            best_fid: None,
            int8_fid: None,
            done: false,
            fault: None,
        }
    }

    fn state(&self) -> &'static str {
        match (&self.config, self.done) {
            (None, _) => "failed",
            (Some(_), true) => "done",
            (Some(_), false) => "not finished",
        }
    }
}

/// Lists the runs, sorted by FID.
///
/// # Errors
/// If the folder cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let folders = match &options.runs {
        Some(run) if Folder::holds_run(run) => {
            return show(&mut [Row::of(run)?], options.json);
        }
        Some(runs) => {
            warn_of_rest(runs);
            folders(runs)?
        }
        // No run has been started here yet.
        None if !Path::new(RUNS).exists() => Vec::new(),
        None => folders(Path::new(RUNS))?,
    };
    if let (Some(runs), true, false) = (&options.runs, folders.is_empty(), options.json) {
        outln!(
            "{} contains no runs; `trainer train --out {0}/NAME` starts one there",
            runs.display()
        );
        return Ok(());
    }
    let mut rows = Vec::new();
    for folder in &folders {
        match Row::of(folder) {
            Ok(row) => rows.push(row),
            Err(error) => warn_of(folder, &error),
        }
    }
    if rows.is_empty() && !folders.is_empty() && !options.json {
        outln!("no readable run; the warnings name the causes");
        return Ok(());
    }
    show(&mut rows, options.json)
}

fn warn_of(folder: &Path, error: &anyhow::Error) {
    errln!("warning: skipping {}: {error:#}", folder.display());
}

fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// Prints runs, sorted by FID.
///
/// # Errors
/// If they cannot be represented as JSON.
pub fn show(rows: &mut [Row], json: bool) -> Result<()> {
    rows.sort_by(|a, b| {
        rank(a)
            .total_cmp(&rank(b))
            .then_with(|| a.folder.cmp(&b.folder))
    });
    for fault in rows.iter().filter_map(|row| row.fault.as_ref()) {
        errln!(
            "warning: {fault}; restore the file from a backup, or the results of the run stay incomplete"
        );
    }
    if json {
        for row in rows.iter().filter(|row| row.folder.to_str().is_none()) {
            errln!(
                "warning: the path {} is not valid UTF-8: JSON shows other characters in place of some; rename it, or \
                 pass a link to it",
                row.folder.display()
            );
        }
        json::print(&rows)?;
    } else {
        out!("{}", table(rows));
    }
    Ok(())
}

/// Returns the folders in `runs` that contain a run, including those of sweeps.
fn folders(runs: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in visible(runs, Path::is_dir)? {
        if Folder::holds_run(&folder) {
            found.push(folder);
        } else if !warn_of_rest(&folder) {
            match visible(&folder, Path::is_dir) {
                Ok(folders) => found.extend(folders.into_iter().filter(|folder| {
                    let holds_run = Folder::holds_run(folder);
                    if !holds_run {
                        warn_of_rest(folder);
                    }
                    holds_run
                })),
                Err(error) => warn_of(&folder, &error),
            }
        }
    }
    Ok(found)
}

/// Warns if a folder without a configuration contains other files of a run, and returns true in that case.
fn warn_of_rest(folder: &Path) -> bool {
    // A folder that cannot be read is reported when it is searched.
    let Ok(Some(trace)) = Folder::trace(folder) else {
        return false;
    };
    let reason = Folder::no_run(folder);
    warn_of(
        folder,
        &anyhow!("{reason}, although {trace} exists; restore config.json from a backup"),
    );
    true
}

fn rank(row: &Row) -> f64 {
    row.int8_fid.or(row.best_fid).unwrap_or(f64::INFINITY)
}

/// Formats runs as a table.
fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "no runs yet; `trainer train` starts one\n".to_owned();
    }
    let folders: Vec<String> = rows
        .iter()
        .map(|row| row.folder.display().to_string())
        .collect();
    let width = folders
        .iter()
        .map(|folder| folder.chars().count())
        .max()
        .unwrap_or_default();
    let number = |fid: Option<f64>| fid.map_or("-".to_owned(), |fid| format!("{fid:.2}"));
    let head = format!(
        "{:width$}  {:11} {:11} {:>17}  {:>8} {:>8}  state\n",
        "run", "preset", "dataset", "iterations", "best FID", "int8 FID"
    );
    let lines = rows.iter().zip(folders).map(|(row, folder)| {
        let (preset, dataset, iterations) = match &row.config {
            Some(config) => (
                config.preset.recipe().name,
                config.dataset.as_str(),
                format!("{} of {}", row.reached, config.iterations),
            ),
            None => ("-", "-", "-".to_owned()),
        };
        format!(
            "{folder:width$}  {preset:11} {dataset:11} {iterations:>17}  {:>8} {:>8}  {}\n",
            number(row.best_fid),
            number(row.int8_fid),
            row.state(),
        )
    });
    head + &lines.collect::<String>()
}
