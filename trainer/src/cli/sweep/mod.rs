//! `trainer sweep`: a grid of settings, one training run each.

mod child;
mod plan;
mod runner;

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Result, bail};

use self::{plan::Shard, runner::End};
use super::runs::{self, Row};
use crate::training::{Control, Outcome, folder::RUNS};

/// Which grid, and how to run it.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// TOML file: settings as `trainer config` prints them, and a table [grid] with lists of values to combine
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Folder for the runs [default: runs/FILE's name]; what is finished there is not run again
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Runs at the same time [default: one for each core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Only every N-th run from the I-th, for several machines that share the folder or are merged later
    #[arg(long, value_name = "I/N", default_value = "1/1")]
    shard: Shard,
    /// JSON for scripts instead of the final table
    #[arg(long)]
    json: bool,
}

/// Runs what is left of the grid and prints the table.
///
/// # Errors
/// When the file is wrong or a run failed.
pub fn run(options: &Options) -> Result<Outcome> {
    let all = plan::points(&options.file)?;
    let name = options.file.file_stem().unwrap_or_default();
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| Path::new(RUNS).join(name));
    let folders: Vec<_> = all.iter().map(|point| out.join(&point.name)).collect();
    let points = options.shard.of(all);
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = options
        .jobs
        .map_or(cores, NonZeroUsize::get)
        .min(points.len().max(1));
    let count = points.len();
    errln!(
        "{count} runs into {}, {jobs} at a time; Ctrl-C stops, the same command goes on",
        out.display()
    );
    let control = Control::of_signals()?;
    let (mut done, mut failed) = (0, Vec::new());
    runner::run(points, &out, jobs, &control, |point, end| {
        let what = match end {
            End::Done => {
                done += 1;
                "done".to_owned()
            }
            End::Stopped => "stopped".to_owned(),
            End::Failed => {
                let folder = out.join(&point.name);
                let said = format!("failed; see {}", runner::log_of(&folder).display());
                failed.push(folder);
                said
            }
        };
        errln!("{}: {what}", point.name);
    })?;
    let row = |folder: &PathBuf| {
        Row::of(folder)
            .ok()
            .or_else(|| failed.contains(folder).then(|| Row::unbegun(folder)))
    };
    let mut rows: Vec<_> = folders.iter().filter_map(row).collect();
    runs::show(&mut rows, options.json)?;
    if !failed.is_empty() {
        let failed = failed.len();
        bail!(
            "{failed} of {count} runs failed; their logs say why, and the same command tries again"
        );
    }
    Ok(if done == count {
        Outcome::Done
    } else {
        Outcome::Stopped
    })
}
