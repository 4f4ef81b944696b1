//! ZIP archives of NumPy (`.npz`): entries that are stored or compressed with deflate.
//!
//! The central directory at the end of the file lists the entries (PKWARE's APPNOTE.TXT).

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use flate2::{Crc, read::DeflateDecoder};

use crate::{
    files::{cannot, open},
    text::one_line,
};

/// Length of the record at the end of an archive without its comment.
const END: usize = 22;
/// Length of an entry of the central directory without its name.
const ENTRY: usize = 46;
/// Length of the header before the data of an entry without its name.
const LOCAL: usize = 30;
/// Size of a field whose value is in the ZIP64 record.
const ZIP64: u64 = 0xffff_ffff;

/// Entry of an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Path in the archive.
    pub name: String,
    /// Uncompressed size in bytes.
    pub size: u64,
    packed: u64,
    offset: u64,
    crc: u32,
    is_deflated: bool,
}

/// Reads the central directory of an archive.
///
/// # Errors
/// If it is truncated, damaged or of an unsupported kind; the message names the file.
pub(super) fn entries(path: &Path) -> Result<Vec<Entry>> {
    let mut file = open(path)?;
    let length = file
        .seek(SeekFrom::End(0))
        .map_err(|error| cannot("read", path, &error))?;
    let tail = length.min(END as u64 + 0xffff);
    let tail = read_at(&mut file, path, length - tail, tail)?;
    let damaged = || damaged(path, "the list of its entries is missing or damaged");
    let end = tail
        .windows(END)
        .rposition(|part| part.starts_with(b"PK\x05\x06"))
        .with_context(damaged)?;
    let end = &tail[end..];
    let (count, size, offset) = (number(end, 10, 2), number(end, 12, 4), number(end, 16, 4));
    ensure!(
        offset != ZIP64 && size != ZIP64,
        "{} is a ZIP64 archive; save it again with `numpy.savez_compressed`",
        path.display()
    );
    ensure!(offset + size <= length, damaged());
    let bytes = read_at(&mut file, path, offset, size)?;
    let mut rest = &bytes[..];
    let mut entries = Vec::new();
    for _ in 0..count {
        let is_entry = rest.len() >= ENTRY && rest.starts_with(b"PK\x01\x02");
        ensure!(is_entry, damaged());
        let name_end = ENTRY + number(rest, 28, 2) as usize;
        let end = name_end + (number(rest, 30, 2) + number(rest, 32, 2)) as usize;
        let name = rest.get(ENTRY..name_end).with_context(damaged)?;
        entries.push(entry(
            path,
            rest,
            one_line(&String::from_utf8_lossy(name)).into_owned(),
        )?);
        rest = rest.get(end..).with_context(damaged)?;
    }
    Ok(entries)
}

/// Returns the path of an entry for messages. Joined to the archive's path, an absolute name would replace it.
pub(super) fn path_of(archive: &Path, name: &str) -> PathBuf {
    let mut path = archive.as_os_str().to_owned();
    path.push("/");
    path.push(name);
    path.into()
}

/// Returns an entry by its fields in the central directory.
fn entry(path: &Path, fields: &[u8], name: String) -> Result<Entry> {
    let shown = path_of(path, &name);
    let entry = Entry {
        name,
        size: number(fields, 24, 4),
        packed: number(fields, 20, 4),
        offset: number(fields, 42, 4),
        crc: number(fields, 16, 4) as u32,
        is_deflated: match number(fields, 10, 2) {
            0 => false,
            8 => true,
            method => bail!(
                "{} is compressed with method {method}; save it again with `numpy.savez_compressed`",
                shown.display()
            ),
        },
    };
    ensure!(
        number(fields, 8, 2) & 1 == 0,
        "{} is encrypted; decrypt it",
        shown.display()
    );
    ensure!(
        [entry.size, entry.packed, entry.offset]
            .iter()
            .all(|&field| field < ZIP64),
        "{} has 4 GiB or more; use fewer images",
        shown.display()
    );
    Ok(entry)
}

impl Entry {
    /// Opens the uncompressed data of the entry, which [`Entry::read`] verifies.
    ///
    /// # Errors
    /// If the archive cannot be read or is damaged.
    pub fn open(&self, path: &Path) -> Result<Box<dyn Read>> {
        let mut file = open(path)?;
        let local = read_at(&mut file, path, self.offset, LOCAL as u64)?;
        ensure!(
            local.starts_with(b"PK\x03\x04"),
            damaged(path, "an entry is not where the list of entries says")
        );
        let start = self.offset + LOCAL as u64 + number(&local, 26, 2) + number(&local, 28, 2);
        file.seek(SeekFrom::Start(start))
            .map_err(|error| cannot("read", path, &error))?;
        let packed = file.take(self.packed);
        Ok(if self.is_deflated {
            Box::new(DeflateDecoder::new(packed))
        } else {
            Box::new(packed)
        })
    }

    /// Reads the uncompressed data and verifies its size and CRC-32.
    ///
    /// # Errors
    /// If it is damaged; the message names the archive.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = self.open(path)?.take(self.size + 1).read_to_end(&mut bytes);
        if let Err(error) = read {
            bail!(damaged(
                path,
                &format!("{} is cut or damaged ({error})", self.name)
            ));
        }
        let mut crc = Crc::new();
        crc.update(&bytes);
        ensure!(
            bytes.len() as u64 == self.size && crc.sum() == self.crc,
            damaged(
                path,
                &format!("{} does not have its size or CRC-32", self.name)
            )
        );
        Ok(bytes)
    }
}

fn damaged(path: &Path, fault: &str) -> String {
    format!(
        "{}: corrupt NumPy archive, {fault}; copy or download it again",
        path.display()
    )
}

/// Reads `count` bytes from an offset.
fn read_at(file: &mut File, path: &Path, offset: u64, count: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))
        .and_then(|_| file.take(count).read_to_end(&mut bytes))
        .map_err(|error| cannot("read", path, &error))?;
    ensure!(
        bytes.len() as u64 == count,
        damaged(path, "it is truncated")
    );
    Ok(bytes)
}

/// Returns the little-endian integer of `count` bytes at an offset.
fn number(bytes: &[u8], offset: usize, count: usize) -> u64 {
    bytes[offset..offset + count]
        .iter()
        .rev()
        .fold(0, |value, &byte| value << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_entries_are_printable_and_begin_with_the_archive() {
        let path = path_of(Path::new("a.npz"), &one_line("/etc/x\n.npy"));
        assert_eq!(path, Path::new("a.npz//etc/x\\u000a.npy"));
    }
}
