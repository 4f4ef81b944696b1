//! Settings of a run as a TOML file: the long flags of `trainer train` without their dashes.
//!
//! A file becomes arguments before those that were typed. One parser therefore knows all names, ranges and
//! defaults, and a later argument overrides an earlier one.

use std::{ffi::OsString, fmt::Write, path::Path};

use anyhow::{Context, Result, anyhow, bail};
use clap::{
    Arg, CommandFactory, Parser,
    error::{ContextKind, ContextValue},
};
use toml::{Table, Value};

use crate::{
    files::read_text,
    gan::{backend::Backend, preset::Recipe},
    training,
};

/// Parser of settings: the arguments of `trainer train`.
#[derive(Debug, Parser)]
#[command(args_override_self = true)]
struct Settings {
    #[command(flatten)]
    options: training::Options,
}

/// Flags that are not settings of a run.
const NO_SETTINGS: [&str; 3] = ["config", "resume", "help"];

/// Reads a TOML file, in UTF-8 or as Windows PowerShell writes it, in UTF-16.
///
/// # Errors
/// If it cannot be read or is not TOML; the message names the file and the position.
pub fn table(path: &Path) -> Result<Table> {
    read_text(path)?
        .parse()
        .with_context(|| format!("{} is not TOML", path.display()))
}

/// Converts settings to arguments of `trainer train`.
///
/// # Errors
/// If a setting is unknown or its value is invalid; the message names it and a remedy.
pub fn arguments(table: &Table) -> Result<Vec<OsString>> {
    let mut arguments = Vec::new();
    for (name, value) in table {
        let argument = format!("--{name}={}", text(name, value)?);
        check(name, &argument)?;
        arguments.push(argument.into());
    }
    Ok(arguments)
}

/// Checks that arguments of `trainer train` do not contradict each other.
///
/// # Errors
/// If one has no effect on the dataset; the message names both.
pub fn check_together(arguments: &[OsString]) -> Result<()> {
    let words = [OsString::from("train")];
    let settings = Settings::try_parse_from(words.iter().chain(arguments))?;
    settings
        .options
        .request
        .conflict()
        .map_or(Ok(()), |conflict| Err(anyhow!(conflict)))
}

/// Returns a value as it would be typed.
fn text(name: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Boolean(on) => Ok(on.to_string()),
        Value::Array(values) => {
            let texts = values
                .iter()
                .map(|value| text(name, value))
                .collect::<Result<Vec<_>>>()?;
            Ok(texts.join(","))
        }
        Value::Datetime(_) | Value::Table(_) => {
            bail!(
                "`{name}` is a {}, which is not a valid type for a setting",
                value.type_str()
            )
        }
    }
}

/// Parses one setting alone, so that the error message can name it.
fn check(name: &str, argument: &str) -> Result<()> {
    if NO_SETTINGS.contains(&name) {
        bail!("`{name}` is only valid on the command line, not in a file");
    }
    let Err(error) = Settings::try_parse_from(["train", argument]) else {
        return Ok(());
    };
    let complaint = error.to_string();
    let complaint = complaint
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ");
    Err(anyhow!("setting `{name}`: {complaint}{}", remedy(&error)))
}

/// Returns the remedy that the argument parser suggests, if any.
fn remedy(error: &clap::Error) -> String {
    let mut remedy = String::new();
    if let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue) {
        remedy = format!("; possible values: {}", values.join(", "));
    }
    let similar = error
        .get(ContextKind::SuggestedArg)
        .or_else(|| error.get(ContextKind::SuggestedValue));
    if let Some(similar) = similar {
        let similar = similar.to_string();
        // Writing to a string cannot fail.
        let _ = write!(
            remedy,
            "; did you mean `{}`?",
            similar.trim_start_matches("--")
        );
    }
    remedy
}

/// Formats all settings of `trainer train` with defaults and help. Values of the recipe are comments, so that
/// the file can be used with any recipe.
pub fn to_toml(recipe: &Recipe) -> String {
    let command = Settings::command();
    let mut text = format!(
        "# Settings for `trainer train --config FILE`.\n\
         # Values in comments are the defaults of the preset {}; remove the # to set them for every preset.\n",
        recipe.name
    );
    for argument in command
        .get_arguments()
        .filter(|argument| !NO_SETTINGS.contains(&argument.get_id().as_str()))
    {
        let Some(name) = argument.get_long() else {
            continue;
        };
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n# {help}{}\n{}\n",
            choices(argument),
            line(name, argument, recipe)
        );
    }
    text
}

