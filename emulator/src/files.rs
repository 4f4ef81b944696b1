//! Output files: atomic writes, and protection of existing files.

use std::{
    ffi::OsStr,
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::NamedTempFile;

/// Start and end of the names of drafts.
const AFFIXES: [&str; 2] = [".thumbgan-", ".partial"];
/// Attempts to lock a draft, which another process may remove before it is locked.
const ATTEMPTS: u32 = 5;

/// A file to be written, whose folder has been checked to be writable.
///
/// The draft lies beside the file under a hidden name and is locked as long as its process lives. What an interrupted
/// process leaves behind is removed by the next one that writes to the folder.
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    draft: NamedTempFile,
}

impl AtomicFile {
    /// Prepares to write `target`; a link stays, and the file that it names is replaced.
    ///
    /// # Errors
    /// If `target` is a folder or a device, or its parent folder is missing or not writable.
    pub fn new(target: &Path) -> Result<Self> {
        let shown = target.display();
        ensure!(
            !target.is_dir(),
            "cannot write {shown}: it is a folder; name a file in it"
        );
        let resolved = fs::canonicalize(target);
        let target = resolved.as_deref().unwrap_or(target);
        ensure!(
            !target.exists() || target.is_file(),
            "cannot write {shown}: it is not a regular file; name another one"
        );
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        ensure!(
            parent.exists(),
            "cannot write {shown}: the folder {} does not exist; create it first",
            parent.display()
        );
        sweep(parent);
        Ok(Self {
            draft: draft(parent).with_context(|| format!("cannot write {shown}"))?,
            target: target.to_owned(),
        })
    }

    /// Writes the file by renaming a complete draft to its name.
    ///
    /// # Errors
    /// If the draft cannot be written or renamed; the file is then unchanged.
    pub fn write(mut self, bytes: &[u8]) -> Result<()> {
        self.draft
            .write_all(bytes)
            .and_then(|()| Ok(self.draft.persist(&self.target)?))
            .with_context(|| format!("cannot write {}", self.target.display()))?;
        Ok(())
    }
}

