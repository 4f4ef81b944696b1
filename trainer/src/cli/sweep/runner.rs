//! Sweeps: a training run for each point of a grid of settings, one process each.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

use anyhow::{Context, Result, ensure};

use super::{child, plan::Point};
use crate::{
    cli::runs::Row,
    files::{read, write_whole},
    training::{Control, STOPPED, folder::Folder},
};

/// A run's settings, in its folder.
const SETTINGS: &str = "settings.toml";
/// What a run printed, in its folder.
const LOG: &str = "train.log";

/// How a run of a sweep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It has left its model, now or earlier.
    Done,
    /// It was stopped, with a checkpoint if it had begun to train.
    Stopped,
    /// It failed; its log says why.
    Failed,
}

/// Runs the points, `jobs` at a time, each in a folder of `out`, and tells `ended` of each end.
///
/// # Errors
/// When a folder cannot be written to, holds a run with other settings, or no process can be started.
pub fn run(
    points: Vec<Point>,
    out: &Path,
    jobs: usize,
    control: &Control,
    mut ended: impl FnMut(&Point, End),
) -> Result<()> {
    for point in &points {
        prepare(&out.join(&point.name), point)?;
    }
    let queue = Mutex::new(points.into_iter());
    let (report, reports) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (queue, report) = (&queue, report.clone());
            scope.spawn(move || {
                while !control.wants_quit() {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(point) = next else { return };
                    let end = train(&out.join(&point.name), control);
                    // Someone listens as long as there are workers.
                    let _ = report.send((point, end));
                }
            });
        }
        drop(report);
        let mut outcome = Ok(());
        for (point, end) in reports {
            match end {
                Ok(end) => ended(&point, end),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    })
}

/// Makes the folder of a run and puts its settings there, or checks that they are those of the run in it.
fn prepare(folder: &Path, point: &Point) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join(SETTINGS);
    let text = point.settings.to_string();
    if path.exists() {
        ensure!(
            read(&path)? == text.as_bytes(),
            "{} holds a run with other settings; choose another folder with --out",
            folder.display()
        );
    }
    write_whole(&path, text.as_bytes())
}

/// Trains what is left of a run, or until `control` wants to stop.
fn train(folder: &Path, control: &Control) -> Result<End> {
    if Row::of(folder).is_ok_and(|row| row.done) {
        return Ok(End::Done);
    }
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    command.args(["train", "--no-tui"]);
    if Folder::holds_run(folder) {
        command.arg("--resume").arg(folder);
    } else {
        command
            .arg("--config")
            .arg(folder.join(SETTINGS))
            .arg("--out")
            .arg(folder);
    }
    // Processes side by side need no threads beside each other; the results are the same.
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        command.env("RAYON_NUM_THREADS", "1");
    }
    let log = log(folder)?;
    let run = child::start(
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log),
    )?;
    let (status, asked) = child::wait(run, control)?;
    Ok(end(status, asked))
}

/// How a run ended whose process ended so, perhaps because it was asked to.
fn end(status: ExitStatus, asked: bool) -> End {
    match status.code() {
        Some(0) => End::Done,
        Some(code) if code == i32::from(STOPPED) => End::Stopped,
        // A signal ends it while it still loads.
        None if asked => End::Stopped,
        _ => End::Failed,
    }
}

fn log(folder: &Path) -> Result<File> {
    let path = log_of(folder);
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.with_context(|| format!("cannot write {}", path.display()))
}

/// Where a run of a sweep leaves what it prints.
pub fn log_of(folder: &Path) -> PathBuf {
    folder.join(LOG)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_run_that_a_signal_ends_has_failed_unless_it_was_asked_to_stop() {
        let [signal, code] = [15, 1 << 8].map(ExitStatus::from_raw);
        assert_eq!(
            (end(signal, true), end(signal, false)),
            (End::Stopped, End::Failed)
        );
        assert_eq!(
            (end(code, true), end(code, false)),
            (End::Failed, End::Failed)
        );
    }
}
