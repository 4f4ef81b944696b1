//! IDX files: MNIST's format, plain or gzipped.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::{Dataset, MAX_CLASSES, PIXELS, SIDE, Split};

/// The files of a dataset: train images, train labels, test images, test labels.
pub(super) const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

const IMAGES_MAGIC: u32 = 0x0000_0803;
const LABELS_MAGIC: u32 = 0x0000_0801;
/// Largest uncompressed file, in bytes: 1.3 million images.
const MAX_BYTES: u64 = 1 << 30;

/// A valid IDX file.
pub(super) struct File {
    pub path: PathBuf,
    /// Of the uncompressed file.
    pub sha256: [u8; 32],
    /// What follows the header: pixels or labels.
    items: Vec<u8>,
}

impl File {
    /// Reads a file of images or of labels.
    pub fn open(path: PathBuf, images: bool) -> Result<Self> {
        let file =
            fs::File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        let bytes = if path.extension().is_some_and(|end| end == "gz") {
            gunzip(file)
                .with_context(|| format!("{}: corrupt gzip file; fetch it again", path.display()))?
        } else {
            read(file).with_context(|| format!("cannot read {}", path.display()))?
        };
        let sha256 = Sha256::digest(&bytes).into();
        let items = items(bytes, images).with_context(|| path.display().to_string())?;
        Ok(Self {
            path,
            sha256,
            items,
        })
    }
}

/// The path of one of [`NAMES`] in a folder: plain or gzipped, also spelt with a dot as some mirrors do.
pub(super) fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let dotted = name.replace("-idx", ".idx");
    let spellings = [
        name.into(),
        dotted.clone(),
        format!("{name}.gz"),
        format!("{dotted}.gz"),
    ];
    spellings
        .iter()
        .map(|spelling| folder.join(spelling))
        .find(|path| path.is_file())
}

/// Whether one of [`NAMES`] is that of images.
pub(super) fn is_images(name: &str) -> bool {
    name.contains("images")
}

/// All four files of a folder.
pub(super) fn open_folder(folder: &Path) -> Result<[File; 4]> {
    let open = |name| {
        let path = find(folder, name).with_context(|| {
            let wanted = NAMES.join(", ");
            format!(
                "{}: no {name} or {name}.gz; the folder must hold {wanted}",
                folder.display()
            )
        })?;
        File::open(path, is_images(name))
    };
    let [a, b, c, d] = NAMES;
    Ok([open(a)?, open(b)?, open(c)?, open(d)?])
}

/// A dataset of the four files, in the order of [`NAMES`].
pub(super) fn assemble(name: &str, files: [File; 4]) -> Result<Dataset> {
    let [train_images, train_labels, test_images, test_labels] = files;
    let sha256 = train_images.sha256;
    let (train, test) = (
        split(train_images, train_labels)?,
        split(test_images, test_labels)?,
    );
    Ok(Dataset {
        name: name.into(),
        sha256,
        train,
        test,
        class_names: String::new(),
    })
}

/// Images with their labels.
pub(super) fn split(images: File, labels: File) -> Result<Split> {
    let count = images.items.len() / PIXELS;
    ensure!(
        count == labels.items.len(),
        "{} holds {count} images but {} holds {} labels; fetch both again from one place",
        images.path.display(),
        labels.path.display(),
        labels.items.len()
    );
    Ok(Split {
        pixels: images.items,
        labels: labels.items,
    })
}

/// Images without labels: all of class 0.
pub(super) fn unlabelled(images: File) -> Split {
    Split {
        labels: vec![0; images.items.len() / PIXELS],
        pixels: images.items,
    }
}

/// SHA-256 of the IDX file that these images would make.
pub(super) fn hash(images: &Split) -> [u8; 32] {
    let mut hasher = Sha256::new_with_prefix(image_header(images.len()));
    hasher.update(&images.pixels);
    hasher.finalize().into()
}

/// The IDX header of `count` images.
pub(super) fn image_header(count: usize) -> [u8; 16] {
    let fields = [IMAGES_MAGIC, count as u32, SIDE as u32, SIDE as u32].map(u32::to_be_bytes);
    let mut header = [0; 16];
    header.copy_from_slice(fields.as_flattened());
    header
}

/// All bytes of a gzip stream.
pub(super) fn gunzip(packed: impl Read) -> Result<Vec<u8>> {
    read(MultiGzDecoder::new(packed))
}

fn read(source: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    ensure!(
        bytes.len() as u64 <= MAX_BYTES,
        "more than {MAX_BYTES} bytes; use fewer images"
    );
    Ok(bytes)
}

/// Checks an IDX file and strips its header.
fn items(mut bytes: Vec<u8>, images: bool) -> Result<Vec<u8>> {
    let (magic, header, size) = if images {
        (IMAGES_MAGIC, 16, PIXELS)
    } else {
        (LABELS_MAGIC, 8, 1)
    };
    ensure!(
        bytes.len() >= header,
        "{} bytes are too few for an IDX header of {header}; fetch it again",
        bytes.len()
    );
    let fields: Vec<u32> = bytes[..header]
        .as_chunks()
        .0
        .iter()
        .map(|&field| u32::from_be_bytes(field))
        .collect();
    ensure!(
        fields[0] == magic,
        "starts with {:#010x}, an IDX file of {} starts with {magic:#010x}; fetch it again",
        fields[0],
        if images { "images" } else { "labels" }
    );
    ensure!(
        fields[2..].iter().all(|&side| side == SIDE as u32),
        "holds items of {:?} pixels, only {SIDE}x{SIDE} will do; scale the images",
        &fields[2..]
    );
    let (count, found) = (u64::from(fields[1]), bytes.len() as u64);
    ensure!(count > 0, "holds no items; a dataset needs at least one");
    let expected = header as u64 + count * size as u64;
    ensure!(
        found == expected,
        "{} bytes by its header ({count} items of {size}) but {found} in the file, {}; fetch it again",
        expected,
        if found < expected {
            "which is truncated"
        } else {
            "with trailing bytes"
        }
    );
    bytes.drain(..header);
    if !images {
        let largest = bytes.iter().copied().max().unwrap_or_default();
        ensure!(
            usize::from(largest) < MAX_CLASSES,
            "label {largest} found; labels must be below {MAX_CLASSES}"
        );
    }
    Ok(bytes)
}
