//! Errors of file operations with their causes and remedies.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::Path,
};

use anyhow::{Result, anyhow, ensure};

/// Returns the error of an operation such as `read` on a path: the path, the cause and, if there is one, the remedy.
pub fn cannot(operation: &str, path: &Path, error: &io::Error) -> anyhow::Error {
    cannot_because(operation, path, path, error)
}

/// Returns the error of an operation on a path that failed because of another one, such as the folder of the file.
pub(super) fn cannot_because(
    operation: &str,
    path: &Path,
    failed: &Path,
    error: &io::Error,
) -> anyhow::Error {
    anyhow!(
        "cannot {operation} {}: {}",
        path.display(),
        cause(failed, error)
    )
}

/// Checks that a path is a regular file or a folder, or cannot be opened at all. Opening a pipe waits for a writer, and
/// its content can be read only once.
///
/// # Errors
/// If it is something else; the message names it and the remedy.
pub fn check_kind(path: &Path) -> Result<()> {
    let is_other = |found: fs::Metadata| !found.is_dir() && !found.is_file();
    ensure!(
        !fs::metadata(path).is_ok_and(is_other),
        "{} is a pipe, socket or device, not a regular file or folder; copy it into a file and pass that",
        path.display()
    );
    Ok(())
}

/// Opens a regular file for reading.
///
/// # Errors
/// If it cannot be opened; the message names it and the cause.
pub fn open(path: &Path) -> Result<File> {
    check_kind(path)?;
    File::open(path).map_err(|error| cannot("open", path, &error))
}

fn cause(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => missing(path),
        ErrorKind::PermissionDenied => denied(path),
        ErrorKind::IsADirectory => "it is a folder; name a file".to_owned(),
        ErrorKind::NotADirectory => match path.ancestors().skip(1).find(|path| path.is_file()) {
            Some(file) => format!("{} is a file, not a folder", file.display()),
            None => "it is a file, not a folder".to_owned(),
        },
        ErrorKind::AlreadyExists if path.is_file() => "it is a file, not a folder".to_owned(),
        ErrorKind::AlreadyExists if !path.exists() => missing(path),
        ErrorKind::ReadOnlyFilesystem => {
            "the file system is read-only; choose a path on another one, or mount it for writing"
                .to_owned()
        }
        ErrorKind::StorageFull => {
            "the disk is full; free space on it, or choose a path on another one".to_owned()
        }
        ErrorKind::QuotaExceeded => {
            "the disk quota is exceeded; delete files of yours, or choose a path on another disk"
                .to_owned()
        }
        _ => error.to_string(),
    }
}

/// Returns the cause for a path that does not exist.
fn missing(path: &Path) -> String {
    if path.starts_with("~") {
        return "there is no such path; the shell expands `~` only at the start of a word: write $HOME instead"
            .to_owned();
    }
    if let Ok(target) = fs::read_link(path) {
        return format!("it is a link to {}, which does not exist", target.display());
    }
    let folder = path
        .ancestors()
        .skip(1)
        .filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .last();
    match folder {
        Some(folder) => format!("the folder {} does not exist", folder.display()),
        None => "there is no such file or folder".to_owned(),
    }
}

/// Returns the cause for a path without permission: the first component that denies access, with its mode.
fn denied(path: &Path) -> String {
    let known = path
        .ancestors()
        .map(|path| match path.as_os_str() {
            name if name.is_empty() => Path::new("."),
            _ => path,
        })
        .find_map(|path| Some((path, fs::metadata(path).ok()?)));
    match known {
        Some((path, metadata)) => remedy(path, &metadata),
        None => "no permission".to_owned(),
    }
}

#[cfg(unix)]
fn remedy(path: &Path, metadata: &fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    format!(
        "no permission; {} has mode {:04o}, owner {} and group {}: change it with chmod or chown, or run as its owner",
        path.display(),
        metadata.mode() & 0o7777,
        metadata.uid(),
        metadata.gid()
    )
}

#[cfg(not(unix))]
fn remedy(path: &Path, _: &fs::Metadata) -> String {
    format!(
        "no permission; check the properties of {} (read-only, security)",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    fn message(path: &Path, kind: ErrorKind) -> String {
        cannot("read", path, &kind.into()).to_string()
    }

    #[test]
    fn causes_are_distinct() {
        let folder = tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let missing = message(&folder.path().join("none"), ErrorKind::NotFound);
        assert!(
            missing.ends_with("there is no such file or folder"),
            "{missing}"
        );
        let deep = message(&folder.path().join("no/such/file"), ErrorKind::NotFound);
        let first = folder.path().join("no");
        assert!(
            deep.ends_with(&format!("the folder {} does not exist", first.display())),
            "{deep}"
        );
        let home = message(Path::new("~/mnist"), ErrorKind::NotFound);
        assert!(home.contains("$HOME"), "{home}");
        let below = message(&file.join("x"), ErrorKind::NotADirectory);
        assert!(below.contains("is a file, not a folder"), "{below}");
        let taken = message(&file, ErrorKind::AlreadyExists);
        assert!(
            taken.ends_with("file: it is a file, not a folder"),
            "{taken}"
        );
        let readonly = message(&file, ErrorKind::ReadOnlyFilesystem);
        assert!(readonly.contains("read-only"), "{readonly}");
    }

    #[cfg(unix)]
    #[test]
    fn a_denied_path_is_named_with_its_mode_and_the_remedy() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o040)).unwrap();
        let denied = message(&file, ErrorKind::PermissionDenied);
        assert!(
            denied.contains("mode 0040") && denied.contains("chmod"),
            "{denied}"
        );
        let link = folder.path().join("link");
        symlink("gone", &link).unwrap();
        let dangling = message(&link, ErrorKind::NotFound);
        assert!(
            dangling.contains("a link to gone, which does not exist"),
            "{dangling}"
        );
    }
}
