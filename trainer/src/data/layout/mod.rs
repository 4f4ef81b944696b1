//! Layouts of image folders: classes, training and test splits, and what in them is not used.

mod listing;
mod similar;
mod splits;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow, bail, ensure};

use self::{
    listing::Listing,
    similar::SimilarNames,
    splits::{Part, check_no_splits, find, is_same_split},
};
use super::{
    format::{Format, Needed},
    names::natural_order,
    unused::Unused,
};
use crate::{
    files::{cannot, name, visible},
    text::{check_printable, count},
};

/// Images of a folder, by class.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub train: Classes,
    /// Images of the test split, if the folder has one.
    pub test: Option<Classes>,
}

/// Images of each class by its name, in class order; one class without a name for unlabeled images.
pub(super) type Classes = Vec<(Option<String>, Vec<PathBuf>)>;

/// Reader of a folder that records what is not used.
#[derive(Debug, Default)]
struct Reader {
    unused: Unused,
    /// Images in folders below a class folder, which are read like those in it.
    nested: BTreeMap<PathBuf, Vec<PathBuf>>,
    /// Class folders that contain folders named like splits.
    inverted: Vec<PathBuf>,
    similar: SimilarNames,
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
        let listing = Listing::new(root, &mut self.unused)?;
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

    /// Returns the images in the folder of a split.
    fn split(&mut self, folder: &Path) -> Result<Part> {
        let listing = Listing::new(folder, &mut self.unused)?;
        if let Some(only) = Self::wrapped(folder, &listing)? {
            return self.split(only);
        }
        let classes = self.classes(folder, listing)?;
        let folder = folder.to_owned();
        Ok(Part { folder, classes })
    }

    /// Returns the only folder in `root` if it contains the class folders, or has the name of the same split.
    fn wrapped<'a>(root: &Path, listing: &'a Listing) -> Result<Option<&'a Path>> {
        let ([only], []) = (&listing.folders[..], &listing.images[..]) else {
            return Ok(None);
        };
        if !Self::is_wrapper(root, only)? {
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
        let Some((train, held_out)) = find(&listing.folders) else {
            return Ok(None);
        };
        let training = self.split(train)?;
        let (mut used, mut test, mut unlabeled) = (vec![train], None, Vec::new());
        for folder in held_out {
            let part = self.split(folder)?;
            used.push(folder);
            if training.is_flat() || !part.is_flat() {
                test = Some(part);
                break;
            }
            unlabeled.push(part);
        }
        if let Some(test) = &test {
            test.check_classes(&training)?;
            if training.is_flat() {
                errln!(
                    "warning: {} and {} contain images without class folders: they are read as the training and test \
                     images of one dataset without labels, not as two classes; rename the folders if they are classes",
                    training.folder.display(),
                    test.folder.display()
                );
            }
        }
        for part in unlabeled {
            let instead = match &test {
                Some(test) => format!("the test images are those in {}", test.folder.display()),
                None => "test images are taken from the training images".to_owned(),
            };
            let reason = format!(
                "without class folders, unlike those in {}, so their classes are not known; add class folders to use \
                 them; {instead}",
                training.folder.display()
            );
            for (_, images) in part.classes {
                self.unused.add(reason.clone(), images);
            }
        }
        let only = match (&used[..], &test) {
            ([train, .., test], Some(_)) => format!(
                "only {} and {} are used, as training and test images",
                name(train),
                name(test)
            ),
            _ => format!("only {} is used, as training images", name(train)),
        };
        for folder in &listing.folders {
            if !used.contains(&folder) {
                let images = self.images_below(folder, &mut BTreeSet::new())?;
                self.unused.add(only.clone(), images);
            }
        }
        Ok(Some(Layout {
            train: training.classes,
            test: test.map(|test| test.classes),
        }))
    }

    /// Returns true if `only`, a folder in `root`, contains folders with images but no images of its own, or contains
    /// images and has the name of the same split.
    fn is_wrapper(root: &Path, only: &Path) -> Result<bool> {
        // What is not used is recorded when the folder is read.
        let mut reader = Self::default();
        let root_path = fs::canonicalize(root).map_err(|error| cannot("read", root, &error))?;
        let images = reader.images_below(only, &mut BTreeSet::from([root_path]))?;
        let is_flat = images.iter().any(|image| image.parent() == Some(only));
        Ok(!images.is_empty() && (!is_flat || is_same_split(root, only)))
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
        self.similar.add(&folders);
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
                if find(&visible(&folder, Path::is_dir)?).is_some() {
                    self.inverted.push(folder.clone());
                }
                self.nested.insert(folder, nested);
            }
            classes.push((Some(name), images));
        }
        Ok(classes)
    }

    fn misplaced(&mut self, what: &str, images: Vec<PathBuf>) {
        if !images.is_empty() {
            let reason = format!("beside {what}; move it into the folder of its class");
            self.unused.add(reason, images);
        }
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
        } = Listing::new(folder, &mut self.unused)?;
        for folder in folders {
            images.extend(self.images_below(&folder, known)?);
        }
        Ok(images)
    }

    /// Warns of what is not used and of what is used in an unusual way.
    fn report(&self) {
        let nested: Vec<_> = self.nested.values().flatten().collect();
        if let [first, ..] = nested[..] {
            let (class, below) = match self.nested.keys().collect::<Vec<_>>()[..] {
                [class] => (format!("the class {}", class.display()), "it".to_owned()),
                ref classes => (
                    "their classes".to_owned(),
                    count(classes.len(), "class folder"),
                ),
            };
            errln!(
                "warning: read as images of {class}: {} in folders below {below}, such as {}",
                count(nested.len(), "image"),
                first.display()
            );
        }
        if let [first, ..] = &self.inverted[..] {
            errln!(
                "warning: training and test folders below {}, such as {}, are not read as splits; to split the data, put \
                 class folders into the folders train and test",
                count(self.inverted.len(), "class folder"),
                first.display()
            );
        }
        self.similar.report();
        self.unused.report();
    }
}