/// Creates a locked draft in a folder.
fn draft(folder: &Path) -> io::Result<NamedTempFile> {
    let [start, end] = AFFIXES;
    let mut builder = tempfile::Builder::new();
    builder.prefix(start).suffix(end);
    // The rights of other new files instead of those of temporary ones.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    for _ in 0..ATTEMPTS {
        let draft = builder.tempfile_in(folder)?;
        // Some file systems have no locks.
        let is_swept = matches!(draft.as_file().try_lock(), Err(TryLockError::WouldBlock));
        if !is_swept && draft.path().exists() {
            return Ok(draft);
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// Removes the drafts in a folder that interrupted processes have left behind.
fn sweep(folder: &Path) {
    let [start, end] = AFFIXES.map(str::as_bytes);
    let is_draft = |name: &OsStr| {
        let name = name.as_encoded_bytes();
        name.starts_with(start) && name.ends_with(end)
    };
    // Drafts that cannot be listed or removed do no harm.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_left =
            is_draft(&entry.file_name()) && entry.file_type().is_ok_and(|found| found.is_file());
        // The lock is held until the file is gone.
        if is_left
            && let Ok(draft) = File::open(entry.path())
            && draft.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Format of an image file that a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// GIF, for animations.
    Gif,
    /// PNG.
    Png,
}

impl ImageFormat {
    /// Returns the ending of file names.
    const fn extension(self) -> &'static str {
        match self {
            Self::Gif => "gif",
            Self::Png => "png",
        }
    }

    /// Returns the first bytes of each file.
    const fn signature(self) -> &'static [u8] {
        match self {
            Self::Gif => b"GIF8",
            Self::Png => b"\x89PNG\r\n\x1a\n",
        }
    }

    /// Checks that an image of this format may be written to `target`: its name has the format's ending, and no other
    /// file is replaced unless `force` is true. A file of this format at `own`, the target that belongs to the
    /// command, may be replaced.
    ///
    /// # Errors
    /// If the name has another ending, or a file would be replaced; the message names the remedy.
    pub fn check_target(self, target: &Path, own: Option<&Path>, force: bool) -> Result<()> {
        let shown = target.display();
        let (extension, upper) = (self.extension(), self.extension().to_uppercase());
        ensure!(
            target.is_dir()
                || target
                    .extension()
                    .is_some_and(|found| found.eq_ignore_ascii_case(extension)),
            "cannot write {shown}: this command writes {upper} images; name a file that ends in .{extension}"
        );
        if force || !target.is_file() {
            return Ok(());
        }
        let real = |path: &Path| fs::canonicalize(path).ok();
        if own.is_none_or(|own| real(own) != real(target)) {
            bail!("{shown} exists; choose another file, or pass --force to replace it");
        }
        let mut head = Vec::new();
        File::open(target)
            .and_then(|file| {
                file.take(self.signature().len() as u64)
                    .read_to_end(&mut head)
            })
            .with_context(|| format!("cannot read {shown}"))?;
        ensure!(
            head == self.signature(),
            "{shown} exists and is not a {upper} image; choose another file, or pass --force to replace it"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_the_file_and_leaves_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("image.png");
        AtomicFile::new(&target).unwrap().write(b"old").unwrap();
        let pending = AtomicFile::new(&target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        pending.write(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn removes_the_drafts_of_interrupted_processes_only() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".thumbgan-left.partial", "thumbgan-mine.partial"] {
            fs::write(at(name), "half").unwrap();
        }
        fs::create_dir(at(".thumbgan-folder.partial")).unwrap();
        let first = AtomicFile::new(&at("first.png")).unwrap();
        assert!(!at(".thumbgan-left.partial").exists());
        AtomicFile::new(&at("second.png"))
            .unwrap()
            .write(b"second")
            .unwrap();
        first.write(b"first").unwrap();
        assert_eq!(fs::read(at("first.png")).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_devices_are_rejected() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let [link, file, other] =
            ["link.png", "file.png", "other.png"].map(|name| folder.path().join(name));
        AtomicFile::new(&file).unwrap().write(b"old").unwrap();
        fs::write(&other, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&file), mode(&other));
        symlink("file.png", &link).unwrap();
        AtomicFile::new(&link).unwrap().write(b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        let error = AtomicFile::new(Path::new("/dev/null"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("/dev/null: it is not a regular file"),
            "{error}"
        );
    }

    #[test]
    fn names_a_missing_folder() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("missing").join("image.png");
        let error = AtomicFile::new(&target).unwrap_err().to_string();
        assert!(
            error.contains("image.png: the folder") && error.contains("missing does not exist"),
            "{error}"
        );
        let error = AtomicFile::new(folder.path()).unwrap_err().to_string();
        assert!(error.contains("it is a folder"), "{error}");
    }

    #[test]
    fn existing_files_are_replaced_by_force_or_at_the_commands_own_target() {
        let folder = tempfile::tempdir().unwrap();
        let [own, other, movie] =
            ["film.gif", "other.GIF", "film.mp4"].map(|name| folder.path().join(name));
        let check = |target: &Path, force| {
            ImageFormat::Gif
                .check_target(target, Some(&own), force)
                .map_err(|error| error.to_string())
        };
        for target in [&own, &other] {
            assert_eq!(check(target, false), Ok(()), "it does not exist");
            fs::write(target, "GIF89a").unwrap();
        }
        assert_eq!(check(&own, false), Ok(()));
        let exists = check(&other, false).unwrap_err();
        assert!(
            exists.contains("other.GIF exists;") && exists.contains("--force"),
            "{exists}"
        );
        assert_eq!(check(&other, true), Ok(()));
        fs::write(&own, "notes").unwrap();
        let foreign = check(&own, false).unwrap_err();
        assert!(
            foreign.contains("film.gif exists and is not a GIF image")
                && foreign.contains("--force"),
            "{foreign}"
        );
        assert_eq!(check(&own, true), Ok(()));
        let ending = check(&movie, true).unwrap_err();
        assert!(ending.contains("name a file that ends in .gif"), "{ending}");
    }
}
