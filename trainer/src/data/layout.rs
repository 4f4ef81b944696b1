//! Layouts of image folders: classes, training and test splits, and what in them is not used.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow, bail, ensure};

use super::{format::Format, names::natural_order};
use crate::{
    files::{cannot, entries, is_draft, name},
    text::count,
};

/// Folders and files of operating systems and storage devices, which are not data.
const SYSTEM: [&str; 7] = [
    "__MACOSX",
    "@eaDir",
    "$RECYCLE.BIN",
    "System Volume Information",
    "lost+found",
    "Thumbs.db",
    "desktop.ini",
];
const TRAIN: [&str; 2] = ["train", "training"];
const TEST: [&str; 2] = ["test", "testing"];
const VALIDATION: [&str; 3] = ["val", "valid", "validation"];

/// Images of a folder, by class.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub train: Classes,
    /// Images of the test split, if the folder has one.
    pub test: Option<Classes>,
}

/// Images of each class by its name, in class order; one class without a name for unlabeled images.
pub(super) type Classes = Vec<(Option<String>, Vec<PathBuf>)>;

/// Entries of a folder.
#[derive(Debug, Default)]
struct Listing {
    folders: Vec<PathBuf>,
    images: Vec<PathBuf>,
}

/// Reader of a folder that records what is not used.
#[derive(Debug, Default)]
struct Reader {
    /// Paths that are not used, by the reason with its remedy.
    unused: BTreeMap<String, Vec<PathBuf>>,
    /// Images in folders below a class folder, which are read like those in it.
    nested: BTreeMap<PathBuf, Vec<PathBuf>>,
}

/// Finds the images in a folder and warns of everything in it that is not used.
///
/// # Errors
/// If the folder cannot be read or contains no images; the message says what is needed.
pub(super) fn read(root: &Path) -> Result<Layout> {
    ensure!(
        !root.is_file(),
        Format::of_file(root)?.unexpected(root, "a folder of images")
    );
    let mut reader = Reader::default();
    let layout = reader.layout(root)?;
    reader.report();
    Ok(layout)
}

/// Returns true if a folder or one of its folders contains images.
pub(super) fn has_images(root: &Path) -> bool {
    let mut reader = Reader::default();
    let layout = reader.layout(root);
    layout.is_ok_and(|layout| layout.train.iter().any(|(_, images)| !images.is_empty()))
}

impl Reader {
    fn layout(&mut self, root: &Path) -> Result<Layout> {
        let listing = self.list(root)?;
        if let Some(layout) = self.splits(&listing)? {
            self.beside("the folders of the splits", listing.images);
            return Ok(layout);
        }
        if let ([only], []) = (&listing.folders[..], &listing.images[..])
            && Self::is_wrapper(only)?
        {
            errln!(
                "reading {}, the only folder in {}",
                only.display(),
                root.display()
            );
            return self.layout(only);
        }
        let train = self.classes(root, listing)?;
        Ok(Layout { train, test: None })
    }

    /// Returns the layout of a folder with training and test images in folders of their own.
    fn splits(&mut self, listing: &Listing) -> Result<Option<Layout>> {
        let find = |names: &[&str]| {
            let is_one = |folder: &&PathBuf| names.contains(&&*name(folder).to_lowercase());
            listing.folders.iter().find(is_one)
        };
        let (test, validation) = (find(&TEST), find(&VALIDATION));
        let (Some(train), Some(held_out)) = (find(&TRAIN), test.or(validation)) else {
            return Ok(None);
        };
        let read = |reader: &mut Self, folder: &PathBuf| {
            let listing = reader.list(folder)?;
            reader.classes(folder, listing)
        };
        let layout = Layout {
            train: read(self, train)?,
            test: Some(read(self, held_out)?),
        };
        let is_flat = |classes: &Classes| classes.iter().all(|(name, _)| name.is_none());
        if is_flat(&layout.train) {
            errln!(
                "warning: {} and {} contain images without class folders: they are read as the training and test images \
                 of one dataset without labels, not as two classes; rename the folders if they are classes",
                train.display(),
                held_out.display()
            );
        }
        ensure!(
            is_flat(&layout.train) == layout.test.as_ref().is_some_and(is_flat),
            "only one of {} and {} has class folders; both need the same classes",
            train.display(),
            held_out.display()
        );
        for folder in &listing.folders {
            if ![train, held_out].contains(&folder) {
                let images = self.images_below(folder, &mut BTreeSet::new())?;
                let reason = format!(
                    "only {} and {} are used, as training and test images",
                    name(train),
                    name(held_out)
                );
                self.unused.entry(reason).or_default().extend(images);
            }
        }
        Ok(Some(layout))
    }

    /// Returns true if a folder contains folders with images, but no images of its own.
    fn is_wrapper(folder: &Path) -> Result<bool> {
        // What is not used is recorded when the folder is read.
        let mut reader = Self::default();
        let listing = reader.list(folder)?;
        let mut has_images = false;
        for folder in &listing.folders {
            has_images |= !reader
                .images_below(folder, &mut BTreeSet::new())?
                .is_empty();
        }
        Ok(listing.images.is_empty() && has_images)
    }

