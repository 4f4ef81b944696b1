//! Layouts of image folders: classes, training and test splits, and what in them is not used.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow, bail, ensure};

use super::{
    format::{Format, Needed},
    names::natural_order,
    unused::{BROKEN_LINK, Unused, is_metadata},
};
use crate::{
    files::{cannot, entries, name, visible},
    text::{check_printable, count},
};

/// Names of folders with splits, in lower case and without [`SUFFIXES`].
const TRAIN: [&str; 2] = ["train", "training"];
const TEST: [&str; 2] = ["test", "testing"];
const VALIDATION: [&str; 6] = ["val", "valid", "validation", "dev", "eval", "evaluation"];
const SUFFIXES: [&str; 3] = ["set", "data", "images"];

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
    unused: Unused,
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
        Format::of_file(root)?.unexpected(root, Needed::Images)
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
            self.misplaced("the folders of the splits", listing.images);
            return Ok(layout);
        }
        if let Some(only) = Self::wrapped(root, &listing)? {
            return self.layout(only);
        }
        let train = self.classes(root, listing)?;
        Ok(Layout { train, test: None })
    }

    /// Returns the classes in the folder of a split.
    fn split(&mut self, folder: &Path) -> Result<Classes> {
        let listing = self.list(folder)?;
        match Self::wrapped(folder, &listing)? {
            Some(only) => self.split(only),
            None => self.classes(folder, listing),
        }
    }

    /// Returns the only folder in `root` if it contains the class folders.
    fn wrapped<'a>(root: &Path, listing: &'a Listing) -> Result<Option<&'a Path>> {
        let ([only], []) = (&listing.folders[..], &listing.images[..]) else {
            return Ok(None);
        };
        if !Self::is_wrapper(only)? {
            return Ok(None);
        }
        errln!(
            "reading {}, the only folder in {}",
            only.display(),
            root.display()
        );
        Ok(Some(only))
    }

    /// Returns the layout of a folder with training and test images in folders of their own.
    fn splits(&mut self, listing: &Listing) -> Result<Option<Layout>> {
        let find = |names: &[&str]| {
            let is_one = |folder: &&PathBuf| names.contains(&&*split_name(folder));
            listing.folders.iter().find(is_one)
        };
        let (test, validation) = (find(&TEST), find(&VALIDATION));
        let (Some(train), Some(held_out)) = (find(&TRAIN), test.or(validation)) else {
            return Ok(None);
        };
        let layout = Layout {
            train: self.split(train)?,
            test: Some(self.split(held_out)?),
        };
        let is_flat = |classes: &Classes| classes.iter().all(|(name, _)| name.is_none());
        let flat = [
            (train, is_flat(&layout.train)),
            (held_out, layout.test.as_ref().is_some_and(is_flat)),
        ];
        if let [(with, false), (without, true)] | [(without, true), (with, false)] = flat {
            bail!(
                "{} has class folders, but {} has none; both need the same class folders",
                with.display(),
                without.display()
            );
        }
        if is_flat(&layout.train) {
            errln!(
                "warning: {} and {} contain images without class folders: they are read as the training and test images \
                 of one dataset without labels, not as two classes; rename the folders if they are classes",
                train.display(),
                held_out.display()
            );
        }
        for folder in &listing.folders {
            if ![train, held_out].contains(&folder) {
                let images = self.images_below(folder, &mut BTreeSet::new())?;
                let reason = format!(
                    "only {} and {} are used, as training and test images",
                    name(train),
                    name(held_out)
                );
                self.unused.add(reason, images);
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
            has_images = has_images
                || !reader
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
        self.misplaced("the class folders", images);
        check_no_splits(&folders)?;
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
            check_printable("name of the class folder", &name)?;
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

    fn misplaced(&mut self, what: &str, images: Vec<PathBuf>) {
        let reason = format!("beside {what}; move it into the folder of its class");
        self.unused.add(reason, images);
    }

    /// Returns the error for a folder without images, with the files that it contains instead.
    fn no_images(&self, folder: &Path) -> anyhow::Error {
        anyhow!(
            "{} contains no PNG or JPEG images{}; add images or remove the folder",
            folder.display(),
            self.unused.description(folder)
        )
    }

    /// Returns the images in a folder and in the folders below it, like torchvision's `ImageFolder`.
    fn images_below(
        &mut self,
        folder: &Path,
        known: &mut BTreeSet<PathBuf>,
    ) -> Result<Vec<PathBuf>> {
        let resolved = fs::canonicalize(folder).map_err(|error| cannot("read", folder, &error))?;
        if !known.insert(resolved) {
            self.unused
                .skip(folder, "link to a folder that is read already");
            return Ok(Vec::new());
        }
        let Listing {
            folders,
            mut images,
        } = self.list(folder)?;
        for folder in folders {
            images.extend(self.images_below(&folder, known)?);
        }
        Ok(images)
    }

    /// Lists folders and images, and records everything else as unused.
    fn list(&mut self, folder: &Path) -> Result<Listing> {
        let mut listing = Listing::default();
        for path in entries(folder)? {
            if is_metadata(&path) {
                continue;
            }
            let is_hidden = name(&path).starts_with('.');
            let metadata = match fs::metadata(&path) {
                Ok(metadata) => metadata,
                Err(_) if fs::read_link(&path).is_ok() => {
                    self.unused.skip(&path, BROKEN_LINK);
                    continue;
                }
                Err(error) => return Err(cannot("read", &path, &error)),
            };
            if metadata.is_dir() {
                if path.join("config.json").is_file() && path.join("grids").is_dir() {
                    self.unused
                        .skip(&path, "folder of a training run; move it elsewhere");
                } else if !is_hidden {
                    listing.folders.push(path);
                }
            } else if metadata.is_file() {
                let format = Format::of_file(&path)?;
                match (format.is_image(), is_hidden) {
                    (true, false) => listing.images.push(path),
                    (true, true) => self.unused.skip(&path, "hidden image; rename it"),
                    (false, true) => {}
                    (false, false) => {
                        let reason =
                            format!("{}; {}", format.name(), format.remedy(Needed::Images));
                        self.unused.skip(&path, &reason);
                    }
                }
            } else {
                self.unused.skip(&path, "not a regular file");
            }
        }
        Ok(listing)
    }

    /// Warns of what is not used and of what is used in an unusual way.
    fn report(&self) {
        for (class, paths) in &self.nested {
            if let [first, ..] = &paths[..] {
                errln!(
                    "warning: read as images of the class {}: {} in folders below it, such as {}",
                    class.display(),
                    count(paths.len(), "image"),
                    first.display()
                );
            }
        }
        self.unused.report();
    }
}

/// Returns the name of a folder in the form of [`TRAIN`], [`TEST`] and [`VALIDATION`].
fn split_name(folder: &Path) -> String {
    let mut text = name(folder).to_lowercase();
    text.retain(char::is_alphanumeric);
    for suffix in SUFFIXES {
        if let Some(stem) = text.strip_suffix(suffix).filter(|stem| !stem.is_empty()) {
            return stem.to_owned();
        }
    }
    text
}

/// Checks that class folders are not splits under unusual names.
///
/// # Errors
/// If a name suggests it and all of them contain the same folders; the message names the remedy.
fn check_no_splits(folders: &[PathBuf]) -> Result<()> {
    let is_named_so = |folder: &PathBuf| {
        let name = name(folder).to_lowercase();
        ["train", "test", "val"]
            .iter()
            .any(|part| name.contains(part))
    };
    let [first, second, ..] = folders else {
        return Ok(());
    };
    if !folders.iter().any(is_named_so) {
        return Ok(());
    }
    let inside = |folder: &PathBuf| -> Result<Vec<String>> {
        Ok(visible(folder, Path::is_dir)?
            .iter()
            .map(|path| name(path))
            .collect())
    };
    let expected = inside(first)?;
    for folder in folders {
        if expected.is_empty() || inside(folder)? != expected {
            return Ok(());
        }
    }
    bail!(
        "{} and {} contain the same folders, such as {}; if they are splits of the data, rename them to train and test, or \
         pass one of them with --data",
        first.display(),
        second.display(),
        expected[0]
    )
}
