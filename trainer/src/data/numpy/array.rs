//! Arrays in NumPy files: `.npy` files and the entries of `.npz` archives.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use super::{
    header::Header,
    zip::{self, Entry},
};
use crate::{
    data::{
        MAX_IMAGES, PIXELS, SIDE,
        arrays::{self, Images, Labels},
        format::Format,
        idx::{self, MAX_BYTES},
        split_name::{Candidate, SplitName},
    },
    files::{cannot, open},
};

/// Minimum number of columns of images in rows; labels have fewer.
const MIN_COLUMNS: usize = 65;
/// Minimum width of images in shorter rows, for a remedy.
const MIN_SIDE: usize = 4;

/// Array of a file with its header, which was validated.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub candidate: Candidate,
    pub header: Header,
    entry: Option<Entry>,
}

impl Array {
    /// Returns the arrays of a file.
    ///
    /// # Errors
    /// If the file is truncated, damaged or not a NumPy file.
    pub fn list(file: &Path) -> Result<Vec<Self>> {
        if Format::of_file(file)? == Format::Npy {
            return Ok(vec![Self::of_file(file)?]);
        }
        let mut entries = zip::entries(file)?;
        entries.retain(|entry| has_extension(&entry.name));
        ensure!(
            !entries.is_empty(),
            "{} contains no arrays; save them with `numpy.savez_compressed`",
            file.display()
        );
        let entries = entries.into_iter();
        entries.map(|entry| Self::of_entry(file, entry)).collect()
    }

    fn of_file(file: &Path) -> Result<Self> {
        let header = Header::read(open(file)?).with_context(|| damaged(file))?;
        let length = fs::metadata(file).map_err(|error| cannot("read", file, &error))?;
        let candidate = Candidate {
            name: SplitName::parse(&stem(file)),
            file: file.to_owned(),
            path: file.to_owned(),
        };
        Self::new(candidate, header, None, length.len())
    }

    fn of_entry(file: &Path, entry: Entry) -> Result<Self> {
        let path = zip::path_of(file, &entry.name);
        let member = stem(Path::new(&entry.name));
        // Arrays without a name are called `arr_0` and so on.
        let member = if member.starts_with("arr_") {
            ""
        } else {
            &member
        };
        let candidate = Candidate {
            name: SplitName::parse(&format!("{} {member}", stem(file))),
            file: file.to_owned(),
            path: path.clone(),
        };
        let header = Header::read(entry.open(file)?).with_context(|| damaged(&path))?;
        let length = entry.size;
        Self::new(candidate, header, Some(entry), length)
    }

    fn new(
        candidate: Candidate,
        header: Header,
        entry: Option<Entry>,
        length: u64,
    ) -> Result<Self> {
        let expected = header
            .element_size()
            .zip(header.elements())
            .map(|(size, count)| size.checked_mul(count)?.checked_add(header.length));
        // Objects have no size; they are an error if they are read.
        if let Some(expected) = expected {
            ensure!(
                expected == Some(length),
                "{}: the header announces {} ({} bytes), but the file has {length} bytes, {}; copy or download it again",
                candidate.path.display(),
                header.description(),
                expected.map_or_else(|| "too many".to_owned(), |size| size.to_string()),
                if expected.is_none_or(|size| length < size) {
                    "it is truncated"
                } else {
                    "with trailing bytes"
                }
            );
        }
        Ok(Self {
            candidate,
            header,
            entry,
        })
    }

    /// Returns the path for messages.
    pub fn path(&self) -> &Path {
        &self.candidate.path
    }

    /// Returns the first dimension, the number of images or labels.
    pub fn count(&self) -> usize {
        self.header.shape.first().copied().unwrap_or_default()
    }

    /// Returns true for an array with the dimensions of images.
    pub fn has_images(&self) -> bool {
        match self.header.shape[..] {
            [_, columns] => columns >= MIN_COLUMNS,
            _ => self.header.shape.len() > 2,
        }
    }

