//! `trainer config`: all settings of a run, in the form that `--config` reads.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::settings;
use crate::{gan::preset::Preset, training::folder::Folder};

/// Arguments of `trainer config`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Preset whose values are printed
    #[arg(long, value_enum, default_value_t, conflicts_with = "run")]
    preset: Preset,
    /// Folder of a run whose settings are printed, to repeat or change it
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
}

/// Prints the settings as TOML.
///
/// # Errors
/// If the folder contains no run, or its configuration cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let text = match &options.run {
        Some(run) => {
            ensure!(
                !run.is_dir() || Folder::holds_run(run),
                "{} contains no run: {}; name the folder of a run",
                run.display(),
                Folder::no_run(run)
            );
            settings::run_to_toml(&Folder::read(run)?.1, run)
        }
        None => settings::to_toml(&options.preset.recipe()),
    };
    out!("{text}");
    Ok(())
}
