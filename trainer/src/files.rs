//! Reading files and writing them atomically.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Writes `bytes` to `path` atomically, through a temporary file beside it. Pipes, devices and the targets of
/// links are written directly, since a file must not replace them.
///
/// # Errors
/// If the folder cannot be written to; the message names it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || -> std::io::Result<()> {
        if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
            return fs::write(path, bytes);
        }
        // A folder instead of a temporary file, so that the file gets the user's default permissions.
        let draft = tempfile::tempdir_in(folder)?;
        let draft_path = draft.path().join("draft");
        let mut file = fs::File::create(&draft_path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(draft_path, path)
    };
    write().with_context(|| {
        format!(
            "cannot write {}; check that the folder exists and is writable",
            path.display()
        )
    })
}

/// Creates a folder and checks that it can be written to.
///
/// # Errors
/// If it cannot; the message names the folder and the flag that selects it.
pub fn writable_folder(folder: &Path) -> Result<()> {
    let advice = || {
        format!(
            "cannot write to the folder {}; choose another with --out",
            folder.display()
        )
    };
    fs::create_dir_all(folder).with_context(advice)?;
    tempfile::tempfile_in(folder).with_context(advice)?;
    Ok(())
}

/// Returns the sorted entries of a folder that `wanted` accepts, without hidden ones.
///
/// # Errors
/// If the folder cannot be read; the message names it.
pub fn visible(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut found: Vec<_> = paths
        .filter(|path| !name(path).starts_with('.') && wanted(path))
        .collect();
    found.sort();
    Ok(found)
}

/// Returns the last component of a path for messages.
pub fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Returns bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a file.
///
/// # Errors
/// If it cannot be read; the message names it.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
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
            visible(folder.path(), |_| true).unwrap().len(),
            3,
            "no temporary file is left"
        );
    }
}
