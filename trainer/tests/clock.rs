//! Clock and file times: a run does not depend on them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use common::{
    small_run::{NAME, assert_same, proceed, results, spawnable, start},
    write_images,
};
use tempfile::tempdir;

/// Seconds from 1970 to 2100.
const FUTURE: u64 = 4_102_444_800;

/// Sets the time of the last change of a file, or of a folder and all that is in it, in seconds since 1970.
fn set_time(path: &Path, seconds: u64) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            set_time(&entry.unwrap().path(), seconds);
        }
    }
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    File::open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_run_resumes_from_its_newest_checkpoint_whatever_the_times_of_the_files() {
    let folder = tempdir().unwrap();
    let (data, run) = (folder.path().join("data"), folder.path().join("run"));
    fs::create_dir(&data).unwrap();
    write_images(&data);
    let output = spawnable().args(start(&data, &run)).output().unwrap();
    assert!(output.status.success());
    let expected = results(&run);
    for (times, left) in [([0, FUTURE], 300), ([FUTURE, 0], 250)] {
        // The state after a kill following the last, or the last but one, checkpoint.
        for name in ["tgan", "float", "md", "png"] {
            fs::remove_file(run.join(NAME).with_extension(name)).unwrap();
        }
        if left == 250 {
            fs::remove_dir_all(run.join("checkpoints/00000300")).unwrap();
        }
        set_time(&run, times[0]);
        set_time(&data, times[1]);
        set_time(&run.join("checkpoints/00000250"), times[1]);
        let output = spawnable().args(proceed(&data, &run)).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("at iteration {left}\n")), "{said}");
        assert_same(&results(&run), &expected, &format!("from {left}"));
    }
}
