//! `trainer config`: all settings of a run with their defaults, in the form that `--config` reads.

use super::settings;
use crate::gan::preset::Preset;

/// Arguments of `trainer config`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Preset whose values are printed
    #[arg(long, value_enum, default_value_t)]
    preset: Preset,
}

/// Prints the settings as TOML.
pub fn run(options: &Options) {
    out!("{}", settings::to_toml(&options.preset.recipe()));
}
