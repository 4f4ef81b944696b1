//! Execution of a sweep: one process per run, several in parallel.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

use anyhow::{Context, Result, bail};
use toml::Table;

use super::{child, plan::Point};
use crate::{
    cli::{runs::Row, settings},
    files::{cannot, create_folder, read, visible, write_new, write_whole},
    training::{Control, STOPPED_EXIT_CODE, folder::Folder},
};

/// File with a run's settings in its folder.
const SETTINGS: &str = "settings.toml";
/// File with a run's output in its folder.
const LOG: &str = "train.log";
/// File that shows if a folder can be written to, and its length, a block of the file system.
const PROBE: &str = ".probe";
const PROBE_LEN: usize = 4_096;

/// Result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Finished, now or earlier.
    Done,
    /// Stopped, with a checkpoint if training had started.
    Stopped,
    /// Failed; the reason, if it is known, is the error in the log or that of writing the log.
    Failed(Option<String>),
    /// Not started, because another process writes into its folder; the message.
    InUse(String),
}

/// Runs the points, `jobs` in parallel, each in a folder of `out`, and calls `ended` after each.
///
/// # Errors
/// If a folder cannot be written to, contains other files or a run with other settings, or a process cannot be
/// started.
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
                    // The receiver lives as long as the workers.
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

/// Creates the folder of a run and writes its settings, or checks that the folder contains a run with these settings.
fn prepare(folder: &Path, point: &Point) -> Result<()> {
    create_folder(folder)?;
    let path = folder.join(SETTINGS);
    let text = point.settings.to_string();
    if path.exists() {
        let before = settings::table(&path)?;
        let Some(name) = difference(&before, &point.settings) else {
            return Ok(());
        };
        let [then, now] = [&before, &point.settings].map(|settings| {
            let value = settings.get(&name);
            value.map_or("not set".to_owned(), ToString::to_string)
        });
        bail!(
            "{} contains a run with other settings: `{name}` was {then} and is {now} now; undo the change, or choose \
             another folder with --out",
            folder.display()
        );
    }
    if let Some(found) = visible(folder, |_| true)?.first() {
        bail!(
            "{} is not of this sweep, and its folder has no {SETTINGS}; choose another folder with --out",
            found.display()
        );
    }
    write_whole(&path, text.as_bytes())
}

/// Returns the name of the first setting in which two runs differ.
fn difference(before: &Table, now: &Table) -> Option<String> {
    let parsed = |settings: &Table, name: &str| {
        let value = settings.get(name)?;
        // Settings of a point are valid. An invalid value in the file differs from them.
        Some(settings::parsed(name, value).unwrap_or_else(|_| value.to_string()))
    };
    before
        .keys()
        .chain(now.keys())
        .find(|name| parsed(before, name) != parsed(now, name))
        .cloned()
}

/// Trains the rest of a run, or until `control` requests a stop.
fn train(folder: &Path, control: &Control) -> Result<End> {
    if Row::of(folder).is_ok_and(|row| row.done) {
        return Ok(End::Done);
    }
    // The log of the other process must not get the error message of this one.
    if let Err(error) = Folder::check_unused(folder) {
        return Ok(End::InUse(error.to_string()));
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
    // Parallel processes need no threads of their own; the results are the same.
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        command.env("RAYON_NUM_THREADS", "1");
    }
    let log = log(folder)?;
    let before = log.metadata().map_or(0, |log| log.len());
    let run = child::start(
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log),
    )?;
    let (status, asked) = child::wait(run, control)?;
    Ok(end(status, asked, || reason(folder, before)))
}

/// Returns the result for an exit status of a run that was requested to stop or not.
fn end(status: ExitStatus, asked: bool, reason: impl FnOnce() -> Option<String>) -> End {
    match status.code() {
        Some(0) => End::Done,
        Some(code) if code == i32::from(STOPPED_EXIT_CODE) => End::Stopped,
        // A signal ends the process while it still loads its data.
        None if asked => End::Stopped,
        _ => End::Failed(reason()),
    }
}

/// Returns the error that a run has written into its log after the first `before` bytes. On a full disk the log is empty, and
/// writing into the folder fails as well.
fn reason(folder: &Path, before: u64) -> Option<String> {
    let log = read(&log_of(folder)).unwrap_or_default();
    let text = String::from_utf8_lossy(log.get(before as usize..)?).into_owned();
    let error = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("error: "));
    error.map(str::to_owned).or_else(|| {
        let probe = folder.join(PROBE);
        let written = write_new(&probe, &[0; PROBE_LEN]);
        // It may not have been created.
        let _ = fs::remove_file(probe);
        written.err().map(|error| error.to_string())
    })
}

fn log(folder: &Path) -> Result<File> {
    let path = log_of(folder);
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.map_err(|error| cannot("write", &path, &error))
}

/// Returns the path of a run's log.
pub fn log_of(folder: &Path) -> PathBuf {
    folder.join(LOG)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_run_ended_by_a_signal_has_failed_unless_stopped_on_request() {
        let [signal, code] = [15, 1 << 8].map(ExitStatus::from_raw);
        let end = |status, asked| end(status, asked, || None);
        assert_eq!(
            (end(signal, true), end(signal, false)),
            (End::Stopped, End::Failed(None))
        );
        assert_eq!(
            (end(code, true), end(code, false)),
            (End::Failed(None), End::Failed(None))
        );
    }

    #[test]
    fn the_reason_of_a_failed_run_is_the_new_error_in_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let first = "error: an earlier one\n";
        fs::write(
            log_of(folder.path()),
            format!("{first}training\nerror: the disk is full\n"),
        )
        .unwrap();
        let reason_after = |start: usize| reason(folder.path(), start as u64);
        assert_eq!(
            reason_after(first.len()).as_deref(),
            Some("the disk is full")
        );
        fs::write(log_of(folder.path()), first).unwrap();
        assert_eq!(reason_after(first.len()), None);
        assert!(!folder.path().join(PROBE).exists());
    }
}
