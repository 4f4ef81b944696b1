//! MNIST: locations and checksums.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};

use super::{Dataset, download, idx, locate};
use crate::files::{cannot, hex};

/// SHA-256 of the four uncompressed files, in the order of [`locate::NAMES`].
const HASHES: [&str; 4] = [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
];

const MIRRORS: [&str; 2] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
];

/// Locations and checksums of MNIST's files.
pub(super) struct Source {
    /// SHA-256 of each uncompressed file, in hexadecimal.
    pub hashes: [String; 4],
    /// URLs of folders, with a slash at the end.
    pub mirrors: Vec<String>,
    /// Folder of downloaded files; `None` if the system has no cache folder.
    pub cache: Option<PathBuf>,
}

impl Source {
    /// Returns the public mirrors and checksums.
    pub fn public() -> Self {
        Self {
            hashes: HASHES.map(String::from),
            mirrors: MIRRORS.map(String::from).to_vec(),
            cache: dirs::cache_dir().map(|cache| cache.join("thumbgan").join("mnist")),
        }
    }

    /// Reads MNIST from a folder that the user named; all files must be valid.
    pub fn folder(&self, folder: &Path) -> Result<Dataset> {
        let files = locate::open_folder(folder)?;
        for (file, hash) in files.iter().zip(&self.hashes) {
            check(file, hash).map_err(|error| {
                anyhow!(
                    "{error}; pass --dataset idx for a custom dataset; for MNIST, download the file again"
                )
            })?;
        }
        idx::assemble("mnist", files)
    }

    /// Reads MNIST from the cache and downloads missing or invalid files.
    pub fn cached(&self) -> Result<Dataset> {
        let cache = self
            .cache
            .as_deref()
            .context("this system has no cache folder")?;
        let mut mirrors = self.mirrors.clone();
        let mut open =
            |i: usize| cached_file(cache, locate::NAMES[i], &self.hashes[i], &mut mirrors);
        idx::assemble("mnist", [open(0)?, open(1)?, open(2)?, open(3)?])
    }
}

fn cached_file(cache: &Path, name: &str, hash: &str, mirrors: &mut [String]) -> Result<idx::File> {
    let verified = |path| idx::File::open(path).and_then(|file| check(&file, hash).map(|()| file));
    let fetch = |mirrors: &mut [String]| verified(download::fetch(cache, name, hash, mirrors)?);
    let Some(path) = locate::find(cache, name) else {
        return fetch(mirrors);
    };
    match verified(path.clone()) {
        Ok(file) => return Ok(file),
        Err(error) => {
            errln!("warning: invalid file in the cache, downloading it again: {error:#}");
        }
    }
    let file = fetch(mirrors)?;
    if file.path != path {
        fs::remove_file(&path).map_err(|error| cannot("remove", &path, &error))?;
    }
    Ok(file)
}

fn check(file: &idx::File, expected: &str) -> Result<()> {
    let found = hex(&file.sha256);
    ensure!(
        found == expected,
        "{} is not a file of MNIST: SHA-256 of the uncompressed file is {found}, expected {expected}",
        file.path.display()
    );
    Ok(())
}
