//! Order and validation of class names.

use std::{cmp::Ordering, collections::BTreeSet};

use anyhow::{Result, ensure};

use super::Dataset;
use crate::text::{check_printable, count};

/// Maximum length of a class name in bytes, which displays limit.
const LONGEST: usize = 16;

/// Compares names with the numbers in them by value: `class2` is before `class10`.
pub(super) fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while !left.is_empty() && !right.is_empty() {
        let order = if let (Some((x, rest)), Some((y, other))) = (number(left), number(right)) {
            (left, right) = (rest, other);
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            let (mut x, mut y) = (left.chars(), right.chars());
            let order = x.next().cmp(&y.next());
            (left, right) = (x.as_str(), y.as_str());
            order
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Splits a number without leading zeros from the start of a text.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|digit: char| !digit.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (!digits.is_empty()).then(|| (digits.trim_start_matches('0'), rest))
}

/// Returns the class names as a [`Dataset`] has them: one per line, none if they are the numbers of the classes.
pub(super) fn class_names(names: &[String]) -> String {
    let is_number = |(class, name): (usize, &String)| *name == class.to_string();
    if names.iter().enumerate().all(is_number) {
        String::new()
    } else {
        names.join("\n")
    }
}

impl Dataset {
    /// Validates the class names, after replacing them unless `names` is empty, and reports which class got which
    /// name.
    ///
    /// # Errors
    /// If the number of names differs from the number of classes, or a name is invalid.
    pub(super) fn named(self, names: &[String]) -> Result<Self> {
        if names.is_empty() {
            self.check_names()?;
            return Ok(self);
        }
        let classes = usize::from(self.classes());
        ensure!(
            classes > 0,
            "--class-names has no effect: the dataset {} has fewer than two classes",
            self.name
        );
        let names: Vec<_> = names.iter().map(|name| name.trim()).collect();
        ensure!(
            names.len() == classes,
            "--class-names has {}, but the dataset {} has {}; pass one name per class",
            count(names.len(), "name"),
            self.name,
            count(classes, "class")
        );
        let renamed: Vec<_> = (0..self.classes())
            .zip(&names)
            .map(|(class, name)| format!("{} is {name}", self.class_name(class)))
            .collect();
        let dataset = Self {
            class_names: names.join("\n"),
            ..self
        };
        dataset.check_names()?;
        errln!("class names: {}", renamed.join(", "));
        Ok(dataset)
    }

    /// Validates the class names and warns of characters that boards do not show.
    ///
    /// # Errors
    /// If a name is empty, too long or not printable, two names are equal, or their number is wrong.
    fn check_names(&self) -> Result<()> {
        if self.class_names.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = self.class_names.split('\n').collect();
        for name in &names {
            check_printable("class name", name)?;
            ensure!(
                !name.trim().is_empty(),
                "class name {name:?} is blank; pass other names with --class-names"
            );
            ensure!(
                name.len() <= LONGEST,
                "class name {name:?} has {} bytes, the maximum is {LONGEST}; pass other names with --class-names",
                name.len()
            );
        }
        let classes = usize::from(self.classes().max(1));
        ensure!(
            names.len() == classes,
            "the dataset {} has {} but {}; pass one name per class with --class-names",
            self.name,
            count(classes, "class"),
            count(names.len(), "class name")
        );
        let mut known = BTreeSet::new();
        for name in &names {
            ensure!(
                known.insert(name),
                "two classes have the name {name:?}; pass a different name for each class with --class-names"
            );
        }
        let unknown: Vec<_> = names.into_iter().filter(|name| !is_shown(name)).collect();
        if !unknown.is_empty() {
            errln!(
                "warning: the fonts of boards have ASCII characters only, others appear as `?`: {}; pass other names \
                 with --class-names if the model is for a board",
                unknown.join(", ")
            );
        }
        Ok(())
    }
}

/// Returns true if boards have a glyph for every character.
fn is_shown(name: &str) -> bool {
    name.is_ascii()
}

#[cfg(test)]
mod tests {
    use thumbgan_app::FONTS;

    use super::*;

    #[test]
    fn numbers_are_in_order_of_their_values() {
        let mut names = [
            "10", "a", "2", "class10", "class2", "01", "1", "b2c", "b10a", "",
        ];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(
            names,
            [
                "", "01", "1", "2", "10", "a", "b2c", "b10a", "class2", "class10"
            ]
        );
        assert_eq!(
            natural_order("99999999999999999999999", "100000000000000000000000"),
            Ordering::Less
        );
    }

    #[test]
    fn shown_characters_are_those_of_the_fonts_of_boards() {
        for font in FONTS {
            let has_glyph = |character| {
                font.glyph_mapping.index(character) != font.glyph_mapping.index('\u{fffd}')
            };
            for character in (' '..='~').filter(|&character| character != '?') {
                assert!(
                    has_glyph(character) && is_shown(&character.to_string()),
                    "{character}"
                );
            }
            for character in ['ï', 'é', 'ね', '€'] {
                assert!(
                    !has_glyph(character) && !is_shown(&character.to_string()),
                    "{character}"
                );
            }
        }
    }
}
