//! Protection of existing files: a command replaces only what it has written itself.

use std::{fs, path::Path};

use anyhow::{Result, anyhow, ensure};

use super::{READ_LIMIT, read};

/// Checks that writing `path` destroys no file of another origin: it does not exist, is a pipe or a device, was made
/// by the same command according to `is_own`, which gets its content, or may be replaced because of `force`.
///
/// `purpose` describes the output with its article, such as "a contact sheet".
///
/// # Errors
/// If another file would be replaced; the message names it and both remedies.
pub fn check_replaceable(
    path: &Path,
    purpose: &str,
    force: bool,
    is_own: impl FnOnce(&[u8]) -> bool,
) -> Result<()> {
    if force || !fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return Ok(());
    }
    ensure!(
        fs::metadata(path).is_ok_and(|found| found.len() <= READ_LIMIT) && is_own(&read(path)?),
        "{} exists and is not {purpose} that this command has written; choose another file, or pass --force to \
         replace it",
        path.display()
    );
    Ok(())
}

/// Checks that `path` is no existing file or may be replaced because of `force`. It is for formats without a mark of their
/// origin, such as NumPy arrays.
///
/// # Errors
/// If a file would be replaced; the message names it and both remedies.
pub fn check_absent(path: &Path, force: bool) -> Result<()> {
    if !force && fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return Err(exists(path));
    }
    Ok(())
}

/// Returns the error of a file that exists and must not be replaced.
pub(super) fn exists(path: &Path) -> anyhow::Error {
    anyhow!(
        "{} exists; choose another file, or pass --force to replace it",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    #[test]
    fn only_own_files_are_replaced_without_force() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("out");
        let check = |force| check_replaceable(&path, "a sheet", force, |bytes| bytes == b"ours");
        assert!(check(false).is_ok(), "it does not exist");
        fs::write(&path, "ours").unwrap();
        assert!(check(false).is_ok());
        fs::write(&path, "theirs").unwrap();
        let error = check(false).unwrap_err().to_string();
        assert!(
            error.contains("is not a sheet") && error.contains("--force"),
            "{error}"
        );
        assert!(check(true).is_ok());
        let error = check_absent(&path, false).unwrap_err().to_string();
        assert!(
            error.contains("out exists") && error.contains("--force"),
            "{error}"
        );
        assert!(check_absent(&path, true).is_ok());
        assert!(check_absent(&folder.path().join("none"), false).is_ok());
    }
}
