//! Record of files that are not used, with the reasons.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    files::{is_draft, name},
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

/// Reason for links whose target is missing.
pub(super) const BROKEN_LINK: &str = "link to something that does not exist; restore or delete it";

/// Returns true for metadata of operating systems and storage devices.
pub(super) fn is_of_system(path: &Path) -> bool {
    let name = name(path);
    SYSTEM.iter().any(|known| known.eq_ignore_ascii_case(&name))
}

/// Returns true for metadata of operating systems and drafts of this program, by their names.
pub(super) fn is_metadata(path: &Path) -> bool {
    is_of_system(path) || name(path).starts_with("._") || is_draft(path)
}

/// Paths that are not used, by the reason with its remedy.
#[derive(Debug, Default)]
pub(super) struct Unused(BTreeMap<String, Vec<PathBuf>>);

impl Unused {
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

    /// Returns the paths with their reasons.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.0
            .iter()
            .flat_map(|(reason, paths)| paths.iter().map(|path| (path.as_path(), reason.as_str())))
    }

    /// Keeps the paths that `wanted` accepts.
    pub fn retain(&mut self, wanted: impl Fn(&Path) -> bool) {
        for paths in self.0.values_mut() {
            paths.retain(|path| wanted(path));
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
                let is_folder = |path: &PathBuf| path.is_dir() && !path.is_symlink();
                let noun = if paths.iter().all(is_folder) {
                    "folder"
                } else {
                    "file"
                };
                errln!(
                    "warning: {} {} not read, such as {}: {reason}",
                    count(paths.len(), noun),
                    is_or_are(paths.len()),
                    first.display()
                );
            }
        }
    }
}
