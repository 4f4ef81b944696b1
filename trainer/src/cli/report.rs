//! `trainer report`: the HTML report of a run, made anew from what lies in its folder.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{
    export::fidelity::Fidelity,
    export::float_reference::FloatGenerator,
    export::int8,
    files::read,
    report::Source,
    training::{folder::Folder, watch::Watch},
};

/// Which run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder of a finished run
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// Folder with the data that it learned from, if they lie elsewhere now
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Writes DIR/report.html.
///
/// # Errors
/// When the run is not finished, or its data cannot be had.
pub fn run(options: &Options) -> Result<()> {
    let (folder, config) = Folder::read(&options.run)
        .with_context(|| format!("{} holds no run", options.run.display()))?;
    let path = folder.model(&config);
    let bytes = read(&path).with_context(|| {
        format!(
            "the run is not finished; `trainer train --resume {}` goes on",
            options.run.display()
        )
    })?;
    let model = int8::parse(&bytes, &path)?;
    let float = FloatGenerator::load(&path.with_extension("float"))?;
    let dataset = config.load_data(options.data.as_deref())?;
    let device = config.backend.device()?;
    let watch = Watch::new(&dataset, &device);
    let quality = match &watch {
        Ok(watch) => Ok(watch.judge_int8(&model)?),
        Err(error) => Err(error),
    };
    let source = Source {
        folder: &folder,
        config: &config,
        dataset: &dataset,
        model: &model,
        float: &float,
        fidelity: &Fidelity::measure(&float, &model, &device)?,
        quality: quality.as_ref().map_err(|error| *error),
        device: &device,
    };
    outln!("{}: open it in a browser", source.write()?.display());
    Ok(())
}
