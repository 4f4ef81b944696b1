//! Tables of images in text form: one image per line, with its label and its pixels in columns.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    str,
};

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::columns::Columns;
use crate::{
    data::{
        MAX_IMAGES, PIXELS, SIDE,
        arrays::{Images, Labels},
        idx::MAX_BYTES,
        labeled::Part,
    },
    files::{cannot, open},
    text::{count, quoted},
};

/// Maximum length of a line in bytes.
const MAX_LINE: u64 = 1 << 20;

/// Layout of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::data) struct Layout {
    delimiter: char,
    pub(super) columns: Columns,
    /// Width and height of an image.
    pub side: usize,
}

impl Layout {
    /// Reads the layout of a table from its first line.
    ///
    /// # Errors
    /// If it is not text or its columns are not those of a table of images; the message names the file.
    pub fn read(path: &Path) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let line = lines
            .next()?
            .with_context(|| format!("{} contains no lines", path.display()))?;
        Self::parse(line).map_err(|fault| anyhow!("{}: {fault}", path.display()))
    }

    fn parse(line: &str) -> Result<Self> {
        let delimiter = [';', '\t', ','];
        let delimiter = delimiter.into_iter().find(|&found| line.contains(found));
        let delimiter = delimiter.unwrap_or(',');
        let columns = Columns::parse(&cells(line, delimiter).collect::<Vec<_>>())?;
        Ok(Self {
            delimiter,
            side: columns.pixels.len().isqrt(),
            columns,
        })
    }

    /// Returns a description, for messages.
    pub fn description(&self) -> String {
        let columns = &self.columns;
        let order = if columns.is_reordered() {
            " in the order of their names"
        } else {
            ""
        };
        let label = match columns.label {
            Some(label) => format!("the label in column {} of {}", label + 1, columns.count),
            None => "no labels".to_owned(),
        };
        let header = if columns.has_header { "a" } else { "no" };
        let unread = columns.unread.iter();
        let unread: String = unread
            .map(|name| format!(", column {} not read", quoted(name)))
            .collect();
        format!(
            "{0}x{0} pixels per line{order}, {label}, {header} header{unread}",
            self.side
        )
    }

    /// Reads the images of a table, and the labels unless they are ignored.
    ///
    /// # Errors
    /// If a line has another number of columns or a cell is not an integer in range; the message names the line and
    /// the column.
    pub fn images(&self, path: &Path, unlabeled: bool) -> Result<Part> {
        let mut lines = Lines::open(path)?;
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        if self.columns.has_header {
            lines.next()?;
        }
        while let Some(line) = lines.next()? {
            let read = self.line(line, &mut pixels, &mut labels);
            read.map_err(|fault| anyhow!("{}: line {}{fault}", path.display(), lines.number))?;
            ensure!(
                pixels.len() as u64 <= MAX_BYTES && labels.len() <= MAX_IMAGES,
                "{} has more than {} GiB of pixels, the maximum ({} images of {SIDE}x{SIDE} pixels); use fewer images",
                path.display(),
                MAX_BYTES >> 30,
                MAX_BYTES / PIXELS as u64
            );
        }
        ensure!(
            !labels.is_empty(),
            "{} contains only a header; a dataset needs at least one image",
            path.display()
        );
        let images = Images::new(path.to_owned(), [self.side; 2], pixels);
        let labels = self.columns.label.filter(|_| !unlabeled).map(|_| Labels {
            path: path.to_owned(),
            values: labels,
        });
        Ok(Part { images, labels })
    }

    /// Warns if all labels are equal and their column was not found by its name.
    pub fn warn_of_equal_labels(&self, part: &Part) {
        let (Some(labels), Some(column)) = (&part.labels, self.columns.label) else {
            return;
        };
        let [first, rest @ ..] = &labels.values[..] else {
            return;
        };
        if !self.columns.is_label_named && rest.iter().all(|label| label == first) {
            errln!(
                "warning: {}: every label in column {} is {first}; if another column contains the labels, name it \
                 \"label\" in a header",
                labels.path.display(),
                column + 1
            );
        }
    }

    /// Reads a line: its pixels, and its label or 0.
    fn line(&self, line: &str, pixels: &mut Vec<u8>, labels: &mut Vec<i64>) -> Result<()> {
        let cells: Vec<_> = cells(line, self.delimiter).collect();
        ensure!(
            cells.len() == self.columns.count,
            " has {}, the first line has {}; copy or download the file again if it was cut",
            count(cells.len(), "column"),
            self.columns.count
        );
        let label = self.columns.label.map_or(Ok(0), |column| {
            integer(cells[column]).with_context(|| {
                format!(
                    ", column {}: the label {} is not an integer; number the classes and name them with --class-names",
                    column + 1,
                    quoted(cells[column])
                )
            })
        });
        labels.push(label?);
        for &column in &self.columns.pixels {
            let pixel = integer(cells[column]).and_then(|value| value.try_into().ok());
            pixels.push(pixel.with_context(|| {
                format!(
                    ", column {}: the pixel {} is not an integer from 0 to 255; scale and round the pixels",
                    column + 1,
                    quoted(cells[column])
                )
            })?);
        }
        Ok(())
    }
}

/// Returns the cells of a line without spaces and quotes around them.
fn cells(line: &str, delimiter: char) -> impl Iterator<Item = &str> {
    line.split(delimiter)
        .map(|cell| cell.trim().trim_matches('"').trim())
}

/// Parses an integer, also one that is written with a decimal point, such as `5.0`.
fn integer(cell: &str) -> Option<i64> {
    let parsed = cell.parse().ok();
    parsed.or_else(|| {
        let (integer, fraction) = cell.split_once('.')?;
        let is_zero = fraction.bytes().all(|digit| digit == b'0');
        is_zero.then(|| integer.parse().ok())?
    })
}

/// Lines of a text file that are not blank.
struct Lines<'a> {
    path: &'a Path,
    source: BufReader<std::fs::File>,
    line: Vec<u8>,
    /// Number of the line, from 1.
    number: usize,
}

impl<'a> Lines<'a> {
    fn open(path: &'a Path) -> Result<Self> {
        Ok(Self {
            path,
            source: BufReader::new(open(path)?),
            line: Vec::new(),
            number: 0,
        })
    }

    /// Reads the next line without its end and without a byte order mark.
    fn next(&mut self) -> Result<Option<&str>> {
        let path = self.path.display();
        loop {
            self.line.clear();
            let read = (&mut self.source)
                .take(MAX_LINE)
                .read_until(b'\n', &mut self.line);
            read.map_err(|error| cannot("read", self.path, &error))?;
            self.number += 1;
            if self.line.is_empty() {
                return Ok(None);
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        if self.line.starts_with(b"\xff\xfe") || self.line.starts_with(b"\xfe\xff") {
            bail!("{path} is UTF-16 text; save it in UTF-8");
        }
        ensure!(
            (self.line.len() as u64) < MAX_LINE,
            "{path}: line {} has {MAX_LINE} bytes or more; the file is not a table of images",
            self.number
        );
        let line = str::from_utf8(&self.line)
            .with_context(|| format!("{path}: line {} is not UTF-8 text", self.number))?;
        Ok(Some(
            line.trim_start_matches('\u{feff}')
                .trim_end_matches(['\r', '\n']),
        ))
    }
}