    /// Returns the images of each folder, or of a folder without folders.
    fn classes(&mut self, root: &Path, listing: Listing) -> Result<Classes> {
        let Listing {
            mut folders,
            images,
        } = listing;
        if folders.is_empty() {
            ensure!(!images.is_empty(), self.no_images(root));
            return Ok(vec![(None, images)]);
        }
        self.beside("the class folders", images);
        folders.sort_by(|a, b| natural_order(&name(a), &name(b)));
        let root = fs::canonicalize(root).map_err(|error| cannot("read", root, &error))?;
        let mut classes = Classes::new();
        for folder in folders {
            let images = self.images_below(&folder, &mut BTreeSet::from([root.clone()]))?;
            ensure!(!images.is_empty(), self.no_images(&folder));
            let name = folder.file_name().and_then(|name| name.to_str());
            let Some(name) = name.map(ToOwned::to_owned) else {
                bail!(
                    "the name of the class folder {} is not valid UTF-8; rename it",
                    folder.display()
                );
            };
            let nested: Vec<_> = images
                .iter()
                .filter(|image| image.parent() != Some(&folder))
                .cloned()
                .collect();
            if !nested.is_empty() {
                self.nested.insert(folder, nested);
            }
            classes.push((Some(name), images));
        }
        Ok(classes)
    }

    fn beside(&mut self, what: &str, images: Vec<PathBuf>) {
        if !images.is_empty() {
            self.unused
                .entry(format!(
                    "beside {what}; move it into the folder of its class"
                ))
                .or_default()
                .extend(images);
        }
    }

    /// Returns the error for a folder without images, with the files that it contains instead.
    fn no_images(&self, folder: &Path) -> anyhow::Error {
        let others: Vec<_> = self
            .unused
            .iter()
            .filter_map(|(reason, paths)| {
                let inside = paths.iter().filter(|path| path.starts_with(folder)).count();
                (inside > 0).then(|| format!("; {} ({reason})", count(inside, "other file")))
            })
            .collect();
        anyhow!(
            "{} contains no images, PNG or JPEG files{}",
            folder.display(),
            others.concat()
        )
    }

    /// Returns the images in a folder and in the folders below it, like torchvision's `ImageFolder`.
    fn images_below(
        &mut self,
        folder: &Path,
        parents: &mut BTreeSet<PathBuf>,
    ) -> Result<Vec<PathBuf>> {
        let resolved = fs::canonicalize(folder).map_err(|error| cannot("read", folder, &error))?;
        if !parents.insert(resolved.clone()) {
            self.skip(folder, "link to a folder that contains it");
            return Ok(Vec::new());
        }
        let Listing {
            folders,
            mut images,
        } = self.list(folder)?;
        for folder in folders {
            images.extend(self.images_below(&folder, parents)?);
        }
        parents.remove(&resolved);
        Ok(images)
    }

    /// Lists folders and images, and records everything else as unused.
    fn list(&mut self, folder: &Path) -> Result<Listing> {
        let mut listing = Listing::default();
        for path in entries(folder)? {
            let name = name(&path);
            if SYSTEM.contains(&&*name) || name.starts_with("._") || is_draft(&path) {
                continue;
            }
            let is_hidden = name.starts_with('.');
            let Ok(metadata) = fs::metadata(&path) else {
                // Without a link, the entry has disappeared or cannot be read.
                ensure!(
                    fs::read_link(&path).is_ok(),
                    "{} cannot be read",
                    path.display()
                );
                self.skip(
                    &path,
                    "link to something that does not exist; restore or delete it",
                );
                continue;
            };
            if metadata.is_dir() {
                if !is_hidden {
                    listing.folders.push(path);
                }
            } else if metadata.is_file() {
                let format = Format::of_file(&path)?;
                match (format.is_image(), is_hidden) {
                    (true, false) => listing.images.push(path),
                    (true, true) => self.skip(&path, "hidden image; rename it"),
                    (false, true) => {}
                    (false, false) => {
                        let reason = format!("{}; {}", format.name(), format.remedy());
                        self.skip(&path, &reason);
                    }
                }
            } else {
                self.skip(&path, "not a regular file");
            }
        }
        Ok(listing)
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.unused
            .entry(reason.to_owned())
            .or_default()
            .push(path.to_owned());
    }

    /// Warns of what is not used and of what is used in an unusual way.
    fn report(&self) {
        for (class, paths) in &self.nested {
            if let [first, ..] = &paths[..] {
                errln!(
                    "warning: {} in folders below {} are read as images of this class, such as {}",
                    count(paths.len(), "image"),
                    class.display(),
                    first.display()
                );
            }
        }
        for (reason, paths) in &self.unused {
            if let [first, ..] = &paths[..] {
                let verb = if paths.len() == 1 { "is" } else { "are" };
                errln!(
                    "warning: {} {verb} not read, such as {}: {reason}",
                    count(paths.len(), "file"),
                    first.display()
                );
            }
        }
    }
}
