//! Entries of a folder of images.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    data::{
        format::{Format, Needed},
        unused::{BROKEN_LINK, Unused, is_metadata},
    },
    files::{cannot, entries, name},
};

/// Entries of a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub folders: Vec<PathBuf>,
    pub images: Vec<PathBuf>,
}

impl Listing {
    /// Lists folders and images, and records everything else as unused.
    ///
    /// # Errors
    /// If the folder or a file in it cannot be read.
    pub fn new(folder: &Path, unused: &mut Unused) -> Result<Self> {
        let mut listing = Self::default();
        for path in entries(folder)? {
            if is_metadata(&path) {
                continue;
            }
            let is_hidden = name(&path).starts_with('.');
            let metadata = match fs::metadata(&path) {
                Ok(metadata) => metadata,
                Err(_) if fs::read_link(&path).is_ok() => {
                    unused.skip(&path, BROKEN_LINK);
                    continue;
                }
                Err(error) => return Err(cannot("read", &path, &error)),
            };
            if metadata.is_dir() {
                if path.join("config.json").is_file() && path.join("grids").is_dir() {
                    unused.skip(&path, "folder of a training run; move it elsewhere");
                } else if !is_hidden {
                    listing.folders.push(path);
                }
            } else if metadata.is_file() {
                let format = Format::of_file(&path)?;
                match (format.is_image(), is_hidden) {
                    (true, false) => listing.images.push(path),
                    (true, true) => unused.skip(&path, "hidden image; rename it"),
                    (false, true) => {}
                    (false, false) => {
                        let reason =
                            format!("{}; {}", format.name(), format.remedy(Needed::Images));
                        unused.skip(&path, &reason);
                    }
                }
            } else {
                unused.skip(&path, "not a regular file");
            }
        }
        Ok(listing)
    }
}
