//! The end of a run: from the trained generator to a checked model file and its pictures.

use anyhow::Result;
use thumbgan_core::model::Provenance;

use super::{
    card::card,
    grids::{grid, walks},
    run::{Run, STATISTICS, TOOL},
    watch::{JUDGED, Watch},
};
use crate::{
    export::Quantised,
    export::fidelity::Fidelity,
    export::int8::{self, Int8},
    files::write_whole,
    png as picture,
    report::Source,
};

impl Run {
    /// Quantises, exports, checks and shows what has been learned.
    ///
    /// # Errors
    /// When the generator has diverged, or a file cannot be written.
    pub fn finish(&self, watch: Result<&Watch, &anyhow::Error>) -> Result<()> {
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
        let quantised = Quantised::of(&float, &self.device)?;
        let classes = &self.dataset.class_names;
        let bytes = quantised.file(name, classes, provenance)?;
        let quality = match watch {
            Ok(watch) => Ok(watch.judge_int8(&int8::parse(&bytes, &path)?)?),
            Err(error) => Err(error),
        };
        let fid = quality
            .as_ref()
            .ok()
            .map(|quality| (quality.fid * 1_000.0).round() as u32);
        let bytes = quantised.file(name, classes, Provenance { fid, ..provenance })?;
        let model = int8::parse(&bytes, &path)?;
        let fidelity = Fidelity::measure(&float, &model, &self.device)?;
        let mut int8 = Int8::new(&model)?;
        let (digits, columns) = grid(self.recipe.classes);
        let greys = int8.draw(digits)?;
        write_whole(&path, &bytes)?;
        float.save(&path.with_extension("float"))?;
        picture::grid(&greys, columns).save(&path.with_extension("png"))?;
        walks(&mut int8)?.save(&self.folder.file(&format!("{name}-walks.png")))?;
        let card = card(
            &model,
            &self.recipe,
            &self.config,
            &self.progress,
            &fidelity,
            quality.as_ref().ok(),
        );
        write_whole(&path.with_extension("md"), card.as_bytes())?;
        let report = Source {
            folder: &self.folder,
            config: &self.config,
            dataset: &self.dataset,
            model: &model,
            float: &float,
            fidelity: &fidelity,
            quality: quality.as_ref().map_err(|error| *error),
            device: &self.device,
        };
        let report = report.write()?;
        outln!(
            "\nint8 digits, as a board would draw them:\n{}",
            picture::rows(&greys, 8)
        );
        outln!("{fidelity}");
        if let Ok(quality) = quality {
            outln!("int8 quality: {quality} ({JUDGED} digits)");
        }
        outln!("{}: all of it in pictures, for a browser", report.display());
        outln!(
            "{}: {} bytes, CRC-32 {:08x}",
            path.display(),
            model.size(),
            model.crc()
        );
        Ok(())
    }
}
