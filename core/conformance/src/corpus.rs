//! Corpora of the fuzz targets, from which property tests make their inputs on stable Rust.

use std::{env, fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::Index};

/// Maximum number of changes to a file.
const MAX_EDITS: usize = 6;

/// Change of a file at a position.
#[derive(Clone, Debug)]
enum Edit {
    /// Replaces a byte.
    Set(Index, u8),
    /// Flips a bit.
    Flip(Index, u8),
    /// Inserts bytes.
    Insert(Index, Vec<u8>),
    /// Removes some bytes.
    Remove(Index, usize),
    /// Removes all bytes after the position.
    Cut(Index),
    /// Copies some bytes to another position.
    Repeat(Index, usize, Index),
}

/// Values at which ranges end, and characters that separate.
const LIMITS: [u8; 12] = [
    0, 1, 0x7f, 0x80, 0x81, 0xfe, 0xff, b'\n', b'\r', b',', b'"', b' ',
];

impl Edit {
    fn apply(&self, file: &mut Vec<u8>) {
        let at = |index: &Index, len: usize| index.index(len.max(1)).min(len);
        let len = file.len();
        match self {
            Self::Set(index, byte) => {
                if let Some(old) = file.get_mut(at(index, len)) {
                    *old = *byte;
                }
            }
            Self::Flip(index, bit) => {
                if let Some(old) = file.get_mut(at(index, len)) {
                    *old ^= 1 << (bit % 8);
                }
            }
            Self::Insert(index, bytes) => {
                let at = at(index, len);
                file.splice(at..at, bytes.iter().copied());
            }
            Self::Remove(index, count) => {
                let at = at(index, len);
                file.drain(at..len.min(at + count));
            }
            Self::Cut(index) => file.truncate(at(index, len)),
            Self::Repeat(index, count, to) => {
                let from = at(index, len);
                let bytes = file[from..len.min(from + count)].to_vec();
                let to = at(to, len);
                file.splice(to..to, bytes);
            }
        }
    }
}

/// Returns the committed corpus of a fuzz target, in the order of its file names.
///
/// # Panics
/// If there is no such corpus, or it is empty.
pub fn read(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} contains no file", folder.display());
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Strategy for copies of the files of [`read`] with up to six changes.
///
/// # Panics
/// As [`read`].
pub fn changed(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let byte = || prop_oneof![any::<u8>(), proptest::sample::select(&LIMITS[..])];
    let edit = prop_oneof![
        4 => (any::<Index>(), byte()).prop_map(|(index, byte)| Edit::Set(index, byte)),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(index, bit)| Edit::Flip(index, bit)),
        1 => (any::<Index>(), vec(byte(), 1..5)).prop_map(|(index, bytes)| Edit::Insert(index, bytes)),
        1 => (any::<Index>(), 1_usize..9).prop_map(|(index, count)| Edit::Remove(index, count)),
        1 => any::<Index>().prop_map(Edit::Cut),
        1 => (any::<Index>(), 1_usize..33, any::<Index>()).prop_map(|(index, count, to)| Edit::Repeat(index, count, to)),
    ];
    (
        proptest::sample::select(read(target)),
        vec(edit, 0..=MAX_EDITS),
    )
        .prop_map(|(mut file, edits)| {
            for edit in &edits {
                edit.apply(&mut file);
            }
            file
        })
}

/// Returns the configuration of a property test with `cases` cases, or as many as `PROPTEST_CASES` says.
pub fn config(cases: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    if env::var_os("PROPTEST_CASES").is_some() {
        config
    } else {
        ProptestConfig { cases, ..config }
    }
}
