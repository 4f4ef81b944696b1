//! File formats, recognized by their first bytes and never by their names.

use std::{io::Read, path::Path};

use anyhow::{Result, anyhow};
use flate2::read::MultiGzDecoder;

use crate::{
    files::{cannot, name, open},
    text::{decode, shell_word},
};

/// Number of bytes that identify a format.
const HEAD: u64 = 512;

const CONVERT: &str = "convert it to PNG, with ImageMagick: `mogrify -format png FILE`";
const UNPACK: &str = "unpack it and pass the folder with --data";
const DECOMPRESS: &str = "decompress it and pass the result with --data";
const EXPORT: &str =
    "save its images as uint8 with `numpy.save` in Python and pass them with --dataset numpy";
const AGAIN: &str = "copy or download it again";
const PAGE: &str = "download the file itself, not the page that links to it";

/// Offset and bytes of a signature, the name of the format with its article, and the remedy.
type Signature = (usize, &'static [u8], &'static str, &'static str);

/// Formats that are not read; specific signatures come before general ones.
const SIGNATURES: [Signature; 33] = [
    (0, b"GIF8", "a GIF image", CONVERT),
    (0, b"BM", "a BMP image", CONVERT),
    (0, b"II*\0", "a TIFF image", CONVERT),
    (0, b"MM\0*", "a TIFF image", CONVERT),
    (8, b"WEBP", "a WebP image", CONVERT),
    (4, b"ftypavif", "an AVIF image", CONVERT),
    (4, b"ftyphei", "a HEIC image", CONVERT),
    (4, b"ftypmif1", "a HEIF image", CONVERT),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL image", CONVERT),
    (0, b"\xff\x0a", "a JPEG XL image", CONVERT),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 image", CONVERT),
    (0, b"8BPS", "a Photoshop image", CONVERT),
    (0, b"\0\0\x01\0", "an ICO image", CONVERT),
    (0, b"qoif", "a QOI image", CONVERT),
    (0, b"%PDF", "a PDF document", CONVERT),
    (0, b"PK\x03\x04", "a ZIP archive", UNPACK),
    (0, b"PK\x05\x06", "an empty ZIP archive", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (0, b"Rar!", "a RAR archive", UNPACK),
    (0, b"BZh", "a bzip2 file", DECOMPRESS),
    (0, b"\xfd7zXZ\0", "an xz file", DECOMPRESS),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard file", DECOMPRESS),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"\x89HDF", "an HDF5 file", EXPORT),
    (0, b"PAR1", "a Parquet file", EXPORT),
    (0, b"MATLAB 5.0", "a MATLAB file", EXPORT),
    (0, b"\x80\x02", "a Python pickle", EXPORT),
    (0, b"\x80\x03", "a Python pickle", EXPORT),
    (0, b"\x80\x04", "a Python pickle", EXPORT),
    (0, b"\x80\x05", "a Python pickle", EXPORT),
    (0, b"\0\x05\x16\x07", "a macOS metadata file", "delete it"),
    (
        0,
        b"TGAN",
        "a thumbgan model",
        "pass it with --model to `sample`, `inspect` or `evaluate`",
    ),
    (
        0,
        b"version https://git-lfs",
        "a Git LFS pointer",
        "fetch the file that it stands for with `git lfs pull`",
    ),
];

/// Format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PNG image.
    Png,
    /// JPEG image.
    Jpeg,
    /// gzip-compressed file.
    Gzip,
    /// IDX array, the format of MNIST.
    Idx,
    /// NumPy array.
    Npy,
    /// NumPy archive of arrays.
    Npz,
    /// Table in text form, with columns separated by commas, semicolons or tabs.
    Csv,
    /// Another format: its name with its article, and the remedy.
    Other(&'static str, &'static str),
}

impl Format {
    /// Web page, such as one that asks for a login.
    pub const WEB_PAGE: Self = Self::Other("a web page (HTML)", PAGE);

    /// Recognizes the format of a file.
    ///
    /// # Errors
    /// If the file cannot be read; the message names it.
    pub fn of_file(path: &Path) -> Result<Self> {
        let mut head = Vec::new();
        open(path)?
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| cannot("read", path, &error))?;
        Ok(Self::of(&head))
    }

    /// Recognizes the format of a file and, if it is a gzip file, that of its content; [`Format::Gzip`] if the content
    /// cannot be decompressed.
    ///
    /// # Errors
    /// If the file cannot be read; the message names it.
    pub fn of_content(path: &Path) -> Result<(Self, bool)> {
        let format = Self::of_file(path)?;
        if format != Self::Gzip {
            return Ok((format, false));
        }
        let mut head = Vec::new();
        let unpacked = MultiGzDecoder::new(open(path)?)
            .take(HEAD)
            .read_to_end(&mut head);
        Ok((unpacked.map_or(format, |_| Self::of(&head)), true))
    }

    /// Recognizes a format by the first bytes of a file.
    pub fn of(bytes: &[u8]) -> Self {
        let head = &bytes[..bytes.len().min(HEAD as usize)];
        match head {
            [] => return Self::Other("an empty file", AGAIN),
            [0x89, b'P', b'N', b'G', ..] => return Self::Png,
            [0xff, 0xd8, 0xff, ..] => return Self::Jpeg,
            [0x1f, 0x8b, ..] => return Self::Gzip,
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => return Self::Npy,
            [b'P', b'1'..=b'6', b'\n' | b'\r' | b' ' | b'\t' | b'#', ..] => {
                return Self::Other("a PNM image", CONVERT);
            }
            [0, 0, 8 | 9 | 0xb..=0xe, 1..=255, ..] => return Self::Idx,
            _ => {}
        }
        // The first entry of NumPy's archives is an array.
        if head.starts_with(b"PK") && head.windows(4).any(|part| part == b".npy") {
            return Self::Npz;
        }
        let known = SIGNATURES.iter().find(|(offset, signature, ..)| {
            head[(*offset).min(head.len())..].starts_with(signature)
        });
        match known {
            Some(&(_, _, name, remedy)) => Self::Other(name, remedy),
            None => Self::of_text(head),
        }
    }

    fn of_text(head: &[u8]) -> Self {
        // The last character of a long text may be cut.
        let cuts = if head.len() < HEAD as usize { 1 } else { 4 };
        let text = (0..cuts).find_map(|cut| decode(&head[..head.len() - cut]).ok());
        let Some(text) = text else {
            return Self::Other(
                "a file of unknown format",
                "check that it is the right file",
            );
        };
        let text = text.trim_start().to_lowercase();
        let first = text.lines().next().unwrap_or_default();
        if is_html(&text) {
            Self::WEB_PAGE
        } else if text.contains("<svg") {
            Self::Other("an SVG drawing", CONVERT)
        } else if first.contains([',', ';', '\t']) || text.lines().nth(1).is_some_and(is_number) {
            Self::Csv
        } else {
            Self::Other("a text file", "check that it is the right file")
        }
    }

    /// Returns true for images that can be read.
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg)
    }

    /// Returns the name of the format with its article.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "a PNG image",
            Self::Jpeg => "a JPEG image",
            Self::Gzip => "a gzip file",
            Self::Idx => "an IDX file",
            Self::Npy => "a NumPy array",
            Self::Npz => "a NumPy archive (.npz)",
            Self::Csv => "a table in text form (CSV)",
            Self::Other(name, _) => name,
        }
    }

    /// Returns the remedy for a file of this format where another one is needed.
    pub fn remedy(self, needed: Needed) -> &'static str {
        match (self, needed) {
            (Self::Gzip, Needed::Model) => "decompress it with gunzip",
            (Self::Gzip, Needed::Images) => {
                "unpack it, or pass it with --data and --dataset idx if it is an IDX file"
            }
            (Self::Other(_, remedy), Needed::Model) if ![CONVERT, EXPORT].contains(&remedy) => {
                remedy
            }
            (_, Needed::Model) => "name a .tgan file, which `trainer train` writes",
            (Self::Png | Self::Jpeg, _) => "pass its folder with --data and --dataset images",
            (Self::Gzip | Self::Idx, _) => "pass it with --data and --dataset idx",
            (Self::Csv, Needed::Images) => "classes are those of the folders, not of a table",
            (Self::Npy | Self::Npz, _) => "pass it with --data and --dataset numpy",
            (Self::Csv, _) => "pass it with --data and --dataset csv",
            (Self::Other(_, remedy), _) => remedy,
        }
    }

    /// Returns the name of the format of a file with its article, and the remedy where another one is needed. A gzip file
    /// is described by its content.
    pub fn explain(self, path: &Path, needed: Needed) -> (String, String) {
        let content = match Self::of_content(path) {
            Ok((content, true)) if needed != Needed::Model => content,
            _ => return (self.name().to_owned(), self.remedy(needed).to_owned()),
        };
        let unpack = if name(path).to_lowercase().ends_with(".gz") {
            format!("decompress it with `gunzip {}`", shell_word(path))
        } else {
            "append .gz to its name and decompress it with gunzip".to_owned()
        };
        let remedy = match content {
            Self::Gzip => unpack,
            Self::Idx | Self::Other(_, UNPACK | PAGE | AGAIN) => content.remedy(needed).to_owned(),
            _ if needed.is_met_by(content) => unpack,
            _ => format!("{unpack}, then {}", content.remedy(needed)),
        };
        let description = match content {
            Self::Gzip => self.name().to_owned(),
            _ => format!("a gzip file of {}", content.name()),
        };
        (description, remedy)
    }

    /// Returns the error for a file of this format where another one is needed.
    pub fn unexpected(self, path: &Path, needed: Needed) -> anyhow::Error {
        let (found, remedy) = self.explain(path, needed);
        anyhow!(
            "{} is {found}, not {}: {remedy}",
            path.display(),
            needed.name()
        )
    }
}

