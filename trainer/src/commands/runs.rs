//! `trainer runs`: what was trained here, and how well.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Serialize;
use thumbgan_core::Model;

use super::json;
use crate::{
    files::read,
    train::{
        folder::{Config, Folder, RUNS},
        metrics,
    },
};

/// Where to look.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder with runs
    #[arg(value_name = "DIR", default_value = RUNS)]
    runs: PathBuf,
    /// JSON for scripts instead of a table
    #[arg(long)]
    json: bool,
}

/// One run, as far as it has come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its folder.
    pub folder: PathBuf,
    /// What it was started with.
    #[serde(flatten)]
    pub config: Config,
    /// The last iteration that its log tells of.
    pub reached: u32,
    /// The lowest FID of its float generator on the way; none where nobody could judge.
    pub best_fid: Option<f64>,
    /// FID of the model that it left.
    pub int8_fid: Option<f64>,
    /// Whether it has left a model.
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
        let fids = log.iter().filter_map(|line| line.quality.as_ref().map(|quality| quality.fid));
        let model = run.model(&config).exists().then(|| read(&run.model(&config))).transpose()?;
        let model = model.as_deref().and_then(|bytes| Model::parse(bytes).ok());
        let int8_fid = model.as_ref().and_then(|model| model.provenance().fid);
        Ok(Self {
            folder: folder.to_owned(),
            reached: log.last().map_or(0, |line| line.iteration),
            best_fid: fids.min_by(f64::total_cmp),
            int8_fid: int8_fid.map(|fid| f64::from(fid) / 1_000.0),
            done: model.is_some(),
            config,
        })
    }
}

/// Lists the runs, the best first.
///
/// # Errors
/// When the folder cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let mut rows = Vec::new();
    for folder in folders(&options.runs)? {
        match Row::of(&folder) {
            Ok(row) => rows.push(row),
            Err(error) => anstream::eprintln!("warning: passing over {}: {error:#}", folder.display()),
        }
    }
    show(&mut rows, options.json)
}

/// Prints runs, the best first.
///
/// # Errors
/// When they cannot be written as JSON.
pub fn show(rows: &mut [Row], json: bool) -> Result<()> {
    rows.sort_by(|a, b| rank(a).total_cmp(&rank(b)).then_with(|| a.folder.cmp(&b.folder)));
    if json {
        json::print(&rows)?;
    } else {
        print!("{}", table(rows));
    }
    Ok(())
}

/// The folders in `runs` that hold a run, also those of sweeps.
fn folders(runs: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in subfolders(runs)? {
        if Folder::holds_run(&folder) {
            found.push(folder);
        } else {
            found.extend(subfolders(&folder)?.into_iter().filter(|run| Folder::holds_run(run)));
        }
    }
    Ok(found)
}

/// The folders in a folder, none where there is no such folder.
fn subfolders(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

fn rank(row: &Row) -> f64 {
    row.int8_fid.or(row.best_fid).unwrap_or(f64::INFINITY)
}

/// Rows as text.
fn table(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "no runs yet; `trainer train` begins one\n".to_owned();
    }
    let folders: Vec<String> = rows.iter().map(|row| row.folder.display().to_string()).collect();
    let width = folders.iter().map(|folder| folder.chars().count()).max().unwrap_or_default();
    let number = |fid: Option<f64>| fid.map_or("-".to_owned(), |fid| format!("{fid:.2}"));
    let head = format!(
        "{:width$}  {:11} {:11} {:>17}  {:>8} {:>8}  state\n",
        "run", "preset", "data set", "iterations", "best FID", "int8 FID"
    );
    let lines = rows.iter().zip(folders).map(|(row, folder)| {
        let Config { preset, dataset, iterations, .. } = &row.config;
        format!(
            "{folder:width$}  {:11} {dataset:11} {:>17}  {:>8} {:>8}  {}\n",
            preset.recipe().name,
            format!("{} of {iterations}", row.reached),
            number(row.best_fid),
            number(row.int8_fid),
            if row.done { "done" } else { "not finished" },
        )
    });
    head + &lines.collect::<String>()
}
