//! Outputs in a folder that is read as images, where they would become images of the dataset.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};

use super::{DatasetKind, Request};
use crate::files::visible;

impl Request {
    /// Checks that an output is not in the folder that is read as images; `purpose` names the output with its article.
    ///
    /// # Errors
    /// If it is; the message names both.
    pub fn check_outside(&self, output: &Path, purpose: &str) -> Result<()> {
        let (DatasetKind::Images, Some(data)) = (self.dataset, &self.data) else {
            return Ok(());
        };
        ensure!(
            !is_within(&folder_of(output), data, &mut BTreeSet::new()),
            "{purpose} {} would be in {}, the folder that is read as images, and would be read with them; pass --out \
             with a path elsewhere",
            output.display(),
            data.display()
        );
        Ok(())
    }
}

/// Returns the resolved folder of an output. A link is followed, as in writing; folders that do not exist yet are left
/// out.
fn folder_of(output: &Path) -> PathBuf {
    let output = std::path::absolute(output).unwrap_or_else(|_| output.to_owned());
    output
        .ancestors()
        .find_map(|path| fs::canonicalize(path).ok())
        .unwrap_or_default()
}

/// Returns true if `folder`, a resolved path, is `root` or below it, also through links.
fn is_within(folder: &Path, root: &Path, seen: &mut BTreeSet<PathBuf>) -> bool {
    let Ok(root) = fs::canonicalize(root) else {
        return false;
    };
    if folder.starts_with(&root) {
        return true;
    }
    let is_new = seen.insert(root.clone());
    // What cannot be listed is not read either.
    let folders = visible(&root, Path::is_dir).unwrap_or_default();
    is_new && folders.iter().any(|root| is_within(folder, root, seen))
}