fn line(name: &str, argument: &Arg, recipe: &Recipe) -> String {
    let recipes = match name {
        "iterations" => Some(recipe.iterations.to_string()),
        "backend" => Some(Backend::default().name().to_owned()),
        "batch" => Some(recipe.batch.to_string()),
        "learning-rate" => Some(recipe.learning_rate.to_string()),
        "latent" => Some(recipe.latent.to_string()),
        "sparsity" => Some(recipe.sparsity.unwrap_or_default().to_string()),
        _ => None,
    };
    if let Some(number) = recipes {
        return format!("# {name} = {number}");
    }
    if name == "preset" {
        return format!("{name} = {:?}", recipe.name);
    }
    if let Some(value) = argument.get_default_values().first() {
        return format!("{name} = {}", quoted(&value.to_string_lossy()));
    }
    let value = argument
        .get_value_names()
        .and_then(|names| names.first())
        .map_or("", |name| name);
    format!("# {name} = {value:?}")
}

/// Formats numbers and booleans as they are, other values in quotes.
fn quoted(value: &str) -> String {
    let plain = value.parse::<f64>().is_ok() || value.parse::<bool>().is_ok();
    if plain {
        value.to_owned()
    } else {
        Value::from(value).to_string()
    }
}

/// Returns the possible values of a setting, if they are enumerated.
fn choices(argument: &Arg) -> String {
    let values = argument.get_possible_values();
    if values.is_empty() {
        return String::new();
    }
    let names: Vec<_> = values
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    format!(": {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::gan::preset::Preset;

    fn arguments_of(text: &str) -> Result<Vec<OsString>> {
        arguments(&text.parse().unwrap())
    }

    #[test]
    fn settings_become_arguments() {
        let found =
            arguments_of("preset = \"digits-xs\"\niterations = 200\nno-tui = true").unwrap();
        assert_eq!(
            found,
            ["--iterations=200", "--no-tui=true", "--preset=digits-xs"]
        );
        assert_eq!(arguments_of("invert = false").unwrap(), ["--invert=false"]);
    }

    #[test]
    fn invalid_settings_are_errors_with_the_valid_ones() {
        let complaint = |text: &str| format!("{:#}", arguments_of(text).unwrap_err());
        let misspelt = complaint("iteration = 200");
        assert!(
            misspelt.contains("`iteration`") && misspelt.contains("did you mean `iterations`?"),
            "{misspelt}"
        );
        let negative = complaint("iterations = 0");
        assert!(
            negative.contains("`iterations`") && negative.contains("not in 1.."),
            "{negative}"
        );
        let preset = complaint("preset = \"digit-xs\"");
        assert!(
            preset.contains("possible values: digits, digits-xs"),
            "{preset}"
        );
        assert!(preset.contains("did you mean `digits-xs`?"), "{preset}");
        assert!(complaint("sede = false").contains("`sede`"));
        assert!(complaint("seed = 2026-01-01").contains("not a valid type for a setting"));
        assert!(complaint("resume = \"runs/x\"").contains("only valid on the command line"));
    }

    /// Returns the parsed arguments of `trainer train` in text form.
    fn parsed(arguments: Vec<OsString>) -> String {
        let words = [OsString::from("train")].into_iter().chain(arguments);
        format!("{:?}", Settings::try_parse_from(words).unwrap().options)
    }

    #[test]
    fn printed_settings_are_read_back_as_the_defaults() {
        let train = Settings::command();
        for preset in Preset::value_variants() {
            let recipe = preset.recipe();
            let text = to_toml(&recipe);
            let preset = OsString::from(format!("--preset={}", recipe.name));
            assert_eq!(parsed(arguments_of(&text).unwrap()), parsed(vec![preset]));
            let settings = train.get_arguments().filter_map(Arg::get_long);
            for name in settings.filter(|name| !NO_SETTINGS.contains(name)) {
                assert!(
                    text.contains(&format!("{name} = ")),
                    "{name} is missing:\n{text}"
                );
            }
        }
    }

    #[test]
    fn uncommented_values_apply_to_every_recipe() {
        let text = to_toml(&Preset::DigitsXs.recipe());
        let text = text
            .replace("# iterations = ", "iterations = ")
            .replace("# latent = ", "latent = ");
        let changed = arguments_of(&text.replace("\"digits-xs\"", "\"seed\"")).unwrap();
        let typed = ["--preset=seed", "--iterations=10000", "--latent=16"].map(OsString::from);
        assert_eq!(parsed(changed), parsed(typed.to_vec()));
    }
}
