//! Reading files, and writing them whole or not at all.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Writes `bytes` to `path` by way of a temporary file beside it, so that no half of it is ever seen; straight
/// to a pipe, a device or what a link points to, since a file must not take the place of those.
///
/// # Errors
/// When the folder cannot be written to; the message names it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || -> std::io::Result<()> {
        if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
            return fs::write(path, bytes);
        }
        // A folder rather than a file: the file then gets the permissions that the user's files have.
        let draft = tempfile::tempdir_in(folder)?;
        let draft_path = draft.path().join("draft");
        let mut file = fs::File::create(&draft_path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(draft_path, path)
    };
    write().with_context(|| {
        format!(
            "cannot write {}; is the folder there and writable?",
            path.display()
        )
    })
}

/// Makes a folder and proves that it can be written to.
///
/// # Errors
/// When it cannot; the message names the folder and the flag that chooses it.
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

/// What is in a folder and is wanted, sorted; hidden things are not.
///
/// # Errors
/// When the folder cannot be read; the message names it.
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

/// The last part of a path, for people.
pub fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
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
            "no draft is left"
        );
    }
}
