//! Atomic writes: a file is complete or unchanged.

use std::{
    ffi::OsStr,
    fs::{self, File, TryLockError},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::{Result, bail};
use thumbgan_core::crc32;

use super::{
    access::cannot_because, cannot, durable::sync_folder, entries, name, parent, replace::exists,
};

/// Start and end of the names of drafts; between them is the CRC-32 of the target's name.
const AFFIXES: [&str; 2] = [".thumbgan-", ".partial"];
/// Attempts to lock a draft, which another process may be checking or writing at this moment.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// Content of a file that is being written, beside the file under a hidden name.
///
/// The draft is locked as long as its process lives. Drafts of interrupted processes are removed by the next draft in
/// the same folder. Pipes and devices are written directly, since a file must not replace them; a link stays,
/// and the file that it names is replaced.
#[derive(Debug)]
pub struct Draft {
    file: File,
    target: PathBuf,
    /// Path of the draft; `None` if the target is written directly.
    path: Option<PathBuf>,
}

impl Draft {
    /// Begins to write `target`.
    ///
    /// # Errors
    /// If the folder cannot be written to or another process writes the same file; the message names it.
    pub fn new(target: &Path) -> Result<Self> {
        let failed = |error| cannot("write", target, &error);
        let resolved = fs::canonicalize(target);
        let is_file = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
        let target = match &resolved {
            Ok(path) if is_file(path) => path,
            Err(_) if fs::symlink_metadata(target).is_err() => target,
            _ => {
                return Ok(Self {
                    file: File::create(target).map_err(failed)?,
                    target: target.to_owned(),
                    path: None,
                });
            }
        };
        sweep(parent(target));
        let path = target.with_file_name(draft_name(target));
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                thread::sleep(PAUSE);
            }
            let file = File::options()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(|error| cannot_because("write", target, &path, &error))?;
            match file.try_lock() {
                // Between creation and lock the draft may have been swept, or finished by its owner.
                Ok(()) if !is_at(&file, &path) => {}
                // The file system may have no locks.
                Ok(()) | Err(TryLockError::Error(_)) => {
                    return Self::begin(file, target, Some(path));
                }
                Err(TryLockError::WouldBlock) => {}
            }
        }
        bail!(
            "cannot write {}: another process is writing it; wait until it ends, or choose another file",
            target.display()
        )
    }

    fn begin(file: File, target: &Path, path: Option<PathBuf>) -> Result<Self> {
        file.set_len(0)
            .map_err(|error| cannot("write", target, &error))?;
        Ok(Self {
            file,
            target: target.to_owned(),
            path,
        })
    }

    /// Writes the content and makes the draft the target.
    ///
    /// # Errors
    /// If it cannot be written; the target is then unchanged.
    pub fn complete(mut self, content: &[u8]) -> Result<()> {
        self.write_all(content)
            .map_err(|error| cannot("write", &self.target, &error))?;
        self.finish()
    }

    /// Makes the draft the target, durably.
    ///
    /// # Errors
    /// If it cannot be written to the disk or renamed; the target is then unchanged, unless only its name could not be made
    /// durable.
    pub fn finish(mut self) -> Result<()> {
        let Some(path) = self.path.take() else {
            return Ok(());
        };
        self.keep_mode();
        let done = self
            .file
            .sync_all()
            .and_then(|()| fs::rename(&path, &self.target));
        done.map_err(|error| {
            // The error of the write is the one to report.
            let _ = fs::remove_file(&path);
            cannot_because("write", &self.target, parent(&path), &error)
        })?;
        sync_folder(parent(&self.target))
    }

    /// Writes the content to the disk; it is not the target yet.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn sync(&self) -> Result<()> {
        if self.path.is_none() {
            // Pipes and devices have nothing to synchronize.
            return Ok(());
        }
        self.file
            .sync_all()
            .map_err(|error| cannot("write", &self.target, &error))
    }

    /// Makes the draft the target, which must not exist; pipes and devices are complete already.
    ///
    /// # Errors
    /// If it cannot be written to the disk, or the target has been created in the meantime, which is then unchanged.
    pub fn finish_new(mut self) -> Result<()> {
        let Some(path) = self.path.take() else {
            return Ok(());
        };
        let done = self
            .file
            .sync_all()
            .and_then(|()| publish_new(&path, &self.target));
        // A draft that stays is removed by the next one.
        let _ = fs::remove_file(&path);
        done.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => exists(&self.target),
            _ => cannot("write", &self.target, &error),
        })?;
        sync_folder(parent(&self.target))
    }

    /// Makes two drafts that belong together their targets, which are in the same folder: `main` never stands beside the
    /// `companion` of another one, also if the process is killed in between. With `replaces`, existing files are replaced;
    /// otherwise they are errors.
    ///
    /// # Errors
    /// If one cannot be written to the disk or renamed.
    pub fn finish_pair(main: Self, companion: Self, replaces: bool) -> Result<()> {
        main.sync()?;
        companion.sync()?;
        // The companion comes first: the pair is complete as soon as the main file is there.
        if !replaces {
            let beside = companion.target.clone();
            companion.finish_new()?;
            return main.finish_new().inspect_err(|_| {
                // The error of the main file is the one to report.
                let _ = fs::remove_file(&beside);
            });
        }
        if main.path.is_some() {
            main.keep_mode();
            match fs::remove_file(&main.target) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(cannot("replace", &main.target, &error));
                }
                _ => sync_folder(parent(&main.target))?,
            }
        }
        companion.finish()?;
        main.finish()
    }

    /// Gives the draft the mode of the file that it replaces.
    #[cfg(unix)]
    fn keep_mode(&self) {
        if let Ok(replaced) = fs::metadata(&self.target) {
            // Some file systems have no modes.
            let _ = self.file.set_permissions(replaced.permissions());
        }
    }

    /// Does nothing: on other systems a file that must not be written to cannot be replaced either.
    #[cfg(not(unix))]
    fn keep_mode(&self) {}
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // An unfinished draft that stays is removed by the next one.
            let _ = fs::remove_file(path);
        }
    }
}

