//! Entries of a folder of images, and a record of those that are not used.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    data::format::{Format, Needed},
    files::{cannot, entries, is_draft, name},
    text::{count, is_or_are},
};

/// Folders and files of operating systems and storage devices, which are not data, in any ASCII case.
const SYSTEM: [&str; 10] = [
    "__MACOSX",
    "@eaDir",
    "$RECYCLE.BIN",
    "System Volume Information",
    "lost+found",
    "Thumbs.db",
    "ehthumbs.db",
    "ehthumbs_vista.db",
    "Icon\r",
    "desktop.ini",
];
/// Entries of a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub folders: Vec<PathBuf>,
    pub images: Vec<PathBuf>,
}

/// Returns true for metadata of operating systems and storage devices.
pub(super) fn is_of_system(path: &Path) -> bool {
    let name = name(path);
    SYSTEM.iter().any(|known| known.eq_ignore_ascii_case(&name))
}

/// Paths that are not used, by the reason with its remedy.
#[derive(Debug, Default)]
pub(super) struct Unused(BTreeMap<String, Vec<PathBuf>>);

impl Unused {
    /// Lists folders and images, and records everything else as unused.
    pub fn list(&mut self, folder: &Path) -> Result<Listing> {
        let mut listing = Listing::default();
        for path in entries(folder)? {
            let name = name(&path);
            if is_of_system(&path) || name.starts_with("._") || is_draft(&path) {
                continue;
            }
            let is_hidden = name.starts_with('.');
            let metadata = match fs::metadata(&path) {
                Ok(metadata) => metadata,
                Err(_) if fs::read_link(&path).is_ok() => {
                    self.skip(
                        &path,
                        "link to something that does not exist; restore or delete it",
                    );
                    continue;
                }
                Err(error) => return Err(cannot("read", &path, &error)),
            };
            if metadata.is_dir() {
                if path.join("config.json").is_file() && path.join("grids").is_dir() {
                    self.skip(&path, "folder of a training run; move it elsewhere");
                } else if !is_hidden {
                    listing.folders.push(path);
                }
            } else if metadata.is_file() {
                let format = Format::of_file(&path)?;
                match (format.is_image(), is_hidden) {
                    (true, false) => listing.images.push(path),
                    (true, true) => self.skip(&path, "hidden image; rename it"),
                    (false, true) => {}
                    (false, false) => {
                        let reason =
                            format!("{}; {}", format.name(), format.remedy(Needed::Images));
                        self.skip(&path, &reason);
                    }
                }
            } else {
                self.skip(&path, "not a regular file");
            }
        }
        Ok(listing)
    }

    /// Records a path that is not used.
    pub fn skip(&mut self, path: &Path, reason: &str) {
        self.add(reason.to_owned(), vec![path.to_owned()]);
    }

    /// Records paths that are not used for the same reason.
    pub fn add(&mut self, reason: String, paths: Vec<PathBuf>) {
        if !paths.is_empty() {
            self.0.entry(reason).or_default().extend(paths);
        }
    }

    /// Returns the numbers of recorded files in a folder with their reasons, for messages.
    pub fn description(&self, folder: &Path) -> String {
        let describe = |(reason, paths): (&String, &Vec<PathBuf>)| {
            let inside = paths.iter().filter(|path| path.starts_with(folder)).count();
            (inside > 0).then(|| format!("; {} ({reason})", count(inside, "other file")))
        };
        self.0.iter().filter_map(describe).collect()
    }

    /// Warns of everything that is not used.
    pub fn report(&self) {
        for (reason, paths) in &self.0 {
            if let [first, ..] = &paths[..] {
                errln!(
                    "warning: {} {} not read, such as {}: {reason}",
                    count(paths.len(), "file"),
                    is_or_are(paths.len()),
                    first.display()
                );
            }
        }
    }
}
