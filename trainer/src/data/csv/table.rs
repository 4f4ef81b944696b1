//! Tables of images in text form: one image per line, with its label and its pixels in columns.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    str,
};

use anyhow::{Context, Result, anyhow, bail, ensure};

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

/// Names of the column of the labels, in lower case.
const LABEL: [&str; 3] = ["label", "class", "target"];
/// Minimum number of pixels of an image.
const MIN_PIXELS: usize = 64;
/// Maximum length of a line in bytes.
const MAX_LINE: u64 = 1 << 20;

/// Layout of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    delimiter: char,
    /// Number of columns.
    pub columns: usize,
    /// Index of the column of the labels, if there is one.
    pub label: Option<usize>,
    /// True if the first line contains the names of the columns.
    pub has_header: bool,
    /// Width and height of an image.
    pub side: usize,
}

impl Layout {
    /// Reads the layout of a table from its first line.
    ///
    /// # Errors
    /// If it is not text or has another number of columns than a table of images; the message names the file.
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
        let cells = || {
            line.split(delimiter)
                .map(|cell| cell.trim().trim_matches('"'))
        };
        let has_header = cells().any(|cell| !cell.is_empty() && cell.parse::<f64>().is_err());
        let is_label = |cell: &str| LABEL.contains(&cell.to_lowercase().as_str());
        let columns = cells().count();
        let is_square = |count: usize| count >= MIN_PIXELS && count.isqrt().pow(2) == count;
        let label = cells()
            .position(is_label)
            .or_else(|| is_square(columns - 1).then_some(0));
        let pixels = columns - usize::from(label.is_some());
        ensure!(
            is_square(pixels),
            "a line has {}; a table of images has the columns of a label and of the pixels of square images, such as 785 for \
             {SIDE}x{SIDE} pixels; remove other columns",
            count(columns, "column")
        );
        Ok(Self {
            delimiter,
            columns,
            label,
            has_header,
            side: pixels.isqrt(),
        })
    }

    /// Returns a description, for messages.
    pub fn description(&self) -> String {
        let label = match self.label {
            Some(label) => format!("the label in column {} of {}", label + 1, self.columns),
            None => "no labels".to_owned(),
        };
        let header = if self.has_header { "a" } else { "no" };
        format!(
            "{0}x{0} pixels per line, {label}, {header} header",
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
        if self.has_header {
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
        let labels = self.label.filter(|_| !unlabeled).map(|_| Labels {
            path: path.to_owned(),
            values: labels,
        });
        Ok(Part { images, labels })
    }

    /// Reads a line: its pixels, and its label or 0.
    fn line(&self, line: &str, pixels: &mut Vec<u8>, labels: &mut Vec<i64>) -> Result<()> {
        let columns = line.split(self.delimiter).count();
        ensure!(
            columns == self.columns,
            " has {}, the first line has {}; copy or download the file again if it was cut",
            count(columns, "column"),
            self.columns
        );
        if self.label.is_none() {
            labels.push(0);
        }
        for (column, cell) in line.split(self.delimiter).enumerate() {
            let cell = cell.trim();
            if Some(column) == self.label {
                labels.push(cell.parse().map_err(|_| {
                    anyhow!(
                        ", column {}: the label {} is not an integer; number the classes and name them with \
                         --class-names",
                        column + 1,
                        quoted(cell)
                    )
                })?);
            } else {
                pixels.push(cell.parse().map_err(|_| {
                    anyhow!(
                        ", column {}: the pixel {} is not an integer from 0 to 255; scale and round the pixels",
                        column + 1,
                        quoted(cell)
                    )
                })?);
            }
        }
        Ok(())
    }
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
