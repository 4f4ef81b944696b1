//! `trainer config`: all settings of a run with their defaults, in the form that `--config` reads.

use anyhow::{Context, Result};
use clap::CommandFactory;

use super::Cli;
use crate::{cli::settings, gan::preset::Preset};

/// Arguments of `trainer config`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Preset whose values are printed
    #[arg(long, value_enum, default_value_t)]
    preset: Preset,
}

/// Prints the settings as TOML.
///
/// # Errors
/// Never: the command line has a command `train`.
pub fn run(options: &Options) -> Result<()> {
    let cli = Cli::command();
    let train = cli.find_subcommand("train").context("no command `train`")?;
    out!("{}", settings::printed(train, &options.preset.recipe()));
    Ok(())
}
