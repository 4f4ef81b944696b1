//! Run: networks, dataset and progress.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use burn::prelude::Device;
use cpu_time::ProcessTime;
use thumbgan_core::model::Provenance;

use super::{
    Outcome,
    checkpoint::{self, Best, Checkpoint, Progress},
    config::{Config, TOOL, labels_sha256, recipe_sha256},
    evaluator::Evaluator,
    folder::{Folder, RUNS},
    grids::grid,
    memory, metrics,
    options::Options,
    outputs::write_figure,
    view::{View, control::Control},
};
use crate::{
    data::{self, Dataset},
    export::float_reference::{FloatGenerator, rounded, sample_request},
    export::{CALIBRATION_SEED, limits},
    files::{hex, utf8},
    gan::preset::Recipe,
    gan::{Gan, batches::Batches},
    png::{self as picture, Purpose},
    text::count,
};

/// Images for the batch normalization statistics of a generator in training, and of an exported one.
pub const STATISTICS: [u64; 2] = [2_000, 10_000];
/// Images for the statistics of a preview.
const PREVIEW: u64 = 250;
const PREVIEW_EVERY: u32 = 100;
/// File with images of the dataset.
const CONTACT_SHEET: &str = "data.png";
/// Decay of the moving average of the losses.
const SMOOTHING: f32 = 0.99;

pub struct Run {
    pub(super) folder: Folder,
    pub(super) config: Config,
    pub(super) recipe: Recipe,
    pub(super) dataset: Arc<Dataset>,
    pub(super) device: Device,
    gan: Gan,
    pub(super) progress: Progress,
    /// Best generator so far, if any was evaluated.
    pub(super) best: Option<FloatGenerator>,
}

impl Run {
    /// Starts a new run in a folder of its own.
    ///
    /// # Errors
    /// If the dataset or the backend is not available, or the folder cannot be used.
    pub fn start(options: &Options) -> Result<Self> {
        let backend = options.backend.unwrap_or_default();
        let device = backend.device()?;
        let preset = options.preset.recipe();
        let mut request = options.request.located();
        request.data = request.data.map(|data| data.canonicalize().unwrap_or(data));
        if let Some(data) = &request.data {
            utf8(data)?;
        }
        let out = options.out.as_deref().unwrap_or(Path::new(RUNS));
        request.check_outside(out, "the folder")?;
        let dataset = Arc::new(data::load(&request)?);
        let mut config = Config {
            preset: options.preset,
            iterations: options.iterations(&preset).unwrap_or(preset.iterations),
            seed: options.seed,
            backend,
            checkpoint_every: options.checkpoint_every,
            dataset: dataset.name.clone(),
            dataset_sha256: hex(&dataset.sha256),
            labels_sha256: Some(labels_sha256(&dataset)),
            request,
            tuning: options.tuning.clone(),
            recipe_sha256: None,
            extensions: Vec::new(),
            tool: TOOL.to_owned(),
        };
        let recipe = config.recipe(dataset.classes());
        config.recipe_sha256 = Some(recipe_sha256(&recipe));
        check_batch_size(&dataset, &recipe)?;
        check_boards(&config, &recipe, &dataset)?;
        memory::check(&recipe, &dataset)?;
        let folder = Folder::create(options.out.as_deref(), recipe.name)?;
        folder.write_config(&config)?;
        save_contact_sheet(&folder, &dataset)?;
        let Checkpoint {
            gan,
            progress,
            best,
        } = Checkpoint::begin(&recipe, config.seed, &device);
        Ok(Self {
            folder,
            config,
            recipe,
            dataset,
            device,
            gan,
            progress,
            best,
        })
    }

