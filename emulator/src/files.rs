//! Atomic writes: a file is complete or unchanged.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A file to be written, whose folder has been checked to be writable.
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    draft: TempDir,
}

impl AtomicFile {
    /// Prepares to write `target`.
    ///
    /// # Errors
    /// If `target` is a folder, or its parent folder is missing or not writable.
    pub fn new(target: &Path) -> Result<Self> {
        ensure!(
            !target.is_dir(),
            "cannot write {}: it is a folder; name a file in it",
            target.display()
        );
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let draft = tempfile::tempdir_in(parent).with_context(|| {
            format!(
                "cannot write {}: {} is not a writable folder",
                target.display(),
                parent.display()
            )
        })?;
        Ok(Self {
            target: target.to_owned(),
            draft,
        })
    }

    /// Writes the file by renaming a complete draft to its name.
    ///
    /// # Errors
    /// If the draft cannot be written or renamed; the file is then unchanged.
    pub fn write(self, bytes: &[u8]) -> Result<()> {
        let draft = self.draft.path().join("draft");
        fs::write(&draft, bytes)
            .and_then(|()| fs::rename(&draft, &self.target))
            .with_context(|| format!("cannot write {}", self.target.display()))
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
    fn names_a_missing_folder() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("missing").join("image.png");
        let error = AtomicFile::new(&target).unwrap_err().to_string();
        assert!(
            error.contains("image.png") && error.contains("missing"),
            "{error}"
        );
        let error = AtomicFile::new(folder.path()).unwrap_err().to_string();
        assert!(error.contains("it is a folder"), "{error}");
    }
}
