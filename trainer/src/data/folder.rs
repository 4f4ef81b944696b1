//! Files of a folder of arrays or tables: those that are read, errors for those that should be, warnings for others.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow};

use super::{
    format::{Format, Needed},
    kind::kind,
    locate,
    split_name::{SplitName, is_of_labels},
    unused::{BROKEN_LINK, Unused, is_metadata},
};
use crate::files::{cannot, entries, name, parent, visible};

/// Files that a kind of dataset is read from.
pub(super) struct Rules {
    pub needed: Needed,
    /// True if gzip files are read.
    pub with_gzip: bool,
    /// Returns true for a name in lower case that such files have; other content under it is an error.
    pub is_named_so: fn(&str) -> bool,
}

/// Visible entries of a folder.
pub(super) struct Folder<'a> {
    path: &'a Path,
    rules: &'a Rules,
    is_named: bool,
    /// Files of the format, in the order of their names.
    pub files: Vec<PathBuf>,
    unused: Unused,
}

impl<'a> Folder<'a> {
    /// Lists a folder, or the folder of the file `named`, of which only files of the format and those that have its
    /// dataset in their names are listed.
    ///
    /// # Errors
    /// If a file cannot be opened, or has the name of such a file but another format; the message names it.
    pub fn list(path: &'a Path, named: Option<&'a Path>, rules: &'a Rules) -> Result<Self> {
        let mut folder = Self {
            path: named.map_or(path, parent),
            rules,
            is_named: named.is_some(),
            files: Vec::new(),
            unused: Unused::default(),
        };
        let is_same = |path: &Path| named.is_some_and(|file| name(file) == name(path));
        let dataset = named.map(|file| SplitName::of_file(file).dataset);
        let is_related = |path: &Path| {
            let found = || SplitName::of_file(path).dataset;
            dataset.as_ref().is_none_or(|dataset| *dataset == found())
        };
        for path in entries(folder.path)? {
            if is_metadata(&path)
                || name(&path).starts_with('.')
                || is_same(&path)
                || (path.is_dir() && !folder.is_of_data(&path))
            {
                continue;
            }
            match folder.content(&path) {
                Ok(None) => folder.files.push(path),
                Ok(Some(reason)) if is_related(&path) => folder.unused.skip(&path, &reason),
                Err(error) if is_related(&path) => return Err(error),
                _ => {}
            }
        }
        if let Some(file) = named {
            folder.files.push(folder.path.join(name(file)));
            folder.files.sort();
        }
        Ok(folder)
    }

    /// Returns the reason not to read an entry; `None` for a file of the format.
    fn content(&self, path: &Path) -> Result<Option<String>> {
        let is_named_so = self.is_named_so(path);
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if fs::read_link(path).is_err() => return Err(cannot("read", path, &error)),
            Err(error) if is_named_so => return Err(cannot("open", path, &error)),
            Err(_) => return Ok(Some(BROKEN_LINK.to_owned())),
        };
        if metadata.is_dir() {
            let reason = "only files in the folder itself are read; pass it with --data if it contains the data";
            return Ok(Some(reason.to_owned()));
        }
        if !metadata.is_file() {
            return Ok(Some("not a regular file".to_owned()));
        }
        if self.is_read(path)? {
            return Ok(None);
        }
        let format = Format::of_file(path)?;
        if is_named_so && !self.is_packed_copy(path) {
            return Err(anyhow!(
                "{}; or move it elsewhere",
                format.unexpected(path, self.rules.needed)
            ));
        }
        let (found, remedy) = format.explain(path, self.rules.needed);
        Ok(Some(format!("{found}; {remedy}")))
    }

    /// Returns true for a folder with the name of a file of the format, or with such files in it. Others, such as those
    /// of training runs, are not part of a dataset.
    fn is_of_data(&self, path: &Path) -> bool {
        let is_named_so = |path: &Path| self.is_named_so(path);
        is_named_so(path) || visible(path, is_named_so).is_ok_and(|found| !found.is_empty())
    }

    fn is_named_so(&self, path: &Path) -> bool {
        (self.rules.is_named_so)(&name(path).to_lowercase())
    }

    /// Returns true for a file of the format; gzip files that cannot be decompressed count where gzip files are read.
    fn is_read(&self, path: &Path) -> Result<bool> {
        let Rules {
            needed, with_gzip, ..
        } = *self.rules;
        let (format, is_packed) = Format::of_content(path)?;
        Ok(if is_packed {
            with_gzip && (needed.is_met_by(format) || format == Format::Gzip)
        } else {
            needed.is_met_by(format)
        })
    }

    /// Returns true if the file is beside one of the same name without the last extension, which is read.
    fn is_packed_copy(&self, path: &Path) -> bool {
        let unpacked = path.with_extension("");
        unpacked != path
            && unpacked.is_file()
            && self.is_read(&unpacked).is_ok_and(|is_read| is_read)
    }

    /// Returns the remedy for a folder without the files that are needed: where they are, what the folder contains
    /// instead, or `otherwise`.
    pub fn remedy(&self, otherwise: &str) -> String {
        let is_read =
            |path: &Path| self.is_named_so(path) && self.is_read(path).is_ok_and(|is_read| is_read);
        if let Some(elsewhere) = locate::elsewhere_with(self.path, &is_read) {
            return elsewhere;
        }
        if let Some(kind) = kind(self.path).filter(|kind| *kind != self.rules.needed.dataset()) {
            let what = match kind {
                "images" => "a folder of images",
                "idx" => "IDX files",
                "numpy" => "NumPy files",
                _ => "tables",
            };
            return format!("for {what} pass --dataset {kind}");
        }
        let others: Vec<_> = self
            .unused
            .iter()
            .filter(|(path, _)| path.is_file())
            .collect();
        match &others[..] {
            [(path, reason), ..] => format!("{} is {reason}", path.display()),
            [] => otherwise.to_owned(),
        }
    }

    /// Checks that no file of another format looks like the labels of images with this name.
    ///
    /// # Errors
    /// If one does; the message names both files and the remedy.
    pub fn check_no_labels(&self, images: &Path, of: &SplitName) -> Result<()> {
        let mut others = self.unused.iter().filter(|(path, _)| path.is_file());
        let found = others.find(|(path, _)| is_of_labels(path) && SplitName::of_file(path) == *of);
        let Some((path, _)) = found else {
            return Ok(());
        };
        let format = Format::of_file(path)?;
        let (found, remedy) = match format {
            Format::Csv | Format::Other("a text file", _) => (
                format.name().to_owned(),
                "if it contains the labels, save them with `numpy.save`: docs/data.md has a command".to_owned(),
            ),
            _ => format.explain(path, self.rules.needed),
        };
        Err(anyhow!(
            "{} has no labels, but {} is {found}; {remedy}; or move it elsewhere; or pass --unlabeled to a new run to \
             train without classes",
            images.display(),
            path.display()
        ))
    }

    /// Warns of everything in the folder that is not read, except `used`; beside a named file, of files alone.
    pub fn report(mut self, used: &[&Path]) {
        let is_left_out = |path: &Path| used.contains(&path) || (self.is_named && path.is_dir());
        self.unused.retain(|path| !is_left_out(path));
        self.unused.report();
    }
}
