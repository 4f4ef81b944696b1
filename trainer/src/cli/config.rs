//! `trainer config`: every setting of a run with its default, to be changed and given back by `--config`.

use anyhow::{Context, Result};
use clap::CommandFactory;

use super::Cli;
use crate::{cli::settings, gan::preset::Preset};

/// For which recipe.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Recipe whose numbers to print
    #[arg(long, value_enum, default_value_t)]
    preset: Preset,
}

/// Prints the settings as TOML.
///
/// # Errors
/// Never: the command line has a `train`.
pub fn run(options: &Options) -> Result<()> {
    let cli = Cli::command();
    let train = cli.find_subcommand("train").context("no command `train`")?;
    out!("{}", settings::printed(train, &options.preset.recipe()));
    Ok(())
}
