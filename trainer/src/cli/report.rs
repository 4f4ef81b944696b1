//! `trainer report`: the HTML report of a run, written again from the files in its folder.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use thumbgan_core::Model;

use crate::{
    export::fidelity::Fidelity,
    export::float_reference::FloatGenerator,
    export::int8,
    files::{hex, read},
    report,
    training::{FinishedRun, config::Config, evaluator::Evaluator, folder::Folder, metrics},
};

/// Arguments of `trainer report`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder of a finished run
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// Folder with the training data, if they were moved
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Replace report.html even if it is not a report of this program
    #[arg(long)]
    force: bool,
}

/// Writes DIR/report.html.
///
/// # Errors
/// If the run is not finished, its data are not available, or the report would replace another file.
pub fn run(options: &Options) -> Result<()> {
    let shown = options.run.display();
    ensure!(
        !options.run.is_dir() || Folder::holds_run(&options.run),
        "{shown} contains no run: {}; name the folder of a run",
        Folder::no_run(&options.run)
    );
    let (folder, config) = Folder::read(&options.run)?;
    let path = folder.model(&config);
    let bytes = match read(&path) {
        Err(error) if !path.exists() => bail!(
            "{error:#}; the run is not finished: resume it with `trainer train --resume {shown}`"
        ),
        bytes => bytes?,
    };
    let model = int8::parse(&bytes, &path)?;
    check_model(&model, &path, &folder, &config)?;
    if !options.force {
        report::check(&folder, &model, &config.dataset)?;
    }
    if let (_, Some(fault)) = metrics::lines_and_fault(&folder)? {
        bail!(
            "{fault}; restore the file from a backup, or write the report without the lost records with `trainer train \
             --resume {shown}`"
        );
    }
    let float_path = path.with_extension("float");
    let float = match FloatGenerator::load_for(&float_path, &model, &path) {
        Err(error) if !float_path.exists() => {
            bail!("{error:#}; `trainer train --resume {shown}` writes it again")
        }
        float => float?,
    };
    let dataset = config.load_data(options.data.as_deref())?;
    let device = config.backend.device()?;
    let evaluator = Evaluator::new(&dataset, &device);
    let quality = match &evaluator {
        Ok(evaluator) => Ok(evaluator.evaluate_int8(&model, &dataset)?),
        Err(error) => Err(error),
    };
    let run = FinishedRun {
        folder: &folder,
        config: &config,
        dataset: &dataset,
        model: &model,
        float: &float,
        fidelity: &Fidelity::measure(&float, &model, &device)?,
        quality: quality.as_ref().map_err(|error| *error),
        device: &device,
    };
    outln!(
        "{}: open this file in a browser",
        report::replace(&run)?.display()
    );
    Ok(())
}

/// Checks that the model in a run's folder is of this run.
///
/// # Errors
/// If seed or training images differ from those of the configuration; the message names both files.
fn check_model(model: &Model<'_>, path: &Path, folder: &Folder, config: &Config) -> Result<()> {
    let provenance = model.provenance();
    let difference = if provenance.seed != config.seed {
        format!("its seed is {}, not {}", provenance.seed, config.seed)
    } else if hex(&provenance.dataset_sha256) != config.dataset_sha256 {
        "its training images are others".to_owned()
    } else {
        return Ok(());
    };
    bail!(
        "{} is a model of another run than {}: {difference}; restore both files of the same run",
        path.display(),
        folder.config_path().display()
    )
}