    /// Returns width and height of the images if the rows may be square images of fewer pixels than images in rows have.
    pub fn small_side(&self) -> Option<usize> {
        match self.header.shape[..] {
            [_, columns] if columns < MIN_COLUMNS => {
                let side = columns.isqrt();
                (side >= MIN_SIDE && side * side == columns).then_some(side)
            }
            _ => None,
        }
    }

    /// Returns true for an array with the dimensions of labels.
    pub fn has_labels(&self) -> bool {
        !self.header.shape.is_empty() && !self.has_images()
    }

    /// Reads the elements.
    fn elements(&self) -> Result<Vec<u8>> {
        let file = &self.candidate.file;
        let mut bytes = match &self.entry {
            Some(entry) => entry.read(file)?,
            None => idx::read(open(file)?).map_err(|error| cannot("read", file, &error))?,
        };
        bytes.drain(..bytes.len().min(self.header.length as usize));
        let size = self.header.element_size().unwrap_or_default();
        ensure!(
            size.checked_mul(self.header.elements().unwrap_or_default())
                == Some(bytes.len() as u64),
            "{} changed while it was read; read it again",
            self.path().display()
        );
        Ok(bytes)
    }

    /// Checks that the array is not empty, not too large, and in the usual order.
    fn check(&self) -> Result<()> {
        let path = self.path().display();
        let bytes = self.header.elements().and_then(|elements| {
            let size = self.header.element_size().unwrap_or(1);
            elements.checked_mul(size)
        });
        ensure!(
            bytes != Some(0),
            "{path} contains no items {:?}; a dataset needs at least one",
            self.header.shape
        );
        ensure!(
            bytes.is_some_and(|bytes| bytes <= MAX_BYTES) && self.count() <= MAX_IMAGES,
            "{path} has {}; the maximum is {} GiB, {} images of {SIDE}x{SIDE} pixels; use fewer images",
            self.header.description(),
            MAX_BYTES >> 30,
            MAX_BYTES / PIXELS as u64
        );
        ensure!(
            !self.header.is_fortran,
            "{path} has {}; save `numpy.ascontiguousarray(array)`",
            self.header.description()
        );
        Ok(())
    }

    /// Reads the array as images.
    ///
    /// # Errors
    /// If they are not grayscale images in unsigned bytes; the message names what was found.
    pub fn images(&self) -> Result<Images> {
        let size = arrays::image_size(&self.header.shape)
            .filter(|_| self.header.integer().is_some() && self.header.descr.ends_with("u1"));
        let size = size.with_context(|| {
            let remedy = if self.header.has_objects() {
                "save `numpy.stack(list(array))` as uint8; docs/data.md says how to load them"
            } else {
                "docs/data.md has a script that converts them"
            };
            format!(
                "{} has {}; images are uint8 [N, height, width]: {remedy}",
                self.path().display(),
                self.header.description()
            )
        })?;
        self.check()?;
        let path: PathBuf = self.path().to_owned();
        Ok(Images::new(path, size, self.elements()?))
    }

    /// Reads the array as labels: one integer per image, one-hot rows, or rows with the label in the first column.
    ///
    /// # Errors
    /// If they are not integers; the message names what was found.
    pub fn labels(&self) -> Result<Labels> {
        let integer = self.header.integer().with_context(|| {
            let remedy = if self.header.is_float() {
                "if all are whole numbers (`(labels % 1 == 0).all()`), save `labels.astype(int)`"
            } else {
                "save their numbers, `numpy.unique(labels, return_inverse=True)[1]`, and pass the names with --class-names"
            };
            format!(
                "{} has {}; labels are integers: {remedy}",
                self.path().display(),
                self.header.description()
            )
        })?;
        self.check()?;
        let columns = self.header.shape.get(1).copied().unwrap_or(1);
        Labels::of_rows(
            self.path().to_owned(),
            &self.elements()?,
            [integer.size, columns],
            |element| integer.value(element),
        )
    }
}

fn damaged(path: &Path) -> String {
    format!(
        "{}: corrupt NumPy array; copy or download it again",
        path.display()
    )
}

/// Returns true for the extension of an array in an archive.
fn has_extension(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "npy")
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
