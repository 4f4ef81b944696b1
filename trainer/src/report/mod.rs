//! The report of a run: one HTML file that needs nothing else, for eyes.

mod boards;
mod curves;
mod page;
mod pictures;

use std::path::PathBuf;

use anyhow::Result;
use burn::prelude::Device;
use thumbgan_core::Model;

use self::curves::Curve;
use crate::{
    data::{Dataset, Reading},
    export::fidelity::Fidelity,
    export::float_reference::FloatGenerator,
    export::int8::Int8,
    files::{read, visible, write_whole},
    png::Picture,
    training::{
        card,
        folder::{Config, Folder},
        grids::{grid, walks},
        metrics,
        watch::Quality,
    },
};

/// Grids of the training that are shown.
const GRIDS: usize = 6;

/// What a report is made from.
pub struct Source<'a> {
    /// Where the run lies, and where the report goes.
    pub folder: &'a Folder,
    /// What the run was started with.
    pub config: &'a Config,
    /// What it learned from.
    pub dataset: &'a Dataset,
    /// The model that it left.
    pub model: &'a Model<'a>,
    /// The float network of that.
    pub float: &'a FloatGenerator,
    /// How far the two are apart.
    pub fidelity: &'a Fidelity,
    /// What the judge says of the int8 digits, or why it cannot.
    pub quality: Result<&'a Quality, &'a anyhow::Error>,
    /// Where the float network is computed.
    pub device: &'a Device,
}

/// A picture with what it shows.
struct Shown {
    png: Vec<u8>,
    caption: String,
}

/// All that a page shows.
struct Contents<'a> {
    source: &'a Source<'a>,
    settings: Vec<(&'static str, String)>,
    losses: String,
    fid: Option<String>,
    grids: Vec<Shown>,
    digits: Shown,
    walks: Shown,
    fidelity: Shown,
    histogram: Option<String>,
    /// Why there are no figures of quality.
    unjudged: String,
    /// How many images of each class there are to learn from.
    classes: Vec<(String, usize)>,
    nearest: Shown,
    counted: &'static str,
    boards: Vec<boards::Estimate>,
}

impl Source<'_> {
    /// Writes report.html into the run's folder and gives its path.
    ///
    /// # Errors
    /// When a file of the run cannot be read, or the report cannot be written.
    pub fn write(&self) -> Result<PathBuf> {
        let path = self.folder.file("report.html");
        write_whole(&path, page::page(&self.contents()?).as_bytes())?;
        Ok(path)
    }

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
        let points = |value: fn(&metrics::Line) -> f64| {
            log.iter()
                .map(|line| (f64::from(line.iteration), value(line)))
                .collect()
        };
        let fid: Vec<_> = log
            .iter()
            .filter_map(|line| Some((f64::from(line.iteration), line.quality.as_ref()?.fid)))
            .collect();
        let recipe = config.recipe(model.classes());
        let mut int8 = Int8::new(model)?;
        let (digits, columns) = grid(model.classes());
        let digits = crate::png::grid(&int8.draw(digits)?, columns);
        let counts = self.quality.ok().map(|quality| quality.classes.counts);
        let names: Vec<String> = (0..10).map(|class| dataset.class_name(class)).collect();
        let (counted, boards) = boards::estimates(model)?;
        Ok(Contents {
            source: self,
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
                "The model's digits, drawn in int8 as a board draws them.",
            )?,
            walks: Shown::of(
                &walks(&mut int8)?,
                "From one latent to another in sixteen steps.",
            )?,
            fidelity: Shown::of(
                &pictures::float_against_int8(float, model, device)?,
                &format!(
                    "From the top: the float network, the int8 model, their difference times {}.",
                    pictures::MAGNIFIED
                ),
            )?,
            unjudged: self
                .quality
                .err()
                .map_or_else(String::new, |error| format!("{error:#}")),
            classes: dataset.counts(),
            histogram: counts
                .map(|counts| curves::histogram(&names, &counts))
                .transpose()?,
            nearest: Shown::of(
                &pictures::nearest(model, &dataset.train)?,
                "On top digits of the model, below each the training image that is nearest to it.",
            )?,
            counted,
            boards,
        })
    }

    /// What decided the run.
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
                format!("every {} iterations", config.checkpoint_every),
            ),
            ("seed", config.seed.to_string()),
            ("backend", config.backend.name().to_owned()),
            (
                "data set",
                format!("{}, SHA-256 {}", config.dataset, config.dataset_sha256),
            ),
        ];
        if let Some(data) = &config.request.data {
            rows.push(("read from", data.display().to_string()));
        }
        let Reading {
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

    /// Some of the grids that training left, the first and the last among them.
    fn grids(&self) -> Result<Vec<Shown>> {
        let folder = self.folder.grids();
        let paths = visible(&folder, |path| {
            path.extension().is_some_and(|end| end == "png")
        })?;
        let count = GRIDS.min(paths.len());
        let chosen = (0..count).map(|place| &paths[place * (paths.len() - 1) / (count - 1).max(1)]);
        let shown = chosen.map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let iteration = name.trim_start_matches('0');
            Ok(Shown {
                png: read(path)?,
                caption: format!("iteration {iteration}"),
            })
        });
        shown.collect()
    }
}

impl Shown {
    fn of(picture: &Picture, caption: &str) -> Result<Self> {
        Ok(Self {
            png: picture.png()?,
            caption: caption.to_owned(),
        })
    }
}

/// Iterations behind the model, and those that the run is to have where they are others: its best network was an
/// earlier one, or it was made to go on.
fn iterations(model: u32, run: u32) -> String {
    if model == run {
        run.to_string()
    } else {
        format!("the model has {model}, the run {run}")
    }
}
