//! Images and labels of a file in any format, identified by the SHA-256 of the IDX file that would contain the images.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use sha2::{Digest, Sha256};

use super::{SIDE, Split};
use crate::text::count;

/// Grayscale images of equal size.
pub(super) struct Images {
    pub path: PathBuf,
    /// SHA-256 of the uncompressed file.
    pub sha256: [u8; 32],
    /// Width and height.
    pub size: [usize; 2],
    /// Pixels of all images.
    pub pixels: Vec<u8>,
}

/// Labels of images.
pub(super) struct Labels {
    pub path: PathBuf,
    /// Label of each image.
    pub values: Vec<i64>,
}

impl Images {
    /// Returns images that are not in an IDX file, with the SHA-256 of the IDX file that would contain them.
    pub fn new(path: PathBuf, size: [usize; 2], pixels: Vec<u8>) -> Self {
        let count = pixels.len() / (size[0] * size[1]);
        Self {
            path,
            sha256: sha256(header([count, size[1], size[0]]), &pixels),
            size,
            pixels,
        }
    }

    /// Returns the number of images.
    pub fn count(&self) -> usize {
        self.pixels.len() / (self.size[0] * self.size[1])
    }

    /// Checks that a file has one label for each image.
    ///
    /// # Errors
    /// If not; the message names both files.
    pub fn check_labels(&self, path: &Path, labels: usize) -> Result<()> {
        ensure!(
            labels == self.count(),
            "{} contains {} but {} contains {}; download both again from one source",
            self.path.display(),
            count(self.count(), "image"),
            path.display(),
            count(labels, "label")
        );
        Ok(())
    }
}

impl Labels {
    /// Returns the labels in rows of `columns` elements of `size` bytes: the index of the 1 in each row if all are
    /// one-hot, otherwise the first column.
    ///
    /// # Errors
    /// If some rows are not one-hot but most are, or all values are 0 or 1; the message names the first such row.
    pub fn of_rows(
        path: PathBuf,
        elements: &[u8],
        [size, columns]: [usize; 2],
        value: impl Fn(&[u8]) -> i64,
    ) -> Result<Self> {
        let rows = || elements.chunks_exact(size * columns);
        let first = || rows().map(|row| value(&row[..size])).collect();
        if columns == 1 {
            let values = first();
            return Ok(Self { path, values });
        }
        let one_hot: Vec<Option<i64>> = rows()
            .map(|row| hot(row.chunks_exact(size).map(&value)))
            .collect();
        let shown = path.display();
        let values = if let Some(row) = one_hot.iter().position(Option::is_none) {
            let matches = one_hot.iter().flatten().count();
            let is_binary = || {
                elements
                    .chunks_exact(size)
                    .all(|item| matches!(value(item), 0 | 1))
            };
            ensure!(
                2 * matches <= one_hot.len() && !is_binary(),
                "{shown}: row {row} (counted from 0) is not one-hot: each row needs exactly one 1 among zeros; correct it, \
                 or save one integer per image"
            );
            errln!("{shown}: the labels are the first of {columns} columns");
            first()
        } else {
            errln!("{shown}: one-hot labels of {columns} classes");
            one_hot.into_iter().flatten().collect()
        };
        Ok(Self { path, values })
    }
}

/// Returns width and height of images [N, height, width], with one channel [N, 1, height, width] or
/// [N, height, width, 1], or in rows of square images [N, pixels].
pub(super) fn image_size(shape: &[usize]) -> Option<[usize; 2]> {
    match *shape {
        [_, height, width] | [_, 1, height, width] | [_, height, width, 1] => Some([width, height]),
        [_, pixels] if pixels.isqrt().pow(2) == pixels => Some([pixels.isqrt(); 2]),
        _ => None,
    }
}

/// Returns the index of the only 1 among zeros.
fn hot(values: impl Iterator<Item = i64>) -> Option<i64> {
    let mut found = None;
    for (index, value) in values.enumerate() {
        match (value, found) {
            (0, _) => {}
            (1, None) => found = Some(index as i64),
            _ => return None,
        }
    }
    found
}

/// Returns the SHA-256 of the IDX file with these images.
pub(super) fn hash(images: &Split) -> [u8; 32] {
    sha256(image_header(images.len()), &images.pixels)
}

fn sha256(header: [u8; 16], pixels: &[u8]) -> [u8; 32] {
    let hasher = Sha256::new_with_prefix(header);
    hasher.chain_update(pixels).finalize().into()
}

/// Returns the IDX header for `count` images.
pub(super) fn image_header(count: usize) -> [u8; 16] {
    header([count, SIDE, SIDE])
}

/// Returns the IDX header for images of a shape [N, height, width].
fn header([count, height, width]: [usize; 3]) -> [u8; 16] {
    let fields = [0x0000_0803, count as u32, height as u32, width as u32].map(u32::to_be_bytes);
    let mut header = [0; 16];
    header.copy_from_slice(fields.as_flattened());
    header
}
