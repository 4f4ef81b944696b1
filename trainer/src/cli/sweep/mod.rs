//! `trainer sweep`: one training run per point of a grid of settings.

mod child;
mod plan;
mod runner;
mod scheduler;
mod submit;

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Result, bail, ensure};

use self::{plan::Shard, runner::End, scheduler::Assignment, submit::Scheduler};
use super::runs::{self, Row};
use crate::{
    files::{FolderLock, writable_folder},
    text,
    training::{Control, Outcome, folder::RUNS},
};

/// Arguments of `trainer sweep`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// TOML file with settings as `trainer config` prints them and a table [grid] with lists of values to
    /// combine
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Folder for the runs [default: runs/FILE's name]; finished runs in it are not repeated
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Number of parallel runs [default: number of cores]
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,
    /// Train shard I of N only, to divide a sweep among machines [default: the task of an array job of Slurm, Kubernetes or
    /// AWS Batch, otherwise 1/1]
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Submit an array job with one task per run instead of training here
    #[arg(long, value_name = "SCHEDULER", conflicts_with_all = ["shard", "jobs", "json"])]
    submit: Option<Scheduler>,
    /// Print the batch script of the array job instead of submitting it
    #[arg(long, requires = "submit")]
    dry_run: bool,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
}

/// Parses a number of parallel runs.
fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "must be a number, 1 or more".to_owned())
}

/// Trains the unfinished runs of the grid and prints the table.
///
/// # Errors
/// If the file is invalid or a run failed.
pub fn run(options: &Options) -> Result<Outcome> {
    let all = plan::points(&options.file)?;
    let name = options.file.file_stem().unwrap_or_default();
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| Path::new(RUNS).join(name));
    let folders: Vec<_> = all.iter().map(|point| out.join(&point.name)).collect();
    if let Some(scheduler) = options.submit {
        let script = submit::script(&options.file, &out, all.len())?;
        if options.dry_run {
            out!("{script}");
        } else {
            out!("{}", submit::submit(scheduler, &script)?);
        }
        return Ok(Outcome::Done);
    }
    let shard = match options.shard {
        Some(shard) => shard,
        None => assigned_shard()?,
    };
    writable_folder(&out)?;
    let lock = format!(".sweep-{}.lock", shard.file_name());
    let _lock = FolderLock::acquire(&out, &lock, "a sweep")?;
    let points = shard.of(all);
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = options
        .jobs
        .map_or(cores, NonZeroUsize::get)
        .min(points.len().max(1));
    let count = points.len();
    errln!(
        "{} in {}, {jobs} in parallel; Ctrl-C stops, the same command resumes",
        text::count(count, "run"),
        out.display()
    );
    let control = Control::of_signals()?;
    let (mut done, mut in_use, mut failed) = (0, 0, Vec::new());
    runner::run(points, &out, jobs, &control, |point, end| {
        let what = match end {
            End::Done => {
                done += 1;
                "done".to_owned()
            }
            End::Stopped => "stopped".to_owned(),
            End::Failed(reason) => {
                let folder = out.join(&point.name);
                let log = runner::log_of(&folder);
                failed.push(folder);
                let reason = reason.map(|reason| format!("\n  {reason}"));
                format!(
                    "failed; see {}{}",
                    log.display(),
                    reason.unwrap_or_default()
                )
            }
            End::InUse(message) => {
                in_use += 1;
                message
            }
        };
        errln!("{}: {what}", point.name);
    })?;
    let row = |folder: &PathBuf| {
        Row::of(folder)
            .ok()
            .or_else(|| failed.contains(folder).then(|| Row::failed(folder)))
    };
    let mut rows: Vec<_> = folders.iter().filter_map(row).collect();
    runs::show(&mut rows, options.json)?;
    if !failed.is_empty() {
        let failed = failed.len();
        bail!(
            "{failed} of {} failed; see their logs, then run the same command again",
            text::count(count, "run")
        );
    }
    ensure!(
        in_use == 0 || control.wants_quit(),
        "{in_use} of {} not trained, because other processes write into their folders; run the same command again when they \
         have ended",
        text::count(count, "run")
    );
    Ok(if done == count {
        Outcome::Done
    } else {
        Outcome::Stopped
    })
}

/// Returns the shard of this process in an array job, and reports it; otherwise the shard with all runs.
fn assigned_shard() -> Result<Shard> {
    let Some(Assignment { shard, variable }) = scheduler::assignment()? else {
        return Ok(Shard::ALL);
    };
    errln!("shard {shard} according to {variable}; --shard 1/1 trains all runs");
    Ok(shard)
}
