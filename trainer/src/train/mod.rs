//! The training run: from data to a checked model file, with everything it leaves on the way.

mod card;
pub mod checkpoint;
pub mod folder;
mod progress;
mod watch;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, ensure};
use burn::prelude::Device;
use clap::ValueEnum;
use cpu_time::ProcessTime;
use thumbgan_core::model::Provenance;

use self::{
    card::card,
    checkpoint::{Best, Progress},
    folder::{Config, Folder},
    progress::Reporter,
    watch::Watch,
};
use crate::{
    backend::Backend,
    data::{self, Choice, Dataset},
    evaluate::walk,
    export::{CALIBRATION_SEED, Quantised},
    fidelity::Fidelity,
    files::{hex, write_whole},
    float::{FloatGenerator, Wanted, rounded, wanted},
    gan::{Gan, batches::Batches},
    int8::{self, Int8},
    picture::{self, Picture},
    preset::{Preset, Recipe},
};

/// Rows of a sample grid, and its columns where there are no classes.
const GRID: u8 = 8;
/// Digits whose statistics a generator in training is folded by, and one that is kept.
const STATISTICS: [u64; 2] = [2_000, 10_000];
/// Digits that the finished model is judged by.
const JUDGED: u64 = 10_000;
/// What remains in each iteration of the losses' running mean.
const SMOOTHING: f32 = 0.99;
/// Program and version, as models carry them.
const TOOL: &str = concat!("thumbgan ", env!("CARGO_PKG_VERSION"));

/// What can be asked of a run; `None` leaves it to the recipe.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Recipe to train by
    #[arg(long, value_enum, default_value_t, conflicts_with = "resume")]
    pub preset: Preset,
    /// Folder with an IDX data set, gz or plain
    #[arg(long, value_name = "DIR", env = "THUMBGAN_DATA")]
    pub data: Option<PathBuf>,
    /// What to train on; `auto` is MNIST, or built-in procedural digits where it cannot be had
    #[arg(long, value_enum, default_value = "auto", conflicts_with = "resume")]
    pub dataset: Choice,
    /// Iterations in all [default: the recipe's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub iterations: Option<u32>,
    /// Seed of weights, order and noise
    #[arg(long, value_name = "S", default_value_t = 1, conflicts_with = "resume")]
    pub seed: u64,
    /// What burn computes on
    #[arg(long, value_enum, default_value_t, conflicts_with = "resume")]
    pub backend: Backend,
    /// Folder for everything the run leaves [default: runs/PRESET, or the next free runs/PRESET-N]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub out: Option<PathBuf>,
    /// Iterations between checkpoints
    #[arg(long, value_name = "N", default_value_t = 5_000, conflicts_with = "resume",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub checkpoint_every: u32,
    /// Go on with the run in this folder from its newest good checkpoint
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Lines instead of a progress bar
    #[arg(long)]
    pub no_tui: bool,
}

/// Trains, or goes on training, until the model file lies in the run's folder.
///
/// # Errors
/// Whatever stands in the way, named; a run that stops can be resumed from its last checkpoint.
pub fn run(options: &Options) -> Result<()> {
    let mut run = match &options.resume {
        Some(folder) => Run::resume(folder, options)?,
        None => Run::start(options)?,
    };
    let watch = run.watch();
    run.train(options.no_tui, watch.as_ref())?;
    run.finish(watch.as_ref())
}

struct Run {
    folder: Folder,
    config: Config,
    recipe: Recipe,
    dataset: Dataset,
    device: Device,
    gan: Gan,
    progress: Progress,
}

impl Run {
    fn start(options: &Options) -> Result<Self> {
        let device = options.backend.device()?;
        let dataset = data::load(options.dataset, options.data.as_deref())?;
        let recipe = options.preset.recipe().with_classes(dataset.classes());
        enough(&dataset, &recipe)?;
        let folder = Folder::create(options.out.as_deref(), recipe.name)?;
        let config = Config {
            preset: options.preset,
            iterations: options.iterations.unwrap_or(recipe.iterations),
            seed: options.seed,
            backend: options.backend,
            checkpoint_every: options.checkpoint_every,
            dataset: dataset.name.clone(),
            dataset_sha256: hex(&dataset.sha256),
            tool: TOOL.to_owned(),
        };
        folder.write_config(&config)?;
        let gan = Gan::new(recipe.clone(), config.seed, &device);
        Ok(Self { folder, config, recipe, dataset, device, gan, progress: Progress::default() })
    }