    /// Resumes a run from its newest valid checkpoint, or from the beginning if it has none.
    ///
    /// # Errors
    /// If the checkpoints are damaged, deleted or of another run, the dataset differs, or another process writes into
    /// the folder.
    pub fn resume(path: &Path, options: &Options) -> Result<Self> {
        let (folder, mut config) = Folder::open(path)?;
        let dataset = Arc::new(config.load_data(options.request.data.as_deref())?);
        if let Some(data) = &options.request.data {
            let data = data.canonicalize().unwrap_or_else(|_| data.clone());
            utf8(&data)?;
            config.request.data = Some(data);
        }
        let recipe = config.recipe(dataset.classes());
        memory::check(&recipe, &dataset)?;
        config.backend = options.backend.unwrap_or(config.backend);
        let device = config.backend.device()?;
        let identity = config.identity(&recipe);
        let found = checkpoint::load(&folder.checkpoints(), &recipe, &identity, &device)?;
        let is_new = found.is_none();
        if is_new {
            check_restart(&folder, &config)?;
        }
        let begin = || Checkpoint::begin(&recipe, config.seed, &device);
        let Checkpoint {
            gan,
            progress,
            best,
        } = found.unwrap_or_else(begin);
        if checkpoint::newest(&folder.checkpoints())? == Some(progress.iteration) {
            checkpoint::tidy(&folder.checkpoints())?;
        }
        let wanted = options.iterations(&recipe);
        let total = wanted.unwrap_or(config.iterations);
        if progress.iteration > total {
            let done = progress.iteration;
            let (total, remedy) = match wanted {
                Some(total) => (format!("--iterations {total}"), "pass"),
                None => (format!("its total of {total}"), "pass --iterations with"),
            };
            bail!(
                "the run has already completed {}, more than {total}; {remedy} at least {done}",
                count(done as usize, "iteration")
            );
        }
        if let Some(warning) = config.extend(&recipe, progress.iteration, total) {
            errln!("warning: {warning}");
        }
        folder.write_config(&config)?;
        if !folder.file(CONTACT_SHEET).exists() {
            // The run was interrupted before it was written.
            save_contact_sheet(&folder, &dataset)?;
        }
        if is_new {
            outln!(
                "{} contains no checkpoint yet; the run starts from the beginning",
                folder.path().display()
            );
        } else {
            outln!(
                "resuming {} at iteration {}",
                folder.path().display(),
                progress.iteration
            );
        }
        Ok(Self {
            folder,
            config,
            recipe,
            dataset,
            device,
            gan,
            progress,
            best,
        })
    }

    /// Returns the evaluator of the generator.
    ///
    /// # Errors
    /// If the test set is too small, which is reported and does not stop the run.
    pub fn evaluator(&self) -> Result<Evaluator> {
        let evaluator = Evaluator::new(&self.dataset, &self.device);
        evaluator.inspect_err(|error| {
            let tuning = &self.config.tuning;
            let unused = [
                (tuning.keep_best == Some(true), "--keep-best"),
                (tuning.evaluate_every.is_some(), "--evaluate-every"),
            ];
            let unused = unused.into_iter().filter(|(is_set, _)| *is_set);
            let unused: Vec<_> = unused.map(|(_, name)| name).collect();
            let effect = if unused.is_empty() {
                String::new()
            } else {
                format!("; without effect therefore: {}", unused.join(", "))
            };
            outln!("quality will not be measured: {error:#}{effect}");
        })
    }

    /// Trains until the last iteration, or until `control` requests a stop.
    ///
    /// # Errors
    /// If training diverges, or a file cannot be written.
    pub fn train(
        &mut self,
        plain: bool,
        evaluator: Option<&Evaluator>,
        control: &Arc<Control>,
    ) -> Result<Outcome> {
        let title = format!(
            "{} on {}, in {}",
            self.recipe.name,
            self.dataset.name,
            self.folder.path().display()
        );
        let all = self.config.iterations;
        let view = View::new(
            &self.folder,
            &title,
            all,
            self.progress.iteration,
            plain,
            control,
        )?;
        view.say(&format!(
            "training {} on {} ({}) for {}, in {}",
            self.recipe.name,
            self.dataset.name,
            count(self.dataset.train.len(), "image"),
            count(all as usize, "iteration"),
            self.folder.path().display()
        ));
        let dataset = Arc::clone(&self.dataset);
        let mut batches = Batches::new(&dataset.train, self.recipe.batch, self.config.seed);
        let (clock, before) = (ProcessTime::now(), self.progress.cpu_seconds);
        for iteration in self.progress.iteration..all {
            let losses = self.gan.step(iteration, all, batches.get(iteration));
            self.progress.step(losses, SMOOTHING);
            self.progress.cpu_seconds = before + clock.elapsed().as_secs_f64();
            self.check_losses()?;
            view.tick(&self.progress);
            self.record(&view, evaluator)?;
            if self.handle_requests(&view, control)? == Outcome::Stopped {
                return Ok(Outcome::Stopped);
            }
        }
        view.finish();
        Ok(Outcome::Done)
    }

