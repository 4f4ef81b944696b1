//! `trainer report`: the HTML report of a run, written again from the files in its folder.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};

use crate::{
    export::fidelity::Fidelity,
    export::float_reference::FloatGenerator,
    export::int8,
    files::read,
    report,
    training::{FinishedRun, evaluator::Evaluator, folder::Folder},
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
        "{shown} contains no run: it has no file config.json; name the folder of a run"
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
    if !options.force {
        report::check(&folder, &model, &config.dataset)?;
    }
    let float = FloatGenerator::load(&path.with_extension("float"))?;
    let dataset = config.load_data(options.data.as_deref())?;
    let device = config.backend.device()?;
    let evaluator = Evaluator::new(&dataset, &device);
    let quality = match &evaluator {
        Ok(evaluator) => Ok(evaluator.evaluate_int8(&model)?),
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