    fn resume(path: &Path, options: &Options) -> Result<Self> {
        let (folder, mut config) = Folder::open(path)?;
        let dataset = data::load(choice(&config.dataset)?, options.data.as_deref())?;
        config.check(&dataset)?;
        let recipe = config.preset.recipe().with_classes(dataset.classes());
        let device = config.backend.device()?;
        let (gan, progress) = checkpoint::load(&folder.checkpoints(), &recipe, config.seed, &device)?;
        config.iterations = options.iterations.unwrap_or(config.iterations);
        ensure!(
            progress.iteration <= config.iterations,
            "the run has {} iterations behind it already, --iterations {} cannot take them back",
            progress.iteration,
            config.iterations
        );
        folder.write_config(&config)?;
        println!("resuming {} at iteration {}", folder.path().display(), progress.iteration);
        Ok(Self { folder, config, recipe, dataset, device, gan, progress })
    }

    /// Who judges the generator, unless the data are none that the judge knows.
    fn watch(&self) -> Option<Watch> {
        let watch = Watch::new(&self.dataset, &self.device);
        watch.inspect_err(|error| println!("quality will not be measured: {error:#}")).ok()
    }

    fn train(&mut self, plain: bool, watch: Option<&Watch>) -> Result<()> {
        let reporter = Reporter::new(&self.folder, self.config.iterations, self.progress.iteration, plain)?;
        reporter.say(&format!(
            "training {} on {} ({} images) for {} iterations into {}",
            self.recipe.name,
            self.dataset.name,
            self.dataset.train.len(),
            self.config.iterations,
            self.folder.path().display()
        ));
        let mut batches = Batches::new(&self.dataset.train, self.recipe.batch, self.config.seed);
        let (clock, before) = (ProcessTime::now(), self.progress.cpu_seconds);
        let all = self.config.iterations;
        for iteration in self.progress.iteration..all {
            let losses = self.gan.step(iteration, all, batches.get(iteration));
            self.progress.step(losses, SMOOTHING);
            self.progress.cpu_seconds = before + clock.elapsed().as_secs_f64();
            reporter.tick(&self.progress);
            let done = |every: u32| (iteration + 1).is_multiple_of(every);
            let last = iteration + 1 == all;
            if done(self.recipe.grid_every) || last {
                self.check_losses()?;
                let float = self.float(STATISTICS[usize::from(last)]);
                self.save_grid(&float)?;
                let judged = watch.filter(|_| done(self.recipe.judge_every) || last);
                let quality = judged.map(|watch| watch.look(&float));
                reporter.log(&self.progress, quality.as_ref())?;
                if let Some(quality) = quality {
                    reporter.quality(&self.progress, &quality);
                    if self.progress.best.is_none_or(|best| quality.fid < best.fid) {
                        float.save(&self.best())?;
                        self.progress.best = Some(Best { iteration: iteration + 1, fid: quality.fid });
                    }
                }
            }
            if done(self.recipe.print_every) {
                reporter.print(&self.progress);
            }
            if done(self.config.checkpoint_every) || last {
                checkpoint::save(&self.folder.checkpoints(), &self.gan, &self.progress)?;
            }
        }
        reporter.finish();
        Ok(())
    }

    /// The generator as it now is, its normalisation folded in by the statistics of so many digits.
    fn float(&self, statistics: u64) -> FloatGenerator {
        let classes = self.recipe.classes;
        let seeds = CALIBRATION_SEED..CALIBRATION_SEED + statistics;
        FloatGenerator::of(&self.gan, seeds.map(|seed| wanted(seed, classes)))
    }

    /// Where the best generator so far lies.
    fn best(&self) -> PathBuf {
        self.folder.file("best.float")
    }

    fn check_losses(&self) -> Result<()> {
        let losses = self.progress.losses;
        ensure!(
            losses.discriminator.is_finite() && losses.generator.is_finite(),
            "training diverged at iteration {} (loss D {}, loss G {}); try another --seed, \
             or go back to a checkpoint with --resume {}",
            self.progress.iteration,
            losses.discriminator,
            losses.generator,
            self.folder.path().display()
        );
        Ok(())
    }