    /// Writes what is due after this iteration: samples, log, evaluation, checkpoint.
    fn record(&mut self, view: &View, evaluator: Option<&Evaluator>) -> Result<()> {
        let iteration = self.progress.iteration;
        let due = |every: u32| iteration.is_multiple_of(every);
        let last = iteration == self.config.iterations;
        let has_grid = due(self.recipe.grid_every) || last;
        let has_quality = due(self.recipe.evaluate_every) || last;
        let evaluator = evaluator.filter(|_| has_quality);
        if has_grid || evaluator.is_some() {
            let float = self.float(STATISTICS[usize::from(last)]);
            if has_grid {
                self.save_grid(&float, view)?;
            }
            let evaluated = evaluator.map(|evaluator| {
                let quality = view.busy("evaluating", || evaluator.extract(&float));
                let warnings = evaluator.warnings(&quality, self.progress.mean);
                (quality, warnings)
            });
            let quality = evaluated.as_ref().map(|(quality, _)| quality);
            view.log(&self.progress, quality)?;
            if let Some((quality, warnings)) = evaluated {
                view.quality(&self.progress, &quality, &warnings);
                if self.progress.best.is_none_or(|best| quality.fid < best.fid) {
                    self.progress.best = Some(Best {
                        iteration,
                        fid: quality.fid,
                    });
                    self.best = Some(float);
                }
            }
        } else if view.is_live() && due(PREVIEW_EVERY) {
            view.samples(self.samples(&self.float(PREVIEW)));
        }
        if due(self.recipe.print_every) {
            view.print(&self.progress);
        }
        if due(self.config.checkpoint_every) || last {
            self.save_checkpoint(view)?;
        }
        Ok(())
    }

    /// Executes the user's requests since the last iteration.
    fn handle_requests(&self, view: &View, control: &Control) -> Result<Outcome> {
        let mut waited = false;
        loop {
            if control.takes_sample() {
                let path = self.save_grid(&self.float(STATISTICS[0]), view)?;
                view.say(&format!(
                    "iteration {}: samples in {}",
                    self.progress.iteration,
                    path.display()
                ));
            }
            if control.takes_checkpoint() {
                self.save_checkpoint(view)?;
                view.say(&format!(
                    "iteration {}: checkpoint",
                    self.progress.iteration
                ));
            }
            if control.wants_quit() {
                self.save_checkpoint(view)?;
                view.say(&format!(
                    "stopped at iteration {} with a checkpoint; resume with `trainer train --resume {}`",
                    self.progress.iteration,
                    self.folder.path().display()
                ));
                return Ok(Outcome::Stopped);
            }
            if !control.is_paused() {
                break;
            }
            waited = true;
            thread::sleep(Duration::from_millis(50));
        }
        if waited {
            view.resumed();
        }
        Ok(Outcome::Done)
    }

    fn save_checkpoint(&self, view: &View) -> Result<()> {
        view.busy("saving a checkpoint", || {
            checkpoint::save(
                &self.folder.checkpoints(),
                &self.gan,
                &self.progress,
                self.best.as_ref(),
                self.config.identity(&self.recipe),
            )
        })
    }