/// Kind of file that a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// IDX file.
    Idx,
    /// NumPy file.
    Numpy,
    /// Table of images.
    Csv,
    /// Image or folder of images.
    Images,
    /// Folder with the files of MNIST.
    Mnist,
    /// Model file.
    Model,
}

impl Needed {
    /// Returns true for a format that is read as this kind of file.
    pub fn is_met_by(self, format: Format) -> bool {
        match self {
            Self::Idx => format == Format::Idx,
            Self::Numpy => matches!(format, Format::Npy | Format::Npz),
            Self::Csv => format == Format::Csv,
            Self::Images => format.is_image(),
            Self::Mnist | Self::Model => false,
        }
    }

    /// Returns the name of the dataset that consists of such files on the command line.
    pub const fn dataset(self) -> &'static str {
        match self {
            Self::Idx => "idx",
            Self::Numpy => "numpy",
            Self::Csv => "csv",
            Self::Images => "images",
            Self::Mnist | Self::Model => "mnist",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Idx => "an IDX file",
            Self::Numpy => "a NumPy file (.npz or .npy)",
            Self::Csv => "a table (CSV)",
            Self::Images => "a folder of images",
            Self::Mnist => "a folder with the files of MNIST",
            Self::Model => "a thumbgan model",
        }
    }
}

