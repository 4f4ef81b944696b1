//! Files that are whole or not there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A file that is to appear: its folder is known to be writable.
#[derive(Debug)]
pub struct Pending {
    target: PathBuf,
    draft: TempDir,
}

impl Pending {
    /// Prepares to write `target`.
    ///
    /// # Errors
    /// When `target` is a folder, or its own folder is missing or not writable.
    pub fn new(target: &Path) -> Result<Self> {
        ensure!(
            !target.is_dir(),
            "cannot write {}: it is a folder, name a file in it",
            target.display()
        );
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let draft = tempfile::tempdir_in(parent).with_context(|| {
            format!(
                "cannot write {}: {} must be a folder that you may write to",
                target.display(),
                parent.display()
            )
        })?;
        Ok(Self {
            target: target.to_owned(),
            draft,
        })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When that fails; the file is then as it was.
    pub fn finish(self, bytes: &[u8]) -> Result<()> {
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
    fn a_file_appears_whole_and_alone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("picture.png");
        Pending::new(&target).unwrap().finish(b"old").unwrap();
        let pending = Pending::new(&target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        pending.finish(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn folders_that_are_not_there_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("missing").join("picture.png");
        let error = Pending::new(&target).unwrap_err().to_string();
        assert!(
            error.contains("picture.png") && error.contains("missing"),
            "{error}"
        );
        assert!(
            Pending::new(folder.path())
                .unwrap_err()
                .to_string()
                .contains("it is a folder")
        );
    }
}
