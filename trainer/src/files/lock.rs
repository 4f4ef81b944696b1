//! Locks of folders in which one process works at a time.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    thread,
    time::Duration,
};

use anyhow::{Result, anyhow};

use super::cannot;

/// Attempts to lock a file that another process may be probing.
const PROBES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// Exclusive lock of a folder, until it is dropped or its process ends.
///
/// The lock is advisory and belongs to an empty file, which stays.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Locks the file `name` of a folder; `user` describes the holder, such as "a run".
    ///
    /// Without locks in the file system a warning is printed.
    ///
    /// # Errors
    /// If another process holds the lock or the file cannot be written; the message names the folder.
    pub fn acquire(folder: &Path, name: &str, user: &str) -> Result<Self> {
        let path = folder.join(name);
        let file = open(&path)?;
        match try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(folder, user)),
            Err(TryLockError::Error(error)) => warn(&path, folder, &error),
        }
        Ok(Self { _file: file })
    }

    /// Locks the file `name` of a folder; prints `notice` and waits if another process holds the lock.
    ///
    /// Without locks in the file system a warning is printed.
    ///
    /// # Errors
    /// If the file cannot be written; the message names it.
    pub fn wait(folder: &Path, name: &str, notice: &str) -> Result<Self> {
        let path = folder.join(name);
        let file = open(&path)?;
        let outcome = match try_lock(&file) {
            Err(TryLockError::WouldBlock) => {
                errln!("{notice}");
                file.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        outcome.unwrap_or_else(|error| warn(&path, folder, &error));
        Ok(Self { _file: file })
    }

    /// Checks that no process holds the lock of the file `name` in a folder; `user` describes the holder.
    ///
    /// # Errors
    /// If one does; the message names the folder.
    pub fn check_free(folder: &Path, name: &str, user: &str) -> Result<()> {
        let file = File::options().write(true).open(folder.join(name));
        let is_held =
            file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        if is_held {
            return Err(in_use(folder, user));
        }
        Ok(())
    }
}

/// Opens a lock file, which is created if it does not exist.
fn open(path: &Path) -> Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    options
        .open(path)
        .map_err(|error| cannot("write", path, &error))
}

fn warn(path: &Path, folder: &Path, error: &io::Error) {
    errln!(
        "warning: cannot lock {} ({error}): make sure that no other process writes into {}",
        path.display(),
        folder.display()
    );
}

fn in_use(folder: &Path, user: &str) -> anyhow::Error {
    anyhow!(
        "{} is in use by {user} in another process; wait until it ends, or stop it",
        folder.display()
    )
}

/// Locks a file, unless another process holds the lock for longer than a probe with [`FolderLock::check_free`].
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..PROBES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            other => return other,
        }
    }
    file.try_lock()
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    #[test]
    fn a_lock_excludes_others_until_it_is_dropped() {
        let folder = tempdir().unwrap();
        let acquire = || FolderLock::acquire(folder.path(), ".lock", "a run");
        let first = acquire().unwrap();
        let error = acquire().unwrap_err().to_string();
        let named = folder.path().display().to_string();
        assert!(
            error.starts_with(&named) && error.contains("in use by a run"),
            "{error}"
        );
        assert!(FolderLock::check_free(folder.path(), ".lock", "a run").is_err());
        drop(first);
        assert!(FolderLock::check_free(folder.path(), ".lock", "a run").is_ok());
        assert!(acquire().is_ok());
    }
}
