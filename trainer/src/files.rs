//! Reading files, and writing them whole or not at all.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};

/// Writes `bytes` to `path` by way of a temporary file beside it, so that no half of it is ever seen.
///
/// # Errors
/// When the folder cannot be written to; the message names it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || -> std::io::Result<()> {
        // A folder rather than a file: the file then gets the permissions that the user's files have.
        let draft = tempfile::tempdir_in(folder)?;
        let draft_path = draft.path().join("draft");
        let mut file = fs::File::create(&draft_path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(draft_path, path)
    };
    write().with_context(|| format!("cannot write {}; is the folder there and writable?", path.display()))
}

/// Makes a folder and proves that it can be written to.
///
/// # Errors
/// When it cannot; the message names the folder and the flag that chooses it.
pub fn writable_folder(folder: &Path) -> Result<()> {
    let advice = || format!("cannot write to the folder {}; choose another with --out", folder.display());
    fs::create_dir_all(folder).with_context(advice)?;
    tempfile::tempfile_in(folder).with_context(advice)?;
    Ok(())
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a file.
///
/// # Errors
/// When it cannot be read; the message names it.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
