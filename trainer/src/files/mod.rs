//! Files: bounded reads, atomic writes, and errors that name the cause and the remedy.

mod access;
mod draft;
mod durable;
mod lock;
mod replace;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};

pub use self::{
    access::{cannot, check_kind, open},
    draft::{Draft, is_draft, sweep},
    durable::{create_folder, sync_folder, write_new},
    lock::FolderLock,
    replace::{check_absent, check_replaceable},
};

/// Maximum size in bytes of a file that is read as a whole: models, checkpoints, logs, settings.
pub const READ_LIMIT: u64 = 256 << 20;

/// Writes `bytes` to `path` atomically, through a [`Draft`].
///
/// # Errors
/// If the file cannot be written; the message names it and the cause.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    Draft::new(path)?.complete(bytes)
}

/// Creates a folder with its parents and checks that it can be written to.
///
/// # Errors
/// If it cannot; the message names the folder and the cause.
pub fn writable_folder(folder: &Path) -> Result<()> {
    create_folder(folder)?;
    tempfile::tempfile_in(folder).map_err(|error| cannot("write to the folder", folder, &error))?;
    Ok(())
}

/// Creates the folder of an output file if it does not exist.
///
/// # Errors
/// If it cannot be created; the message names it.
pub fn create_parent(path: &Path) -> Result<()> {
    create_folder(parent(path))
}

/// Returns the folder of a file.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Returns the sorted entries of a folder.
///
/// # Errors
/// If the folder cannot be read; the message names it.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| cannot("read", folder, &error);
    let mut found = fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(failed)?;
    found.sort();
    Ok(found)
}

/// Returns the sorted entries of a folder that `wanted` accepts, without hidden ones.
///
/// # Errors
/// If the folder cannot be read; the message names it.
pub fn visible(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = entries(folder)?;
    found.retain(|path| !name(path).starts_with('.') && wanted(path));
    Ok(found)
}

/// Returns the last component of a path for messages.
pub fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Returns the path as text, for places that cannot hold other paths, such as JSON.
///
/// # Errors
/// If the path is not UTF-8; the message names it and the remedy.
pub fn utf8(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| {
        anyhow!(
            "the path {} is not valid UTF-8; rename the file or folder",
            path.display()
        )
    })
}

/// Returns bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a file of at most [`READ_LIMIT`] bytes.
///
/// # Errors
/// If it cannot be read or is larger; the message names it.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |error| cannot("read", path, &error);
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(READ_LIMIT + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    ensure!(
        bytes.len() as u64 <= READ_LIMIT,
        "{} has more than {} MiB, the maximum size of a file of this program; check that it is the right file",
        path.display(),
        READ_LIMIT >> 20
    );
    Ok(bytes)
}

/// Reads a text file in UTF-8, or in UTF-16 with a byte order mark as Windows PowerShell writes it.
///
/// # Errors
/// If it cannot be read or is not text; the message names it.
pub fn read_text(path: &Path) -> Result<String> {
    crate::text::decode(&read(path)?).with_context(|| path.display().to_string())
}

#[cfg(all(test, unix))]
mod tests {
    use std::{os::unix::fs::symlink, process::Command, thread};

    use tempfile::tempdir;

    use super::*;

    #[test]
    fn pipes_and_links_are_written_to_and_stay() {
        let folder = tempdir().unwrap();
        let [pipe, link, file] = ["pipe", "link", "file"].map(|name| folder.path().join(name));
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let reader = thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        write_whole(&pipe, b"digits").unwrap();
        assert_eq!(reader.join().unwrap(), b"digits");
        write_whole(&file, b"old").unwrap();
        symlink(&file, &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            entries(folder.path()).unwrap().len(),
            3,
            "no temporary file is left"
        );
    }

    #[test]
    fn endless_files_are_errors() {
        let error = read(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(error.contains("/dev/zero has more than 256 MiB"), "{error}");
    }
}
