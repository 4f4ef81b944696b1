//! `trainer runs`: what was trained here, and how well.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;
use thumbgan_core::Model;

use super::json;
use crate::{
    files::{read, visible},
    training::{
        checkpoint,
        folder::{Config, Folder, RUNS},
        metrics,
    },
};

/// Where to look.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder with runs [default: runs]
    #[arg(value_name = "DIR")]
    runs: Option<PathBuf>,
    /// JSON for scripts instead of a table
    #[arg(long)]
    json: bool,
}

/// One run, as far as it has come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its folder.
    pub folder: PathBuf,
    /// What it was started with; none where it failed before it began.
    #[serde(flatten)]
    pub config: Option<Config>,
    /// The last iteration that its log or a checkpoint tells of.
    pub reached: u32,
    /// The lowest FID of its float generator on the way; none where nobody could judge.
    pub best_fid: Option<f64>,
    /// FID of the model that it left, perhaps before it was made to go on.
    pub int8_fid: Option<f64>,
    /// Whether it has come to its end and left a model.
    pub done: bool,
}

impl Row {
    /// The run in `folder`.
    ///
    /// # Errors
    /// When it holds none, or one that cannot be read.
    pub fn of(folder: &Path) -> Result<Self> {
        let (run, config) = Folder::read(folder)?;
        let log = metrics::lines(&run)?;
        let fids = log
            .iter()
            .filter_map(|line| line.quality.as_ref().map(|quality| quality.fid));
        let model = run
            .model(&config)
            .exists()
            .then(|| read(&run.model(&config)))
            .transpose()?;
        let model = model.as_deref().and_then(|bytes| Model::parse(bytes).ok());
        let int8_fid = model.as_ref().and_then(|model| model.provenance().fid);
        let logged = log.last().map(|line| line.iteration);
        let reached = logged
            .max(checkpoint::newest(&run.checkpoints())?)
            .unwrap_or_default();
        Ok(Self {
            folder: folder.to_owned(),
            reached,
            best_fid: fids.min_by(f64::total_cmp),
            int8_fid: int8_fid.map(|fid| f64::from(fid) / 1_000.0),
            done: model.is_some() && reached >= config.iterations,
            config: Some(config),
        })
    }

    /// The run that failed in `folder` before it began.
    pub fn unbegun(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            config: None,
            reached: 0,
            best_fid: None,
            int8_fid: None,
            done: false,
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

/// Lists the runs, the best first.
///
/// # Errors
/// When the folder cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let mut rows = Vec::new();
    let folders = match &options.runs {
        Some(runs) => folders(runs)?,
        // Nobody has trained here yet.
        None if !Path::new(RUNS).exists() => Vec::new(),
        None => folders(Path::new(RUNS))?,
    };
    for folder in folders {
        match Row::of(&folder) {
            Ok(row) => rows.push(row),
            Err(error) => {
                anstream::eprintln!("warning: passing over {}: {error:#}", folder.display())
            }
        }
    }
    show(&mut rows, options.json)
}

/// Prints runs, the best first.
///
/// # Errors
/// When they cannot be written as JSON.
pub fn show(rows: &mut [Row], json: bool) -> Result<()> {
    rows.sort_by(|a, b| {
        rank(a)
            .total_cmp(&rank(b))
            .then_with(|| a.folder.cmp(&b.folder))
    });
    if json {
        json::print(&rows)?;
    } else {
        out!("{}", table(rows));
    }
    Ok(())
}

/// The folders in `runs` that hold a run, also those of sweeps.
fn folders(runs: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in visible(runs, Path::is_dir)? {
        if Folder::holds_run(&folder) {
            found.push(folder);
        } else {
            found.extend(visible(&folder, Folder::holds_run)?);
        }
    }
    Ok(found)
}

fn rank(row: &Row) -> f64 {
    row.int8_fid.or(row.best_fid).unwrap_or(f64::INFINITY)
}

/// Rows as text.
fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "no runs yet; `trainer train` begins one\n".to_owned();
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
        "run", "preset", "data set", "iterations", "best FID", "int8 FID"
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