    /// The float generator's digits for latents that stay the same through the run.
    fn save_grid(&self, float: &FloatGenerator) -> Result<()> {
        let (digits, columns) = grid(self.recipe.classes);
        let greys = rounded(&float.draw(digits.into_iter(), &self.device));
        let path = self.folder.grids().join(format!("{:06}.png", self.progress.iteration));
        picture::grid(&greys, columns).save(&path)
    }

    /// Quantises, exports, checks and shows what has been learned.
    fn finish(&self, watch: Option<&Watch>) -> Result<()> {
        let name = self.recipe.name;
        let best = self.progress.best.filter(|_| self.recipe.keeps_best);
        let (float, iterations) = match best {
            Some(best) => (FloatGenerator::load(&self.best())?, best.iteration),
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
        let path = self.folder.file(&format!("{name}.tgan"));
        let quantised = Quantised::of(&float, &self.device)?;
        let bytes = quantised.file(name, provenance)?;
        let quality = match watch {
            Some(watch) => {
                let mut int8 = Int8::new(&int8::parse(&bytes, &path)?)?;
                let meant: Option<Vec<u8>> = (0..JUDGED).map(|seed| int8.class(seed)).collect();
                let greys: Vec<f32> = int8.pixels(0..JUDGED)?.into_iter().map(f32::from).collect();
                Some(watch.judge(&greys, meant.as_deref()))
            }
            None => None,
        };
        let fid = quality.map(|quality| (quality.fid * 1_000.0).round() as u32);
        let bytes = quantised.file(name, Provenance { fid, ..provenance })?;
        let model = int8::parse(&bytes, &path)?;
        let fidelity = Fidelity::measure(&float, &model, &self.device)?;
        let mut int8 = Int8::new(&model)?;
        let (digits, columns) = grid(self.recipe.classes);
        let greys = int8.draw(digits)?;
        write_whole(&path, &bytes)?;
        float.save(&path.with_extension("float"))?;
        picture::grid(&greys, columns).save(&path.with_extension("png"))?;
        walks(&mut int8)?.save(&self.folder.file(&format!("{name}-walks.png")))?;
        let card = card(&model, &self.recipe, &self.config, &self.progress, &fidelity, quality.as_ref());
        write_whole(&path.with_extension("md"), card.as_bytes())?;
        println!("\nint8 digits, as a board would draw them:\n{}", picture::rows(&greys, 8));
        println!("{fidelity}");
        if let Some(quality) = quality {
            println!("int8 quality: {quality} ({JUDGED} digits)");
        }
        println!("{}: {} bytes, CRC-32 {:08x}", path.display(), model.size(), model.crc());
        Ok(())
    }
}

/// The digits of a sample grid and its columns: each column a class and each row a latent, or 8 x 8 latents
/// where there are no classes.
fn grid(classes: u8) -> (Vec<Wanted>, usize) {
    if classes == 0 {
        return ((0..u64::from(GRID) * u64::from(GRID)).map(|seed| (seed, None)).collect(), GRID.into());
    }
    let rows = (0..u64::from(GRID)).flat_map(|seed| (0..classes).map(move |class| (seed, Some(class))));
    (rows.collect(), classes.into())
}

/// Walks from one latent to another: a row for each class, or for eight pairs of latents without classes.
fn walks(int8: &mut Int8<'_>) -> Result<Picture> {
    let rows: Vec<(Option<u8>, u64)> = match int8.model().classes() {
        0 => (0..u64::from(GRID)).map(|row| (None, row)).collect(),
        classes => (0..classes).map(|class| (Some(class), 0)).collect(),
    };
    let mut greys = Vec::new();
    let mut columns = 1;
    for (class, seed) in rows {
        let digits = walk::frames(int8, class, [seed, seed + 1])?;
        columns = digits.len();
        greys.extend(digits.iter().flat_map(|digit| *digit.pixels()));
    }
    Ok(picture::grid(&greys, columns))
}

/// The data set that a run began with, by the name it was given.
fn choice(name: &str) -> Result<Choice> {
    Choice::from_str(name, false)
        .map_err(|_| anyhow!("config.json names the data set \"{name}\", which this program does not know"))
}

fn enough(dataset: &Dataset, recipe: &Recipe) -> Result<()> {
    ensure!(
        dataset.train.len() >= recipe.batch,
        "the data set {} has {} training images, but a batch alone takes {}",
        dataset.name,
        dataset.train.len(),
        recipe.batch
    );
    Ok(())
}
