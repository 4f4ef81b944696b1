//! Columns of a table: the labels, the pixels in the order of the image, and columns that are not read.

use std::{collections::BTreeMap, ops::RangeInclusive};

use anyhow::{Result, bail, ensure};

use crate::{
    data::SIDE,
    text::{count, quoted},
};

/// Names of the column of the labels, in lower case.
const LABEL: [&str; 5] = ["label", "labels", "class", "target", "y"];
/// Names of columns of row numbers, in lower case; pandas writes the first two.
const ROW: [&str; 7] = [
    "",
    "unnamed: 0",
    "id",
    "index",
    "imageid",
    "image_id",
    "row_id",
];
/// Minimum number of pixels of an image.
const MIN_PIXELS: usize = 64;

/// Meaning of the columns of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// Number of columns.
    pub count: usize,
    /// True if the first line contains the names of the columns.
    pub has_header: bool,
    /// Index of the column of the labels, if there is one.
    pub label: Option<usize>,
    /// True if the column of the labels is known by its name, not by its place.
    pub is_label_named: bool,
    /// Indices of the columns of the pixels, in the order of the image.
    pub pixels: Vec<usize>,
    /// Names of columns that are not read.
    pub unread: Vec<String>,
}

impl Columns {
    /// Parses the first line of a table.
    ///
    /// # Errors
    /// If the columns are not those of square images and at most one label.
    pub fn parse(cells: &[&str]) -> Result<Self> {
        let has_header = is_header(cells);
        let all = 0..cells.len();
        if !has_header {
            return Self::placed(cells, all.collect(), false);
        }
        let names: Vec<_> = cells.iter().map(|cell| cell.to_lowercase()).collect();
        let mut series: BTreeMap<String, Vec<(Vec<u64>, usize)>> = BTreeMap::new();
        for (index, name) in names.iter().enumerate() {
            if let Some((pattern, numbers)) = numbered(name) {
                series.entry(pattern).or_default().push((numbers, index));
            }
        }
        let longest = series.into_values().max_by_key(Vec::len);
        let Some(mut pixels) = longest.filter(|series| series.len() >= MIN_PIXELS) else {
            let others = all.filter(|&index| !ROW.contains(&names[index].as_str()));
            return Self::placed(cells, others.collect(), true);
        };
        pixels.sort();
        if let Some(pair) = pixels.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            bail!(
                "two columns are named {}; a pixel has one column",
                quoted(cells[pair[1].1])
            );
        }
        let pixels: Vec<_> = pixels.into_iter().map(|(_, index)| index).collect();
        let others: Vec<_> = all.filter(|index| !pixels.contains(index)).collect();
        Self::named(cells, &names, pixels, &others)
    }

    /// Finds the label by its place: in the first column, unless another one has its name.
    fn placed(cells: &[&str], mut read: Vec<usize>, has_header: bool) -> Result<Self> {
        let is_label =
            |&index: &usize| has_header && LABEL.contains(&cells[index].to_lowercase().as_str());
        let named = read.iter().position(is_label);
        let place = named.or_else(|| is_square(read.len().wrapping_sub(1)).then_some(0));
        let label = place.map(|place| read.remove(place));
        Self::new(cells, has_header, label, named.is_some(), read)
    }

    /// Finds the label among the columns `others` that are not in the numbered series `pixels`.
    fn named(
        cells: &[&str],
        names: &[String],
        mut pixels: Vec<usize>,
        others: &[usize],
    ) -> Result<Self> {
        let has_name = |list: &[&str], index: usize| list.contains(&names[index].as_str());
        let mut labels: Vec<_> = others
            .iter()
            .filter(|&&index| has_name(&LABEL, index))
            .collect();
        if labels.is_empty() {
            labels = others
                .iter()
                .filter(|&&index| !has_name(&ROW, index))
                .collect();
        }
        let label = match labels[..] {
            // A series 0 to 784: the label is its first column.
            [] if !is_square(pixels.len()) && is_square(pixels.len() - 1) => {
                let label = pixels.remove(0);
                return Self::new(cells, true, Some(label), false, pixels);
            }
            [] => None,
            [&label] => Some(label),
            [first, second, ..] => bail!(
                "the columns {} and {} are not pixels; name the column of the labels \"label\", and remove the others",
                quoted(cells[*first]),
                quoted(cells[*second])
            ),
        };
        Self::new(cells, true, label, label.is_some(), pixels)
    }

    fn new(
        cells: &[&str],
        has_header: bool,
        label: Option<usize>,
        is_label_named: bool,
        pixels: Vec<usize>,
    ) -> Result<Self> {
        ensure!(
            is_square(pixels.len()),
            "a line has {}; a table of images has the columns of a label and of the pixels of square images, such as \
             785 for {SIDE}x{SIDE} pixels; remove other columns",
            count(cells.len(), "column")
        );
        let is_read = |index: &usize| label == Some(*index) || pixels.contains(index);
        let unread = (0..cells.len()).filter(|index| !is_read(index));
        Ok(Self {
            count: cells.len(),
            has_header,
            label,
            is_label_named,
            unread: unread.map(|index| cells[index].to_owned()).collect(),
            pixels,
        })
    }

    /// Returns true if the columns of the pixels are not in the order of the image.
    pub fn is_reordered(&self) -> bool {
        !self.pixels.is_sorted()
    }
}

