//! Files in the user's cache: each has the SHA-256 of its content, then the content.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::files::{FolderLock, create_parent, write_whole};

/// Returns a folder in the user's cache; `None` if the system has no cache.
pub fn folder(name: &str) -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("thumbgan").join(name))
}

/// Reads a file; `None` if it does not exist or is damaged.
pub fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let (hash, content) = bytes.split_at_checked(32)?;
    if Sha256::digest(content)[..] != *hash {
        return None;
    }
    Some(bytes.split_off(32))
}

/// Writes a file atomically. A failure is a warning: without the file, the content is computed again next time.
pub fn write(path: &Path, content: &[u8]) {
    let bytes = [&Sha256::digest(content)[..], content].concat();
    create_parent(path)
        .and_then(|()| write_whole(path, &bytes))
        .unwrap_or_else(|error| errln!("warning: {error:#}"));
}

/// Locks a folder of the cache; prints `notice` and waits if another process holds the lock. `None`, with a warning, if that fails.
pub fn lock(folder: &Path, notice: &str) -> Option<FolderLock> {
    const NAME: &str = ".lock";
    create_parent(&folder.join(NAME))
        .and_then(|()| FolderLock::wait(folder, NAME, notice))
        .inspect_err(|error| errln!("warning: {error:#}"))
        .ok()
}
