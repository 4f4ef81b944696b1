//! The training run: from data to a checked model file, with everything it leaves on the way.

mod card;
pub mod checkpoint;
pub mod folder;
mod progress;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, ensure};
use clap::ValueEnum;
use cpu_time::ProcessTime;
use thumbgan_core::model::Provenance;

use self::{
    card::card,
    checkpoint::Progress,
    folder::{Config, Folder},
    progress::Reporter,
};
use crate::{
    backend::Backend,
    data::{self, Choice, Dataset},
    export::FloatGenerator,
    fidelity::Fidelity,
    files::{hex, write_whole},
    gan::{Gan, batches::Batches},
    int8::{self, Int8},
    picture,
    preset::{Preset, Recipe},
    random::{Purpose, latents, stream},
};

/// Digits in a row and in a column of a sample grid.
const GRID: usize = 8;
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
    run.train(options.no_tui)?;
    run.finish()
}

struct Run {
    folder: Folder,
    config: Config,
    recipe: Recipe,
    dataset: Dataset,
    gan: Gan,
    progress: Progress,
}

impl Run {
    fn start(options: &Options) -> Result<Self> {
        let recipe = options.preset.recipe();
        let device = options.backend.device()?;
        let dataset = data::load(options.dataset, options.data.as_deref())?;
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
        Ok(Self { folder, config, recipe, dataset, gan, progress: Progress::default() })
    }

    fn resume(path: &Path, options: &Options) -> Result<Self> {
        let (folder, mut config) = Folder::open(path)?;
        let recipe = config.preset.recipe();
        let device = config.backend.device()?;
        let (gan, progress) = checkpoint::load(&folder.checkpoints(), &recipe, config.seed, &device)?;
        config.iterations = options.iterations.unwrap_or(config.iterations);
        ensure!(
            progress.iteration <= config.iterations,
            "the run has {} iterations behind it already, --iterations {} cannot take them back",
            progress.iteration,
            config.iterations
        );
        let dataset = data::load(choice(&config.dataset)?, options.data.as_deref())?;
        config.check(&dataset)?;
        folder.write_config(&config)?;
        println!("resuming {} at iteration {}", folder.path().display(), progress.iteration);
        Ok(Self { folder, config, recipe, dataset, gan, progress })
    }

    fn train(&mut self, plain: bool) -> Result<()> {
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
        for iteration in self.progress.iteration..self.config.iterations {
            self.progress.losses = self.gan.step(iteration, batches.get(iteration));
            self.progress.iteration = iteration + 1;
            self.progress.cpu_seconds = before + clock.elapsed().as_secs_f64();
            reporter.tick(&self.progress);
            let done = |every: u32| self.progress.iteration.is_multiple_of(every);
            if done(self.recipe.grid_every) {
                self.check_losses()?;
                self.save_grid()?;
                reporter.log(&self.progress)?;
            }
            if done(self.recipe.print_every) {
                reporter.print(&self.progress);
            }
            if done(self.config.checkpoint_every) || self.progress.iteration == self.config.iterations {
                checkpoint::save(&self.folder.checkpoints(), &self.gan, &self.progress)?;
            }
        }
        reporter.finish();
        Ok(())
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
    fn save_grid(&self) -> Result<()> {
        let count = GRID * GRID * self.recipe.generator[0];
        let noise = latents(self.recipe.latent, count, &mut stream(self.config.seed, Purpose::Grid, 0));
        let greys: Vec<u8> = self.gan.draw(noise).iter().map(|ink| (ink * 255.0).round() as u8).collect();
        let path = self.folder.grids().join(format!("{:06}.png", self.progress.iteration));
        picture::grid(&greys, GRID).save(&path)
    }

    /// Quantises, exports, checks and shows what has been learned.
    fn finish(&self) -> Result<()> {
        let float = FloatGenerator::of(&self.gan);
        let name = self.recipe.name;
        let bytes = float.export(
            name,
            Provenance {
                dataset: &self.dataset.name,
                dataset_sha256: self.dataset.sha256,
                iterations: self.progress.iteration,
                seed: self.config.seed,
                tool: TOOL,
            },
        )?;
        let path = self.folder.file(&format!("{name}.tgan"));
        let model = int8::parse(&bytes, &path)?;
        let fidelity = Fidelity::measure(&float, &model)?;
        let greys = Int8::new(&model)?.pixels(0..(GRID * GRID) as u64)?;
        write_whole(&path, &bytes)?;
        picture::grid(&greys, GRID).save(&self.folder.file(&format!("{name}.png")))?;
        let card = card(&model, &self.recipe, &self.config, &self.progress, &fidelity);
        write_whole(&self.folder.file(&format!("{name}.md")), card.as_bytes())?;
        println!("\nint8 digits of seeds 0 to 7, as a board would draw them:\n{}", picture::rows(&greys, 8));
        println!("{fidelity}");
        println!("{}: {} bytes, CRC-32 {:08x}", path.display(), model.size(), model.crc());
        Ok(())
    }
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
