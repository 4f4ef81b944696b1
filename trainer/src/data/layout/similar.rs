//! Class folders whose names look the same.

use std::{collections::BTreeMap, path::PathBuf};

use crate::{files::name, text::count};

/// Pairs of class folders with similar names, by the difference between the names.
#[derive(Debug, Default)]
pub(super) struct SimilarNames(BTreeMap<&'static str, Vec<[PathBuf; 2]>>);

impl SimilarNames {
    /// Records the pairs among the class folders of a dataset or split.
    pub fn add(&mut self, folders: &[PathBuf]) {
        let mut known: BTreeMap<String, Vec<&PathBuf>> = BTreeMap::new();
        for folder in folders {
            let similar = known.entry(skeleton(&name(folder))).or_default();
            for other in &*similar {
                if let Some(difference) = difference(&name(other), &name(folder)) {
                    let pair = [(*other).clone(), folder.clone()];
                    self.0.entry(difference).or_default().push(pair);
                }
            }
            similar.push(folder);
        }
    }

    /// Warns of the pairs.
    pub fn report(&self) {
        for (difference, pairs) in &self.0 {
            if let [[first, second], ..] = &pairs[..] {
                errln!(
                    "warning: class names that differ only in {difference}: {}, such as {} and {}; merge the folders of a \
                     pair if it is one class",
                    count(pairs.len(), "pair"),
                    first.display(),
                    second.display()
                );
            }
        }
    }
}

/// Returns the only difference between two names with the same skeleton, if they look the same.
fn difference(a: &str, b: &str) -> Option<&'static str> {
    let has_marks = |name: &str| name.contains(is_combining);
    if a.to_lowercase() == b.to_lowercase() {
        Some("upper and lower case")
    } else if has_marks(a) != has_marks(b) {
        Some("the Unicode form of accented letters (NFC and NFD)")
    } else {
        None
    }
}

/// Returns a name in lower case with a placeholder for each accented letter, composed or decomposed.
fn skeleton(name: &str) -> String {
    let mut skeleton = String::new();
    for character in name.to_lowercase().chars() {
        if is_combining(character) {
            if !skeleton.ends_with(char::REPLACEMENT_CHARACTER) {
                skeleton.pop();
                skeleton.push(char::REPLACEMENT_CHARACTER);
            }
        } else if character.is_ascii() {
            skeleton.push(character);
        } else {
            skeleton.push(char::REPLACEMENT_CHARACTER);
        }
    }
    skeleton
}

/// Returns true for characters that Unicode's decomposition (NFD) puts after a letter: accents, the sound marks of kana,
/// and vowels and final consonants of Hangul.
fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}' | '\u{1161}'..='\u{11c2}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_similar_if_they_differ_in_case_or_normalization() {
        for (a, b, is_similar) in [
            ("Cat", "cat", true),
            ("Ärger", "ärger", true),
            ("caf\u{e9}", "cafe\u{301}", true),
            ("Caf\u{e9}", "cafe\u{301}", true),
            ("vi\u{1ec7}t", "vie\u{302}\u{323}t", true),
            ("\u{d55c}", "\u{1112}\u{1161}\u{11ab}", true),
            ("\u{30ac}", "\u{30ab}\u{3099}", true),
            ("caf\u{e9}", "cafe", false),
            ("caf\u{e9}", "caf\u{e8}", false),
            ("e\u{301}", "e\u{300}", false),
            ("1", "10", false),
        ] {
            let mut names = SimilarNames::default();
            names.add(&[a, b].map(PathBuf::from));
            assert_eq!(!names.0.is_empty(), is_similar, "{a} {b}");
        }
    }
}
