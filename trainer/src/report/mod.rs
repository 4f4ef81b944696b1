//! Report of a run: one self-contained HTML file.
//!
//! In: the run folder, the dataset, the model and its float reference. Out: `report.html`.

mod boards;
mod curves;
mod page;
mod pictures;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use thumbgan_core::Model;

use self::curves::Curve;
use crate::{
    data::ReadOptions,
    export::int8::Int8Generator,
    files::{check_replaceable, read, visible, write_whole},
    png::{GrayBitmap, Purpose, is_own},
    text::count,
    training::{
        FinishedRun, card,
        folder::Folder,
        grids::{grid, walks},
        metrics,
    },
};

/// Name of the report in the folder of a run.
const FILE: &str = "report.html";

/// Reason why the class distribution of a model for an unlabeled dataset is not measured.
const NO_CLASSES: &str = "the dataset has no classes";

/// Number of sample grids from training in the report.
const GRIDS: usize = 6;

/// Image with a caption.
struct Shown {
    png: Vec<u8>,
    caption: String,
}

/// Contents of the page.
struct Contents<'a> {
    run: &'a FinishedRun<'a>,
    settings: Vec<(&'static str, String)>,
    losses: String,
    fid: Option<String>,
    grids: Vec<Shown>,
    digits: Shown,
    walks: Shown,
    fidelity: Shown,
    histogram: Option<String>,
    /// Reason why the quality was not evaluated.
    not_evaluated: String,
    /// Name and number of training images of each class.
    classes: Vec<(String, usize)>,
    nearest: Shown,
    counted: &'static str,
    boards: Vec<boards::Estimate>,
}

/// Writes report.html into the run's folder and returns its path; `None`, with a warning, if that file is not a report.
///
/// # Errors
/// If a file of the run cannot be read, or the report cannot be written.
pub fn write(run: &FinishedRun<'_>) -> Result<Option<PathBuf>> {
    if let Err(error) = check(run.folder, run.model, &run.dataset.name) {
        errln!("warning: {error:#}");
        return Ok(None);
    }
    replace(run).map(Some)
}

/// Checks that report.html in a run's folder is a report or does not exist.
///
/// # Errors
/// If it is a file of another origin; the message names it and the remedy.
pub fn check(folder: &Folder, model: &Model<'_>, dataset: &str) -> Result<()> {
    let path = folder.file(FILE);
    let is_own = |content: &[u8]| page::is_report(content, model, dataset);
    ensure!(
        check_replaceable(&path, "a report", false, is_own).is_ok(),
        "{} exists and is not a report that this program has written; move it elsewhere and write the report with \
         `trainer report {}`, or replace it with `trainer report {1} --force`",
        path.display(),
        folder.path().display()
    );
    Ok(())
}

/// Writes report.html into the run's folder, in place of any file of this name, and returns its path.
///
/// # Errors
/// If a file of the run cannot be read, or the report cannot be written.
pub fn replace(run: &FinishedRun<'_>) -> Result<PathBuf> {
    let path = run.folder.file(FILE);
    write_whole(&path, page::page(&run.contents()?).as_bytes())?;
    Ok(path)
}