/// Returns true for a line that contains names: words in most cells, the name of a label, or consecutive numbers, as
/// pandas names columns without names.
fn is_header(cells: &[&str]) -> bool {
    let is_number = |cell: &&str| cell.parse::<f64>().is_ok();
    let is_word = |cell: &&str| !cell.is_empty() && !is_number(cell);
    let words = cells.iter().copied().filter(is_word).count();
    let is_label = |cell: &&str| LABEL.contains(&cell.to_lowercase().as_str());
    2 * words > cells.len()
        || cells.iter().any(is_label)
        || (words <= 2 && is_series(cells.iter().copied().filter(is_number)))
}

/// Returns true for consecutive numbers from 0 or 1, at least as many as an image has pixels.
fn is_series<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    const FIRST: RangeInclusive<usize> = 0..=1;
    let numbers: Option<Vec<usize>> = cells.map(|cell| cell.parse().ok()).collect();
    numbers.is_some_and(|numbers| {
        numbers.len() >= MIN_PIXELS
            && FIRST.contains(&numbers[0])
            && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1)
    })
}

/// Returns the pattern of a name that contains one or two numbers, such as `pixel#` and `#x#`, and the numbers.
fn numbered(name: &str) -> Option<(String, Vec<u64>)> {
    let is_digit = |character: char| character.is_ascii_digit();
    let digits = name.split(|character| !is_digit(character));
    let numbers: Option<Vec<_>> = digits
        .filter(|run| !run.is_empty())
        .map(|run| run.parse().ok())
        .collect();
    let numbers = numbers.filter(|numbers| (1..=2).contains(&numbers.len()))?;
    let parts = name.split(is_digit).filter(|part| !part.is_empty());
    let is_first = name.starts_with(is_digit);
    Some((
        format!("{is_first} {}", parts.collect::<Vec<_>>().join("#")),
        numbers,
    ))
}

/// Returns true for the number of pixels of a square image.
fn is_square(count: usize) -> bool {
    count >= MIN_PIXELS && count.isqrt().checked_pow(2) == Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses a line and returns the label, the first pixels, and the columns that are not read.
    fn parse(line: &str) -> (Option<usize>, [usize; 3], Vec<String>) {
        let cells: Vec<_> = line.split(',').collect();
        let columns = Columns::parse(&cells).unwrap();
        assert_eq!(columns.pixels.len(), 64);
        let first = [0, 1, 2].map(|index| columns.pixels[index]);
        (columns.label, first, columns.unread)
    }

    fn names(name: impl Fn(usize) -> String) -> String {
        (0..64).map(name).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn labels_and_pixels_are_found_by_the_names_of_the_columns() {
        let pixels = names(|n| format!("pixel{n}"));
        let from_1 = names(|n| (n + 1).to_string());
        let squares = names(|n| format!("{}x{}", n / 8 + 1, n % 8 + 1));
        let transposed = names(|n| format!("{}x{}", n % 8 + 1, n / 8 + 1));
        let reversed = names(|n| format!("p{}", 63 - n));
        let words = names(|n| "abcdefgh"[n / 8..].repeat(n % 8 + 1));
        let zeros = names(|_| "0".to_owned());
        let none = || Vec::<String>::new();
        for (line, label, first, unread) in [
            (format!("label,{pixels}"), Some(0), [1, 2, 3], none()),
            (format!("{pixels},Digit"), Some(64), [0, 1, 2], none()),
            (format!("{pixels},label_id"), Some(64), [0, 1, 2], none()),
            (format!("y,{from_1}"), Some(0), [1, 2, 3], none()),
            (format!("label,{squares}"), Some(0), [1, 2, 3], none()),
            (format!("label,{transposed}"), Some(0), [1, 9, 17], none()),
            (reversed, None, [63, 62, 61], none()),
            (format!("id,{pixels}"), None, [1, 2, 3], vec!["id".into()]),
            (
                format!("id,class,{pixels}"),
                Some(1),
                [2, 3, 4],
                vec!["id".into()],
            ),
            (
                format!(",{from_1},65"),
                Some(1),
                [2, 3, 4],
                vec![String::new()],
            ),
            (format!("0,{from_1}"), Some(0), [1, 2, 3], none()),
            (format!("{words},class"), Some(64), [0, 1, 2], none()),
            (format!("{words},other"), Some(0), [1, 2, 3], none()),
            (format!("3,{zeros}"), Some(0), [1, 2, 3], none()),
            (zeros, None, [0, 1, 2], none()),
        ] {
            assert_eq!(parse(&line), (label, first, unread), "{line}");
        }
    }

    #[test]
    fn a_line_of_pixels_with_a_word_is_not_a_header() {
        let header = |line: &str| is_header(&line.split(',').collect::<Vec<_>>());
        let zeros = names(|_| "0".to_owned());
        assert!(!header(&format!("5,NA,{}", &zeros[4..])));
        assert!(header(&names(|n| format!("{n}"))));
        assert!(header(&format!("label,{zeros}")));
    }

    #[test]
    fn ambiguous_columns_are_rejected_with_their_names() {
        let pixels = names(|n| format!("pixel{n}"));
        for (line, part) in [
            (format!("{pixels},kind,source"), "\"kind\" and \"source\""),
            (format!("label,{pixels},target"), "\"label\" and \"target\""),
            (
                format!("label,{pixels},pixel7"),
                "two columns are named \"pixel7\"",
            ),
            (format!("label,{pixels},pixel64"), "a line has 66 columns"),
        ] {
            let cells: Vec<_> = line.split(',').collect();
            let error = Columns::parse(&cells).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
