//! Datasets in tables in text form (CSV), as those of Kaggle.

mod columns;
pub(super) mod table;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow, bail, ensure};

use self::table::Layout;
use super::{
    Dataset, ReadOptions,
    folder::{Folder, Rules},
    format::{Format, Needed},
    labeled,
    split_name::{Candidate, Role, SplitName, choose, has_extension},
};
use crate::{
    files::{name, parent},
    text::count,
};

/// Files that are read: all tables. Packed and partial copies have longer names, such as `train.csv.gz`.
const RULES: Rules = Rules {
    needed: Needed::Csv,
    with_gzip: false,
    is_named_so: |name| has_extension(name, &["csv", "tsv"]),
};

/// Reads the dataset of a folder, or of one table of training images and the test images beside it.
///
/// # Errors
/// If a table is missing or invalid, or the test images have labels but the training images have none; the message names
/// the file.
pub(super) fn dataset(path: &Path, reading: &ReadOptions) -> Result<Dataset> {
    let named = (!path.is_dir()).then_some(path);
    if let Some(file) = named {
        let format = Format::of_file(file)?;
        ensure!(format == Format::Csv, format.unexpected(file, Needed::Csv));
        Layout::read(file)?;
    }
    let folder = Folder::list(path, named, &RULES)?;
    let mut tables: Tables = folder
        .files
        .iter()
        .map(|file| (file.clone(), Layout::read(file)))
        .collect();
    ensure!(
        !tables.is_empty(),
        "{} contains no tables (CSV); {}",
        path.display(),
        folder.remedy("pass the folder or table of the images with --data")
    );
    let valid = tables.iter().filter(|(_, layout)| layout.is_ok());
    let found: Vec<_> = valid.map(|(file, _)| candidate(file)).collect();
    if found.is_empty()
        && let Some((_, layout)) = tables.pop_first()
    {
        layout?;
    }
    let (train, test) = choose(named.map_or(path, parent), named, &found)?;
    if test.is_none() {
        check_no_damaged_test(&mut tables, &train)?;
    }
    let mut layout = |table: &Candidate| {
        let known = tables.remove(&table.file);
        known.unwrap_or_else(|| Layout::read(&table.file))
    };
    let train_layout = layout(&train)?;
    let test_layout = test.as_ref().map(layout).transpose()?;
    let mut test = test.zip(test_layout);
    report_unused(&tables, named, &train);
    folder.report(&[]);
    // The test images of Kaggle's competitions have no labels.
    let is_labeled = train_layout.columns.label.is_some() && !reading.unlabeled;
    if let Some((test, _)) =
        test.take_if(|(_, layout)| is_labeled && layout.columns.label.is_none())
    {
        errln!(
            "warning: not read: {}, which has no labels; every tenth training image of a class becomes a test image",
            test.file.display()
        );
    }
    if train_layout.columns.label.is_none() && !reading.unlabeled {
        let labeled = test
            .as_ref()
            .filter(|(_, layout)| layout.columns.label.is_some());
        if let Some((test, _)) = labeled {
            bail!(
                "{} has no labels, but {} has; add them, or pass --unlabeled to train without classes",
                train.file.display(),
                test.file.display()
            );
        }
    }
    let read = |table: &Candidate, layout: Layout| -> Result<_> {
        let part = layout.images(&table.file, reading.unlabeled)?;
        errln!("{}: {}", table.file.display(), layout.description());
        layout.warn_of_equal_labels(&part);
        Ok(part)
    };
    let train = read(&train, train_layout)?;
    let test = test.map(|(test, layout)| read(&test, layout)).transpose()?;
    labeled::dataset("csv", train, test, reading)
}

/// Tables of a folder with their layouts, or the reasons why they are no tables of images.
type Tables = BTreeMap<PathBuf, Result<Layout>>;

fn candidate(file: &Path) -> Candidate {
    let stem = file.file_stem().unwrap_or_default();
    Candidate {
        name: SplitName::parse(&stem.to_string_lossy()),
        file: file.to_owned(),
        path: file.to_owned(),
    }
}

/// Checks that no file with the name of the test images is something else than a table of images.
///
/// # Errors
/// If one is; the message names it and the cause.
fn check_no_damaged_test(tables: &mut Tables, train: &Candidate) -> Result<()> {
    let is_test = |file: &Path| {
        let found = SplitName::of_file(file);
        found.dataset == train.name.dataset && found.role == Role::Test
    };
    let mut damaged = tables.extract_if(.., |file, layout| layout.is_err() && is_test(file));
    match damaged.next() {
        Some((_, Err(fault))) => Err(anyhow!("{fault:#}; or move the file elsewhere")),
        _ => Ok(()),
    }
}

/// Warns of tables in a folder that are neither training nor test images; beside the table `named`, only of those that
/// are no tables of images.
fn report_unused(unused: &Tables, named: Option<&Path>, train: &Candidate) {
    let mut unused: Vec<_> = unused.iter().collect();
    unused.retain(|(_, layout)| named.is_none() || layout.is_err());
    unused.sort_by_key(|(_, layout)| layout.is_ok());
    if let [(file, layout), ..] = &unused[..] {
        let first = match layout {
            Ok(_) => file.display().to_string(),
            Err(fault) => format!("{fault:#}"),
        };
        errln!(
            "warning: not read: {}, such as {first}; the training images are {}",
            count(unused.len(), "file"),
            name(&train.file)
        );
    }
}