/// Gives a draft its name as well, which must be free.
fn publish_new(draft: &Path, target: &Path) -> io::Result<()> {
    match fs::hard_link(draft, target) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            // The file system may have no hard links.
            if fs::symlink_metadata(target).is_ok() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            fs::rename(draft, target)
        }
        linked => linked,
    }
}

/// Returns true if a path leads to an open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(path)) => identity(file) == identity(path),
        _ => false,
    }
}

/// Returns true if a path exists; the identity of the file is not compared on this system.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

fn draft_name(target: &Path) -> String {
    let name = target.file_name().unwrap_or_else(|| OsStr::new(""));
    let [start, end] = AFFIXES;
    format!("{start}{:08x}{end}", crc32(name.as_encoded_bytes()))
}

/// Returns true for the name of a draft.
pub fn is_draft(path: &Path) -> bool {
    let [start, end] = AFFIXES;
    let name = name(path);
    let middle = name
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    middle
        .is_some_and(|hash| hash.len() == 8 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// Removes the drafts in a folder that interrupted processes have left behind.
pub fn sweep(folder: &Path) {
    // Drafts that cannot be listed or removed do no harm.
    for path in entries(folder).unwrap_or_default() {
        if !is_draft(&path) {
            continue;
        }
        // The lock is held until the file is gone.
        if let Ok(draft) = File::open(&path)
            && draft.try_lock().is_ok()
            && is_at(&draft, &path)
        {
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;
    use crate::files::write_whole;

    #[test]
    fn leftovers_of_interrupted_processes_are_removed_and_locked_drafts_stay() {
        let folder = tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let left = at(".thumbgan-0badcafe.partial");
        fs::write(&left, "half").unwrap();
        fs::write(at(".thumbgan-notes.partial"), "not a draft").unwrap();
        let mut written = Draft::new(&at("other")).unwrap();
        assert!(!left.exists());
        written.write_all(b"other").unwrap();
        write_whole(&at("file"), b"file").unwrap();
        let error = Draft::new(&at("other")).unwrap_err().to_string();
        assert!(error.contains("another process is writing it"), "{error}");
        written.finish().unwrap();
        assert_eq!(fs::read(at("other")).unwrap(), b"other");
        drop(Draft::new(&at("never finished")).unwrap());
        let names: Vec<_> = entries(folder.path())
            .unwrap()
            .iter()
            .map(|path| name(path))
            .collect();
        assert_eq!(names, [".thumbgan-notes.partial", "file", "other"]);
    }

    #[test]
    fn a_new_file_never_replaces_another_one() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("file");
        let draft = |content: &[u8]| {
            let mut draft = Draft::new(&path).unwrap();
            draft.write_all(content).unwrap();
            draft
        };
        draft(b"first").finish_new().unwrap();
        let late = draft(b"late");
        let error = late.finish_new().unwrap_err().to_string();
        assert!(
            error.contains("file exists") && error.contains("--force"),
            "{error}"
        );
        assert_eq!(fs::read(&path).unwrap(), b"first");
        draft(b"forced").finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"forced");
        assert_eq!(entries(folder.path()).unwrap(), [path]);
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_is_replaced_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempdir().unwrap();
        let path = folder.path().join("file");
        for mode in [0o600, 0o664, 0o444] {
            write_whole(&path, b"old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            write_whole(&path, b"new").unwrap();
            let found = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(found & 0o7777, mode);
        }
    }
}
