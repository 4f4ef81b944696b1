//! Datasets in tables in text form (CSV), as those of Kaggle.

mod columns;
pub(super) mod table;

use std::path::{Path, PathBuf};

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
    let files = &folder.files;
    ensure!(
        !files.is_empty(),
        "{} contains no tables (CSV); {}",
        path.display(),
        folder.remedy("pass the folder or table of the images with --data")
    );
    let found: Vec<_> = files.iter().filter_map(|file| candidate(file)).collect();
    if let ([one, ..], []) = (&files[..], &found[..]) {
        Layout::read(one)?;
    }
    let (train, test) = choose(named.map_or(path, parent), named, &found)?;
    if test.is_none() {
        check_no_damaged_test(files, &train)?;
    }
    let layout = |table: &Candidate| Layout::read(&table.file);
    let train_layout = layout(&train)?;
    let test_layout = test.as_ref().map(layout).transpose()?;
    let mut test = test.zip(test_layout);
    report_unused(files, named, &train, test.as_ref().map(|(test, _)| test));
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

/// Returns the candidate for a table; `None` if it is not one of images.
fn candidate(file: &Path) -> Option<Candidate> {
    Layout::read(file).ok()?;
    Some(Candidate {
        name: SplitName::parse(&file.file_stem()?.to_string_lossy()),
        file: file.to_owned(),
        path: file.to_owned(),
    })
}

/// Checks that no file with the name of the test images is something else than a table of images.
///
/// # Errors
/// If one is; the message names it and the cause.
fn check_no_damaged_test(files: &[PathBuf], train: &Candidate) -> Result<()> {
    let is_test = |file: &&PathBuf| {
        let found = SplitName::of_file(file);
        found.dataset == train.name.dataset && found.role == Role::Test
    };
    for file in files.iter().filter(is_test) {
        Layout::read(file).map_err(|fault| anyhow!("{fault:#}; or move the file elsewhere"))?;
    }
    Ok(())
}

/// Warns of tables in a folder that are neither training nor test images; beside the table `named`, only of those that
/// are no tables of images.
fn report_unused(
    files: &[PathBuf],
    named: Option<&Path>,
    train: &Candidate,
    test: Option<&Candidate>,
) {
    let is_used = |file: &PathBuf| {
        let mut used = [Some(train), test].into_iter().flatten();
        used.any(|one| one.file == *file)
    };
    let unused = files.iter().filter(|file| !is_used(file));
    let mut faults: Vec<_> = unused
        .map(|file| (file, Layout::read(file).err()))
        .collect();
    faults.retain(|(_, fault)| named.is_none() || fault.is_some());
    faults.sort_by_key(|(_, fault)| fault.is_none());
    if let [(file, fault), ..] = &faults[..] {
        let first = fault
            .as_ref()
            .map_or_else(|| file.display().to_string(), |fault| format!("{fault:#}"));
        errln!(
            "warning: not read: {}, such as {first}; the training images are {}",
            count(faults.len(), "file"),
            name(&train.file)
        );
    }
}