    /// Returns the float reference of the current generator, with batch normalization statistics over
    /// `statistics` images.
    pub(super) fn float(&self, statistics: u64) -> FloatGenerator {
        let classes = self.recipe.classes;
        let seeds = CALIBRATION_SEED..CALIBRATION_SEED + statistics;
        FloatGenerator::of(&self.gan, seeds.map(|seed| sample_request(seed, classes)))
    }

    /// Checks that the losses are finite, so that no checkpoint of a diverged run replaces a valid one.
    fn check_losses(&self) -> Result<()> {
        let losses = self.progress.losses;
        ensure!(
            losses.discriminator.is_finite() && losses.generator.is_finite(),
            "training diverged at iteration {} (loss D {}, loss G {}) and would diverge again from a checkpoint; \
             start another run with a lower --learning-rate or another --seed",
            self.progress.iteration,
            losses.discriminator,
            losses.generator
        );
        Ok(())
    }

    /// Returns images for latents that stay the same during the run.
    fn samples(&self, float: &FloatGenerator) -> Vec<u8> {
        rounded(&float.draw(grid(self.recipe.classes).0.into_iter(), &self.device))
    }

    /// Writes and shows the sample grid.
    fn save_grid(&self, float: &FloatGenerator, view: &View) -> Result<PathBuf> {
        let grays = self.samples(float);
        let path = self
            .folder
            .grids()
            .join(format!("{:06}.png", self.progress.iteration));
        let bitmap = picture::grid(&grays, grid(self.recipe.classes).1);
        let written = write_figure(&path, &bitmap, |warning| view.say(warning))?;
        view.samples(grays);
        Ok(written)
    }
}

fn save_contact_sheet(folder: &Folder, dataset: &Dataset) -> Result<()> {
    data::contact_sheet(dataset).save(&folder.file(CONTACT_SHEET), Purpose::RunFigure)
}

/// Checks that a run without checkpoints was interrupted before its first one.
///
/// # Errors
/// If it had one; training from the beginning would replace its results.
fn check_restart(folder: &Folder, config: &Config) -> Result<()> {
    let model = folder.model(config);
    let logged = metrics::lines(folder)?.last().map(|line| line.iteration);
    let trained = logged.filter(|&iteration| iteration > config.checkpoint_every);
    let evidence = if model.exists() {
        format!("{} exists", model.display())
    } else if let Some(iteration) = trained {
        format!("its log reaches iteration {iteration}")
    } else if !folder.checkpoints().exists() {
        bail!(
            "{} has no folder {}: its checkpoints were deleted or moved, or an earlier version was interrupted before \
             the first one; restore the folder, or create it empty to start from the beginning",
            folder.path().display(),
            folder.checkpoints().display()
        )
    } else {
        return Ok(());
    };
    bail!(
        "{0} has no checkpoint from which to resume, and {evidence}: its checkpoints were deleted or moved; \
         restore {1}, or train again in another folder with --out",
        folder.path().display(),
        folder.checkpoints().display()
    )
}

/// Checks that boards can run the model, and names those with too little flash.
fn check_boards(config: &Config, recipe: &Recipe, dataset: &Dataset) -> Result<()> {
    let provenance = Provenance {
        dataset: &dataset.name,
        dataset_sha256: dataset.sha256,
        iterations: config.iterations,
        seed: config.seed,
        tool: TOOL,
        fid: Some(u32::MAX),
    };
    let small = limits::check(recipe, &dataset.class_names, provenance)?;
    let titles: Vec<_> = small.iter().map(|board| board.title).collect();
    if !titles.is_empty() {
        errln!(
            "warning: the model file will be too large for the flash of these boards: {}; reduce --generator-channels or \
             --latent to fit them",
            titles.join(", ")
        );
    }
    Ok(())
}

fn check_batch_size(dataset: &Dataset, recipe: &Recipe) -> Result<()> {
    ensure!(
        dataset.train.len() >= recipe.batch,
        "the dataset {} has {}, fewer than a batch of {}; add images, or pass --batch with a smaller number",
        dataset.name,
        count(dataset.train.len(), "training image"),
        recipe.batch
    );
    Ok(())
}