/// Returns true for the beginning of a web page, in lower case: a tag at the start, or after comments and declarations.
fn is_html(text: &str) -> bool {
    const START: [&str; 7] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<meta",
        "<script",
    ];
    START.iter().any(|tag| text.starts_with(tag))
        || (["<!--", "<?xml"].iter().any(|tag| text.starts_with(tag)) && text.contains("<html"))
}

fn is_number(line: &str) -> bool {
    line.trim().parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_recognized_by_content() {
        let page = "\u{feff}\n<!DOCTYPE html><html>";
        let utf_16: Vec<u8> = "\u{feff}a,b\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let tar = [&[b'x'; 257][..], b"ustar"].concat();
        let cases: [(&[u8], &str); 21] = [
            (b"", "an empty file"),
            (b"\x89PNG\r\n\x1a\n", "a PNG image"),
            (b"\xff\xd8\xff\xe1", "a JPEG image"),
            (b"\x1f\x8b\x08", "a gzip file"),
            (b"\0\0\x08\x03", "an IDX file"),
            (b"\0\0\x0d\x02", "an IDX file"),
            (b"GIF89a", "a GIF image"),
            (b"RIFF1234WEBPVP8 ", "a WebP image"),
            (b"P5\n28 28\n255\n\0\xff", "a PNM image"),
            (b"PK\x03\x04\x14\0\0\0\0\0x.npy", "a NumPy archive (.npz)"),
            (b"PK\x03\x04\x14\0\0\0\0\0x.png", "a ZIP archive"),
            (&tar, "a tar archive"),
            (page.as_bytes(), "a web page (HTML)"),
            (b"<!-- login -->\n<HTML><body>", "a web page (HTML)"),
            (b"<?xml version='1.0'?><html>", "a web page (HTML)"),
            (
                b"<script>location.href='login'</script>",
                "a web page (HTML)",
            ),
            (b"<?xml version='1.0'?><svg>", "an SVG drawing"),
            (b"label,1x1,1x2\n5,0,0\n", "a table in text form (CSV)"),
            (b"label\n5\n0\n", "a table in text form (CSV)"),
            (&utf_16, "a table in text form (CSV)"),
            (b"\xde\xad\0\0", "a file of unknown format"),
        ];
        for (bytes, name) in cases {
            assert_eq!(Format::of(bytes).name(), name);
        }
        let cut = format!("x{}", "é".repeat(300));
        assert_eq!(Format::of(cut.as_bytes()).name(), "a text file");
    }
}
