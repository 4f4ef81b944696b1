//! IDX files, the format of MNIST, plain or gzip-compressed.
//!
//! An IDX file is an array: two zero bytes, the element type, the number of dimensions, each dimension as a big-endian
//! `u32`, then the elements in big-endian order (<http://yann.lecun.com/exdb/mnist/>).

use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::{
    Dataset, MAX_IMAGES, PIXELS, SIDE, Sizes, Split,
    arrays::{Images, Labels, image_size},
    format::{Format, Needed},
};
use crate::files::{cannot, open};

/// Maximum uncompressed size of a file in bytes: 1.3 million images.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// Type of the elements of an IDX file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

impl Element {
    const fn of_code(code: u8) -> Option<Self> {
        Some(match code {
            0x8 => Self::U8,
            0x9 => Self::I8,
            0xb => Self::I16,
            0xc => Self::I32,
            0xd => Self::F32,
            0xe => Self::F64,
            _ => return None,
        })
    }

    /// Returns the size in bytes.
    const fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::U8 => "unsigned bytes",
            Self::I8 => "signed bytes",
            Self::I16 => "16-bit integers",
            Self::I32 => "32-bit integers",
            Self::F32 => "32-bit floats",
            Self::F64 => "64-bit floats",
        }
    }
}

/// Maximum size of a header in bytes.
const MAX_HEADER: u64 = 4 + 4 * 255;

/// Valid IDX file.
#[derive(Debug)]
pub(super) struct File {
    pub path: PathBuf,
    /// SHA-256 of the uncompressed file.
    pub sha256: [u8; 32],
    element: Element,
    shape: Vec<usize>,
    /// Elements without the header.
    items: Vec<u8>,
}

impl File {
    /// Reads and validates a file.
    ///
    /// # Errors
    /// If it cannot be read or is not a complete IDX file; the message names it, its format and the remedy.
    pub fn open(path: PathBuf) -> Result<Self> {
        let mut file = open(&path)?;
        let mut magic = Vec::new();
        (&mut file)
            .take(2)
            .read_to_end(&mut magic)
            .map_err(|error| cannot("read", &path, &error))?;
        let is_packed = Format::of(&magic) == Format::Gzip;
        let file = Cursor::new(magic).chain(file);
        let bytes = if is_packed {
            gunzip(file).map_err(|error| {
                anyhow!(
                    "{}: corrupt gzip file, cut or damaged ({error}); copy or download it again",
                    path.display()
                )
            })
        } else {
            read(file).map_err(|error| cannot("read", &path, &error))
        }?;
        ensure!(
            bytes.len() as u64 <= MAX_BYTES,
            "{} has more than {} GiB uncompressed, the maximum ({} images of {SIDE}x{SIDE} pixels); use fewer images",
            path.display(),
            MAX_BYTES >> 30,
            MAX_BYTES / PIXELS as u64
        );
        Self::parse(path, bytes)
    }

    fn parse(path: PathBuf, mut bytes: Vec<u8>) -> Result<Self> {
        let format = Format::of(&bytes);
        let element = bytes.get(2).and_then(|&code| Element::of_code(code));
        ensure!(
            format != Format::Gzip,
            "{} is compressed twice; decompress it with gunzip",
            path.display()
        );
        let (Format::Idx, Some(element)) = (format, element) else {
            return Err(format.unexpected(&path, Needed::Idx));
        };
        let sha256 = Sha256::digest(&bytes).into();
        let header = 4 + 4 * usize::from(bytes[3]);
        let shape = shape(&bytes).with_context(|| {
            format!(
                "{}: {} bytes are too few for an IDX header of {header} bytes; copy or download it again",
                path.display(),
                bytes.len()
            )
        })?;
        ensure!(
            shape.iter().all(|&side| side > 0),
            "{} contains no items; a dataset needs at least one",
            path.display()
        );
        let size_of = |shape: &[usize]| {
            let product = shape.iter().try_fold(element.size() as u64, |size, &side| {
                size.checked_mul(side as u64)
            });
            product.and_then(|size| size.checked_add(header as u64))
        };
        let (expected, found) = (size_of(&shape), bytes.len() as u64);
        let swapped: Vec<usize> = shape
            .iter()
            .map(|&side| (side as u32).swap_bytes() as usize)
            .collect();
        ensure!(
            expected == Some(found) || size_of(&swapped) != Some(found),
            "{}: the dimensions are in little-endian byte order, as {swapped:?}; IDX files are big-endian",
            path.display()
        );
        ensure!(
            expected == Some(found),
            "{}: the header announces {} ({} bytes), but the file has {found} bytes, {}; copy or download it again",
            path.display(),
            description(element, &shape),
            expected.map_or_else(|| "too many".to_owned(), |size| size.to_string()),
            if expected.is_none_or(|size| found < size) {
                "it is truncated"
            } else {
                "with trailing bytes"
            }
        );
        bytes.drain(..header);
        Ok(Self {
            path,
            sha256,
            element,
            shape,
            items: bytes,
        })
    }

