//! Checkpoints: the complete state of a run, written atomically.
//!
//! The state consists of weights, Adam's moments, the iteration and the best generator so far. Image order
//! and latents are functions of seed and iteration, so a resumed run is bit-identical.

mod files;
mod identity;
mod state;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use burn::prelude::Device;

use self::files::{Files, iteration, write};
pub use self::{
    identity::Identity,
    state::{Best, Checkpoint, Progress},
};
use crate::{
    export::float_reference::FloatGenerator,
    files::{cannot, entries, name, parent, sync_folder, visible},
    gan::{Gan, preset::Recipe},
    text::count,
};

/// Number of checkpoints that are kept; older ones are removed.
const KEPT: usize = 2;
/// Folder in which a checkpoint is written before it gets its name.
const PARTIAL: &str = ".partial";

/// Writes a checkpoint of the run `identity` into `folder` durably, then removes all but the newest two. A partial
/// checkpoint of an interrupted process is removed first; a valid one of this iteration stays.
///
/// # Errors
/// If the folder cannot be written to; earlier checkpoints are then unchanged.
pub fn save(
    folder: &Path,
    gan: &Gan,
    progress: &Progress,
    best: Option<&FloatGenerator>,
    identity: Identity,
) -> Result<()> {
    remove_partial(folder)?;
    let place = folder.join(format!("{:08}", progress.iteration));
    let is_saved =
        Files::read(&place).is_ok_and(|files| files.state.run.as_ref() == Some(&identity));
    if is_saved {
        return Ok(());
    }
    let partial = folder.join(PARTIAL);
    let written = write(&partial, gan, progress, best, identity).and_then(|()| {
        if place.exists() {
            remove(&place)?;
        }
        fs::rename(&partial, &place).map_err(|error| cannot("write", &place, &error))?;
        // Until the new checkpoint is durable, the old ones are needed.
        sync_folder(folder)
    });
    if let Err(error) = written {
        // It would fill a full disk. The error of the write is the one to report.
        let _ = fs::remove_dir_all(&partial);
        return Err(error.context(format!(
            "cannot write a checkpoint into {}; the run continues from the one before with --resume",
            folder.display()
        )));
    }
    remove_old(folder)
}

/// Finishes the removal of checkpoints that an interrupted process has begun, after the newest one of a run was loaded.
///
/// # Errors
/// If a folder cannot be removed.
pub fn tidy(folder: &Path) -> Result<()> {
    remove_partial(folder)?;
    remove_old(folder)
}

fn remove_partial(folder: &Path) -> Result<()> {
    for left in entries(folder).unwrap_or_default() {
        // Earlier versions had random names.
        if name(&left) == PARTIAL || (name(&left).starts_with(".tmp") && left.is_dir()) {
            remove(&left)?;
        }
    }
    Ok(())
}

/// Removes all but the newest checkpoints.
fn remove_old(folder: &Path) -> Result<()> {
    for old in list(folder)?.into_iter().skip(KEPT) {
        remove(&old)?;
    }
    Ok(())
}

/// Removes a checkpoint durably: otherwise a loss of power could leave a part of it in a finished run.
fn remove(place: &Path) -> Result<()> {
    fs::remove_dir_all(place).map_err(|error| cannot("remove", place, &error))?;
    sync_folder(parent(place))
}

/// Loads the newest valid checkpoint of the run `identity` in `folder`; damaged ones are reported and skipped. `None`
/// if there is no checkpoint. All files are read before training starts, so later damage has no
/// effect.
///
/// # Errors
/// If all checkpoints are damaged, or one belongs to another run.
pub fn load(
    folder: &Path,
    recipe: &Recipe,
    identity: &Identity,
    device: &Device,
) -> Result<Option<Checkpoint>> {
    let places = list(folder)?;
    for place in &places {
        match Files::read(place) {
            Ok(files) => {
                files.check_run(place, identity)?;
                match files.checkpoint(recipe, identity.seed, device) {
                    Ok(loaded) => return Ok(Some(loaded)),
                    Err(error) => skip(place, &error),
                }
            }
            Err(error) => skip(place, &error),
        }
    }
    ensure!(
        places.is_empty(),
        "{} contains {}, none of them valid; restore them from a backup, or train again in another folder with --out",
        folder.display(),
        count(places.len(), "checkpoint")
    );
    Ok(None)
}

fn skip(place: &Path, error: &anyhow::Error) {
    errln!(
        "warning: skipping the checkpoint {}: {error:#}",
        place.display()
    );
}

/// Returns the iteration of the newest checkpoint in `folder`, if there is one.
///
/// # Errors
/// If the folder cannot be read.
pub fn newest(folder: &Path) -> Result<Option<u32>> {
    Ok(list(folder)?.first().and_then(|place| iteration(place)))
}

/// Returns the checkpoints in `folder`, newest first; none if the folder does not exist.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut places = visible(folder, |place| iteration(place).is_some())?;
    places.reverse();
    Ok(places)
}
