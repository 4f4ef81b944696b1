//! Settings of a run as a TOML file: the long flags of `trainer train`, without their dashes.
//!
//! A file becomes arguments in front of those that were typed, so one parser knows all names, ranges and
//! defaults, and the later argument wins.

use std::{ffi::OsString, fmt::Write, path::Path};

use anyhow::{Context, Result, anyhow, bail};
use clap::{Arg, ArgAction, Command, Parser, error::ContextKind};
use toml::{Table, Value};

use crate::{backend::Backend, commands::Cli, files::read, preset::Recipe};

/// Flags that are no settings of a run.
const NO_SETTINGS: [&str; 3] = ["config", "resume", "help"];

/// Reads a TOML file into a table.
///
/// # Errors
/// When it cannot be read or is not TOML; the message names the file and the place.
pub fn table(path: &Path) -> Result<Table> {
    let text = String::from_utf8(read(path)?).with_context(|| format!("{} is not text", path.display()))?;
    text.parse().with_context(|| format!("{} is not TOML", path.display()))
}

/// The settings of a table as arguments of `trainer train`.
///
/// # Errors
/// When a setting is unknown or its value is wrong; the message names it and what would do.
pub fn arguments(table: &Table) -> Result<Vec<OsString>> {
    let mut arguments = Vec::new();
    for (name, value) in table {
        let written = argument(name, value)?;
        check(name, written.as_deref())?;
        arguments.extend(written.map(OsString::from));
    }
    Ok(arguments)
}

/// One setting as an argument; `None` for a flag that is off.
fn argument(name: &str, value: &Value) -> Result<Option<String>> {
    Ok(match value {
        Value::Boolean(true) => Some(format!("--{name}")),
        Value::Boolean(false) => None,
        _ => Some(format!("--{name}={}", text(name, value)?)),
    })
}

/// A value as it would be typed.
fn text(name: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Array(values) => {
            let texts = values.iter().map(|value| text(name, value)).collect::<Result<Vec<_>>>()?;
            Ok(texts.join(","))
        }
        Value::Boolean(_) | Value::Datetime(_) | Value::Table(_) => {
            bail!("`{name}` is a {}, which is no value of a setting", value.type_str())
        }
    }
}

/// Has the argument parser look at one setting alone, so that its complaint can name it.
fn check(name: &str, written: Option<&str>) -> Result<()> {
    if NO_SETTINGS.contains(&name) {
        bail!("`{name}` belongs on the command line, not into a file");
    }
    // A flag that is off is spelt out for the check of its name.
    let argument = written.map_or_else(|| format!("--{name}"), ToOwned::to_owned);
    let Err(error) = Cli::try_parse_from(["trainer", "train", &argument]) else { return Ok(()) };
    let complaint = error.to_string();
    let complaint = complaint.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let similar = error.get(ContextKind::SuggestedArg).map(|name| format!("; did you mean `{name}`?"));
    let similar = similar.unwrap_or_default().replace("`--", "`");
    Err(anyhow!("setting `{name}`: {complaint}{similar}"))
}

/// All settings of `trainer train` with their defaults and what they mean; iterations and the like are the
/// recipe's.
pub fn printed(train: &Command, recipe: &Recipe) -> String {
    let mut text = format!(
        "# Settings for `trainer train --config FILE`: the defaults of the recipe {}.\n\
         # A line that is taken out leaves its setting to the recipe.\n",
        recipe.name
    );
    for argument in
        train.get_arguments().filter(|argument| !NO_SETTINGS.contains(&argument.get_id().as_str()))
    {
        let Some(name) = argument.get_long() else { continue };
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        // Text never fails to be written to.
        let _ = write!(text, "\n# {help}{}\n{}\n", choices(argument), line(name, argument, recipe));
    }
    text
}

fn line(name: &str, argument: &Arg, recipe: &Recipe) -> String {
    if matches!(argument.get_action(), ArgAction::SetTrue) {
        return format!("{name} = false");
    }
    let default = argument.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
    let default = match name {
        "preset" => Some(recipe.name.to_owned()),
        "iterations" => Some(recipe.iterations.to_string()),
        "backend" => Some(Backend::default().name().to_owned()),
        "batch" => Some(recipe.batch.to_string()),
        "learning-rate" => Some(recipe.learning_rate.to_string()),
        "latent" => Some(recipe.latent.to_string()),
        "sparsity" => Some(recipe.sparsity.unwrap_or_default().to_string()),
        _ => default,
    };
    if let Some(value) = default {
        return format!("{name} = {}", quoted(&value));
    }
    let value = argument.get_value_names().and_then(|names| names.first()).map_or("", |name| name);
    format!("# {name} = {value:?}")
}

/// A number as it is, anything else in quotes.
fn quoted(value: &str) -> String {
    if value.parse::<f64>().is_ok() { value.to_owned() } else { Value::from(value).to_string() }
}

/// The values that a setting can have, where they are few.
fn choices(argument: &Arg) -> String {
    let values = argument.get_possible_values();
    if values.is_empty() || matches!(argument.get_action(), ArgAction::SetTrue) {
        return String::new();
    }
    let names: Vec<_> = values.iter().map(|value| value.get_name().to_owned()).collect();
    format!(": {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::preset::Preset;

    fn arguments_of(text: &str) -> Result<Vec<OsString>> {
        arguments(&text.parse().unwrap())
    }

    #[test]
    fn settings_become_arguments() {
        let found = arguments_of("preset = \"digits-xs\"\niterations = 200\nno-tui = true").unwrap();
        assert_eq!(found, ["--iterations=200", "--no-tui", "--preset=digits-xs"]);
        assert!(arguments_of("no-tui = false").unwrap().is_empty());
    }

    #[test]
    fn wrong_settings_are_named_with_what_would_do() {
        let complaint = |text: &str| format!("{:#}", arguments_of(text).unwrap_err());
        let misspelt = complaint("iteration = 200");
        assert!(
            misspelt.contains("`iteration`") && misspelt.contains("did you mean `iterations`?"),
            "{misspelt}"
        );
        let negative = complaint("iterations = 0");
        assert!(negative.contains("`iterations`") && negative.contains("not in 1.."), "{negative}");
        assert!(complaint("sede = false").contains("`sede`"));
        assert!(complaint("seed = 2026-01-01").contains("no value of a setting"));
        assert!(complaint("resume = \"runs/x\"").contains("belongs on the command line"));
    }

    #[test]
    fn what_is_printed_is_read_back_as_the_defaults() {
        let cli = Cli::command();
        let train = cli.find_subcommand("train").unwrap();
        let text = printed(train, &Preset::DigitsXs.recipe());
        let table: Table = text.parse().unwrap();
        assert_eq!((&table["iterations"], &table["latent"]), (&Value::Integer(10_000), &Value::Integer(16)));
        assert_eq!(table["preset"], Value::String("digits-xs".into()));
        arguments(&table).unwrap();
        let settings = train.get_arguments().filter(|argument| argument.get_long().is_some());
        for name in settings.filter_map(Arg::get_long).filter(|name| !NO_SETTINGS.contains(name)) {
            assert!(text.contains(&format!("{name} = ")), "{name} is missing:\n{text}");
        }
    }
}
