//! Durable files and folders: they survive a loss of power.
//!
//! `fsync` of a file makes its content durable, but not its name: names belong to the folder, which has an `fsync` of its own.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use anyhow::Result;

use super::{cannot, parent};

/// Makes the names in a folder durable: new, renamed and removed files and folders.
///
/// # Errors
/// If the disk reports an error; the message names the folder.
pub fn sync_folder(folder: &Path) -> Result<()> {
    sync(folder).map_err(|error| cannot("write to the folder", folder, &error))
}

/// Creates a folder with its parents and makes their names durable.
///
/// # Errors
/// If it cannot be created; the message names it and the cause.
pub fn create_folder(folder: &Path) -> Result<()> {
    let failed = |error| cannot("create the folder", folder, &error);
    let created = folder
        .ancestors()
        .filter(|path| !path.as_os_str().is_empty())
        .take_while(|path| !path.exists());
    let created: Vec<_> = created.collect();
    fs::create_dir_all(folder).map_err(failed)?;
    for path in created.into_iter().rev() {
        sync(parent(path)).map_err(failed)?;
    }
    // A process that was killed may have created it without making its name durable.
    sync(parent(folder)).map_err(failed)
}

/// Writes a file in a folder that is not in use yet; the content is durable, the name is not.
///
/// # Errors
/// If it cannot be written; the message names it and the cause.
pub fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    File::create(path)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .map_err(|error| cannot("write", path, &error))
}

#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    use std::io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems cannot synchronize folders, and a folder that must not be listed cannot be opened.
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => {
            Ok(())
        }
        outcome => outcome,
    }
}

/// Does nothing: other systems write names in the order of the operations.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the version for Unix is fallible")]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}
