//! Final step of a run: from the trained generator to a validated model file with sample images.

use std::path::PathBuf;

use anyhow::Result;
use burn::prelude::Device;
use thumbgan_core::{Model, model::Provenance};

use super::{
    card::card,
    config::{Config, TOOL},
    evaluator::{EVALUATED, Evaluator, FinalQuality},
    folder::Folder,
    grids::{grid, walks},
    outputs::{write_card, write_figure},
    run::{Run, STATISTICS},
};
use crate::{
    data::Dataset,
    export::QuantizedGenerator,
    export::fidelity::Fidelity,
    export::float_reference::FloatGenerator,
    export::int8::{self, Int8Generator},
    files::{name as file_name, write_whole},
    png as picture,
};

/// Finished run, the input of its report.
pub struct FinishedRun<'a> {
    /// Folder of the run, in which the report is written.
    pub folder: &'a Folder,
    /// Configuration of the run.
    pub config: &'a Config,
    /// Dataset of the run.
    pub dataset: &'a Dataset,
    /// Model of the run.
    pub model: &'a Model<'a>,
    /// Float reference of the model.
    pub float: &'a FloatGenerator,
    /// Difference between model and float reference.
    pub fidelity: &'a Fidelity,
    /// Quality of the int8 images, or the reason why it was not evaluated.
    pub quality: Result<&'a FinalQuality, &'a anyhow::Error>,
    /// Device on which the float reference is computed.
    pub device: &'a Device,
}

/// Writer of the report of a finished run; returns the path of the report, or `None` if another file is in its place.
pub type WriteReport = fn(&FinishedRun<'_>) -> Result<Option<PathBuf>>;

impl Run {
    /// Quantizes and exports the generator, and writes model file, card, images and report.
    ///
    /// # Errors
    /// If the generator has diverged, or a file cannot be written.
    pub fn finish(
        &self,
        evaluator: Result<&Evaluator, &anyhow::Error>,
        write_report: WriteReport,
    ) -> Result<()> {
        let name = self.recipe.name;
        let best = self
            .best
            .as_ref()
            .zip(self.progress.best)
            .filter(|_| self.recipe.keeps_best);
        let (float, iterations) = match best {
            Some((float, best)) => (float.clone(), best.iteration),
            None => (self.float(STATISTICS[1]), self.progress.iteration),
        };
        let provenance = Provenance {
            dataset: &self.dataset.name,
            dataset_sha256: self.dataset.sha256,
            iterations,
            seed: self.config.seed,
            tool: TOOL,
            fid: None,
        };
        let path = self.folder.model(&self.config);
        let quantized = QuantizedGenerator::of(&float, &self.device)?;
        let classes = &self.dataset.class_names;
        let bytes = quantized.file(name, classes, provenance)?;
        let quality = match evaluator {
            Ok(evaluator) => {
                Ok(evaluator.evaluate_int8(&int8::parse(&bytes, &path)?, &self.dataset)?)
            }
            Err(error) => Err(error),
        };
        let fid = quality
            .as_ref()
            .ok()
            .map(|quality| (quality.int8.fid * 1_000.0).round() as u32);
        let bytes = quantized.file(name, classes, Provenance { fid, ..provenance })?;
        let model = int8::parse(&bytes, &path)?;
        let fidelity = Fidelity::measure(&float, &model, &self.device)?;
        let mut int8 = Int8Generator::new(&model);
        let (digits, columns) = grid(self.recipe.classes);
        let grays = int8.generate(digits)?;
        // The model is written last: a run with a model is complete.
        float.save(&path.with_extension("float"))?;
        let warn = |warning: &str| errln!("{warning}");
        let images = picture::grid(&grays, columns);
        let images = write_figure(&path.with_extension("png"), &images, warn)?;
        let walks_path = self.folder.file(&format!("{name}-walks.png"));
        let walks = write_figure(&walks_path, &walks(&mut int8)?, warn)?;
        let card = card(
            &model,
            &self.recipe,
            &self.config,
            &self.progress,
            &fidelity,
            quality.as_ref().ok(),
            [&images, &walks].map(|path| file_name(path)),
        );
        write_card(&path.with_extension("md"), &card, warn)?;
        let report = write_report(&FinishedRun {
            folder: &self.folder,
            config: &self.config,
            dataset: &self.dataset,
            model: &model,
            float: &float,
            fidelity: &fidelity,
            quality: quality.as_ref().map_err(|error| *error),
            device: &self.device,
        })?;
        write_whole(&path, &bytes)?;
        outln!(
            "\nint8 images, as a board generates them:\n{}",
            picture::rows(&grays, 8)
        );
        outln!("{fidelity}");
        if let Ok(quality) = quality {
            outln!(
                "int8 quality: {quality} ({EVALUATED} images)\nfeature extractor: {}",
                quality.extractor
            );
        }
        if let Some(report) = report {
            outln!("{}: report for the browser", report.display());
        }
        outln!(
            "{}: {} bytes, CRC-32 {:08x}",
            path.display(),
            model.file_len(),
            model.crc32()
        );
        outln!(
            "  on the emulated display: cargo xtask qemu --model {0}\n  on a board: cargo xtask flash BOARD --model {0} (`cargo \
             xtask --help` lists the boards)",
            path.display()
        );
        Ok(())
    }
}