    /// Returns the contents as images.
    ///
    /// # Errors
    /// If they are not grayscale images in unsigned bytes; the message names what was found.
    pub fn images(self) -> Result<Images> {
        ensure!(
            self.shape.len() > 1,
            "{} has {}, as labels have; images are unsigned bytes [N, height, width]: if the files of images and labels have \
             each other's names, swap them",
            self.path.display(),
            self.description()
        );
        let size = image_size(&self.shape).unwrap_or_default();
        ensure!(
            self.element == Element::U8 && size != [0; 2],
            "{} has {}; images are unsigned bytes [N, height, width]: docs/data.md has a script that converts them",
            self.path.display(),
            self.description()
        );
        ensure!(
            self.shape[0] <= MAX_IMAGES,
            "{} has {} images, the maximum is {MAX_IMAGES}; use fewer images",
            self.path.display(),
            self.shape[0]
        );
        Ok(Images {
            path: self.path,
            sha256: self.sha256,
            size,
            pixels: self.items,
        })
    }

    /// Returns the contents as labels: one integer per image, the index of the 1 in each one-hot row, or the first
    /// integer of each row, as in QMNIST.
    ///
    /// # Errors
    /// If they are not integers; the message names what was found.
    pub fn labels(self) -> Result<Labels> {
        let columns = match self.shape[..] {
            [_] => 1,
            [_, columns] => columns,
            _ => 0,
        };
        let value = |item: &[u8]| match *item {
            [byte] if self.element == Element::I8 => byte.cast_signed().into(),
            [byte] => byte.into(),
            [a, b] => i16::from_be_bytes([a, b]).into(),
            _ => item
                .first_chunk()
                .map_or(0, |&item| i32::from_be_bytes(item).into()),
        };
        ensure!(
            columns > 0 && !matches!(self.element, Element::F32 | Element::F64),
            "{} has {}; labels are integers [N], or [N, columns] with the label in the first column: docs/data.md has a \
             script that converts them",
            self.path.display(),
            description(self.element, &self.shape)
        );
        let size = self.element.size();
        Labels::of_rows(self.path, &self.items, [size, columns], value)
    }

    /// Returns the first dimension, the number of images or labels.
    pub fn count(&self) -> usize {
        self.shape.first().copied().unwrap_or_default()
    }

    /// Returns the type of the elements and the shape, for messages.
    pub fn description(&self) -> String {
        description(self.element, &self.shape)
    }
}

/// Returns true if a file begins like IDX labels of `count` images.
pub(super) fn has_labels(path: &Path, count: usize) -> bool {
    path.is_file()
        && head(path).is_some_and(|(element, shape)| {
            shape.first() == Some(&count)
                && match element {
                    Element::F32 | Element::F64 => false,
                    Element::I32 => shape.len() <= 2,
                    _ => shape.len() == 1,
                }
        })
}

/// Returns the type of the elements and the shape of an IDX file by its header.
fn head(path: &Path) -> Option<(Element, Vec<usize>)> {
    let read = |source: &mut dyn Read| {
        let mut bytes = Vec::new();
        source.take(MAX_HEADER).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    let mut bytes = read(&mut open(path).ok()?)?;
    if Format::of(&bytes) == Format::Gzip {
        bytes = read(&mut MultiGzDecoder::new(open(path).ok()?))?;
    }
    let element = Element::of_code(*bytes.get(2)?)?;
    let shape = shape(&bytes).filter(|_| Format::of(&bytes) == Format::Idx)?;
    Some((element, shape))
}

/// Returns the shape in a header; `None` if it is incomplete.
fn shape(bytes: &[u8]) -> Option<Vec<usize>> {
    let header = 4 + 4 * usize::from(*bytes.get(3)?);
    let sides = bytes.get(4..header)?.as_chunks().0;
    let side = |&side: &[u8; 4]| u32::from_be_bytes(side) as usize;
    Some(sides.iter().map(side).collect())
}

fn description(element: Element, shape: &[usize]) -> String {
    format!("{} {shape:?}", element.name())
}

/// Returns true for an IDX file, plain or compressed with gzip; a damaged gzip file counts. Pipes are not opened, which would
/// wait for their writers.
pub(super) fn is_file(path: &Path) -> bool {
    let content = || Format::of_content(path);
    path.is_file() && matches!(content(), Ok((Format::Idx | Format::Gzip, _)))
}

/// Combines the four files of MNIST, in the order of [`super::locate::NAMES`], into a dataset.
///
/// # Errors
/// If images and labels do not match.
pub(super) fn assemble(name: &str, files: [File; 4]) -> Result<Dataset> {
    let [train_images, train_labels, test_images, test_labels] = files;
    let sha256 = train_images.sha256;
    Ok(Dataset {
        name: name.into(),
        sha256,
        sizes: Sizes::MNIST,
        train: split(train_images, train_labels)?,
        test: split(test_images, test_labels)?,
        class_names: String::new(),
    })
}

fn split(images: File, labels: File) -> Result<Split> {
    let images = images.images()?;
    images.check_labels(&labels.path, labels.count())?;
    let labels = labels.labels()?;
    ensure!(
        images.size == [SIDE; 2],
        "{} contains images of {:?} pixels, expected {SIDE}x{SIDE}",
        images.path.display(),
        images.size
    );
    let classes = labels.values.into_iter().map(u8::try_from);
    Ok(Split {
        pixels: images.pixels,
        labels: classes.collect::<Result<_, _>>()?,
    })
}

/// Decompresses at most [`MAX_BYTES`] + 1 bytes of a gzip stream.
pub(super) fn gunzip(packed: impl Read) -> io::Result<Vec<u8>> {
    read(MultiGzDecoder::new(packed))
}

/// Reads at most [`MAX_BYTES`] + 1 bytes.
pub(super) fn read(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