impl FinishedRun<'_> {
    fn contents(&self) -> Result<Contents<'_>> {
        let Self {
            config,
            dataset,
            model,
            float,
            device,
            ..
        } = self;
        let log = metrics::lines(self.folder)?;
        let points = |value: fn(&metrics::Record) -> f64| {
            log.iter()
                .map(|line| (f64::from(line.iteration), value(line)))
                .collect()
        };
        let fid: Vec<_> = log
            .iter()
            .filter_map(|line| Some((f64::from(line.iteration), line.quality.as_ref()?.fid)))
            .collect();
        let recipe = config.recipe(model.class_count());
        let mut int8 = Int8Generator::new(model);
        let (digits, columns) = grid(model.class_count());
        let digits = crate::png::grid(&int8.generate(digits)?, columns);
        let counts = self
            .quality
            .ok()
            .map(|quality| &quality.int8.classes.counts);
        let counts = counts.filter(|counts| !counts.is_empty());
        let names: Vec<String> = (0..dataset.classes())
            .map(|class| dataset.class_name(class))
            .collect();
        let (counted, boards) = boards::estimates(model)?;
        Ok(Contents {
            run: self,
            settings: self.settings(card::recipe_rows(&recipe)),
            losses: curves::curves(&[
                Curve::discriminator(points(|line| line.loss_discriminator.into())),
                Curve::generator(points(|line| line.loss_generator.into())),
            ])?,
            fid: (!fid.is_empty())
                .then(|| curves::curves(&[Curve::quality(fid)]))
                .transpose()?,
            grids: self.grids()?,
            digits: Shown::of(
                &digits,
                "Int8 images of the model, identical to those of a board.",
            )?,
            walks: Shown::of(
                &walks(&mut int8)?,
                "Spherical interpolation between two latents in sixteen steps.",
            )?,
            fidelity: Shown::of(
                &pictures::float_against_int8(float, model, device)?,
                &format!(
                    "Rows: float network, int8 model, difference multiplied by {}.",
                    pictures::MAGNIFIED
                ),
            )?,
            not_evaluated: self
                .quality
                .err()
                .map_or_else(|| NO_CLASSES.to_owned(), |error| format!("{error:#}")),
            classes: dataset.counts(),
            histogram: counts
                .map(|counts| curves::histogram(&names, counts))
                .transpose()?,
            nearest: Shown::of(
                &pictures::nearest(model, &dataset.train)?,
                "Top: images of the model. Bottom: the nearest training image of each.",
            )?,
            counted,
            boards,
        })
    }

    /// Returns the settings that determine the result of the run.
    fn settings(&self, recipe: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        let Self {
            config, dataset, ..
        } = self;
        let mut rows = vec![
            ("preset", config.preset.recipe().name.to_owned()),
            (
                "iterations",
                iterations(self.model.provenance().iterations, config.iterations),
            ),
            (
                "checkpoints",
                format!(
                    "every {}",
                    count(config.checkpoint_every as usize, "iteration")
                ),
            ),
            ("seed", config.seed.to_string()),
            ("backend", config.backend.name().to_owned()),
            (
                "dataset",
                format!("{}, SHA-256 {}", config.dataset, config.dataset_sha256),
            ),
        ];
        if let Some(data) = &config.request.data {
            rows.push(("read from", data.display().to_string()));
        }
        let ReadOptions {
            resize,
            invert,
            transpose,
            ..
        } = config.request.reading;
        let changes = [
            (resize, "resized"),
            (invert, "inverted"),
            (transpose, "transposed"),
        ];
        let changes: Vec<_> = changes
            .iter()
            .filter(|change| change.0)
            .map(|change| change.1)
            .collect();
        if !changes.is_empty() {
            rows.push(("images", changes.join(", ")));
        }
        if !dataset.class_names.is_empty() {
            rows.push((
                "classes",
                dataset.class_names.lines().collect::<Vec<_>>().join(", "),
            ));
        }
        rows.extend(recipe);
        rows.push(("made by", config.tool.clone()));
        rows
    }

    /// Returns some of the sample grids from training, including the first and the last; none if they were deleted.
    fn grids(&self) -> Result<Vec<Shown>> {
        let folder = self.folder.grids();
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let paths = visible(&folder, |path| {
            path.extension().is_some_and(|end| end == "png") && is_grid(path)
        })?;
        let shown = GRIDS.min(paths.len());
        let chosen = (0..shown).map(|place| &paths[place * (paths.len() - 1) / (shown - 1).max(1)]);
        let shown = chosen.map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let (iteration, _) = name.split_once('-').unwrap_or((&name, ""));
            let iteration = iteration.trim_start_matches('0');
            Ok(Shown {
                png: read(path)?,
                caption: format!("iteration {iteration}"),
            })
        });
        shown.collect()
    }
}

/// Returns true for a sample grid of a run: it has the mark of a run's figures, or it was written by an earlier version,
/// without a mark and without a grid of the same iteration beside it.
fn is_grid(path: &Path) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let is_alone = || {
        name.bytes().all(|byte| byte.is_ascii_digit())
            && !path.with_file_name(format!("{name}-2.png")).exists()
    };
    read(path).is_ok_and(|content| is_own(&content, Purpose::RunFigure)) || is_alone()
}

impl Shown {
    fn of(picture: &GrayBitmap, caption: &str) -> Result<Self> {
        Ok(Self {
            png: picture.png(Purpose::ReportFigure)?,
            caption: caption.to_owned(),
        })
    }
}

/// Returns the iterations of the model, and those of the run if they differ: the best network was an earlier
/// one, or the run was extended.
fn iterations(model: u32, run: u32) -> String {
    if model == run {
        run.to_string()
    } else {
        format!("{model} (model), {run} (run)")
    }
}
