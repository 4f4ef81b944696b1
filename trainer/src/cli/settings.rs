//! Settings of a run as a TOML file: the long flags of `trainer train` without their dashes.
//!
//! A file becomes arguments before those that were typed. One parser therefore knows all names, ranges and
//! defaults, and a later argument overrides an earlier one.

use std::{ffi::OsString, fmt::Write, path::Path};

use anyhow::{Result, anyhow, bail, ensure};
use clap::{
    Arg, CommandFactory, Parser,
    error::{ContextKind, ContextValue},
};
use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use crate::{
    arguments,
    data::ReadOptions,
    files::read_text,
    gan::{backend::Backend, preset::Recipe, tuning::Tuning},
    text::one_line,
    training::{self, config::Config},
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
    let text = read_text(path)?;
    text.parse()
        .map_err(|error| anyhow!("{} is not TOML: {}", path.display(), fault(&text, &error)))
}

/// Returns position and cause of a syntax error on one line.
fn fault(text: &str, error: &toml::de::Error) -> String {
    let cause = error.message().lines().collect::<Vec<_>>().join(", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return cause;
    };
    let line = before.split('\n').count();
    let column = before
        .chars()
        .rev()
        .take_while(|&letter| letter != '\n')
        .count()
        + 1;
    format!("line {line}, column {column}: {cause}")
}

/// Converts settings to arguments of `trainer train`.
///
/// # Errors
/// If a setting is unknown or its value is invalid; the message names it and a remedy.
pub fn arguments(table: &Table) -> Result<Vec<OsString>> {
    let mut arguments = Vec::new();
    for (name, value) in table {
        let name = one_line(name);
        let argument = format!("--{name}={}", text(&name, value)?);
        check(&name, &argument)?;
        arguments.push(argument.into());
    }
    Ok(arguments)
}

/// Removes a setting from the arguments that [`arguments()`] returns.
pub fn remove(name: &str, arguments: &mut Vec<OsString>) {
    let start = format!("--{name}=");
    arguments.retain(|argument| !argument.to_string_lossy().starts_with(&start));
}

/// Checks that arguments of `trainer train` do not contradict each other.
///
/// # Errors
/// If two contradict each other or one has no effect; the message names them.
pub fn check_together(arguments: &[OsString]) -> Result<()> {
    let words = [OsString::from("train")];
    let settings = Settings::try_parse_from(words.iter().chain(arguments))?;
    settings
        .options
        .conflict()
        .map_or(Ok(()), |conflict| Err(anyhow!(conflict)))
}

/// Parses one setting and returns it in a form that is equal for equal values, however they are written.
///
/// # Errors
/// If the setting is unknown or its value is invalid; the message names it and a remedy.
pub fn parsed(name: &str, value: &Value) -> Result<String> {
    let table = Table::from_iter([(name.to_owned(), value.clone())]);
    let words = [OsString::from("train")].into_iter();
    let settings = Settings::try_parse_from(words.chain(arguments(&table)?))?;
    Ok(format!("{:?}", settings.options))
}

/// Checks that a board can run the generator that arguments of `trainer train` describe.
///
/// # Errors
/// If no board can; the message names the limit and the remedy.
pub fn check_boards(arguments: &[OsString]) -> Result<()> {
    let words = [OsString::from("train")];
    let settings = Settings::try_parse_from(words.iter().chain(arguments))?;
    settings.options.check_boards()
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
                .map(|value| element(name, value))
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

/// Returns a value of a list as it would be typed: between commas.
fn element(name: &str, value: &Value) -> Result<String> {
    let text = text(name, value)?;
    ensure!(
        !value.is_array() && !text.contains(','),
        "setting `{name}`: {value} in the list contains a comma, which separates values; write values without commas"
    );
    Ok(text)
}

/// Parses one setting alone, so that the error message can name it.
fn check(name: &str, argument: &str) -> Result<()> {
    if NO_SETTINGS.contains(&name) {
        bail!("`{name}` is only valid on the command line, not in a file");
    }
    let Err(error) = Settings::try_parse_from(["train", argument]) else {
        return Ok(());
    };
    // The message is that of the escaped value, unless that would be valid: control characters would break its line.
    let shown = one_line(argument);
    let error = Settings::try_parse_from(["train", &shown])
        .err()
        .unwrap_or(error);
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
    if let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue)
        && !values.is_empty()
    {
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
    let title = format!(
        "# Settings for `trainer train --config FILE`.\n\
         # Values in comments are the defaults of the preset {}; remove the # to set them for every preset.\n\
         # Replace a name in <> by a value: such a setting has no default value.\n",
        recipe.name
    );
    let own = Map::from_iter([("preset".to_owned(), recipe.name.into())]);
    lines(title, recipe, &own)
}

/// Formats all settings of `trainer train` with help: those of a run as values, the others as in [`to_toml`].
pub fn run_to_toml(config: &Config, run: &Path) -> String {
    let mut title = format!(
        "# Settings of the run {} for `trainer train --config FILE`.\n\
         # Values in comments are the defaults of its preset. Replace a name in <> by a value: such a setting has no \
         default value.\n\
         # SHA-256 of its training images: {}\n",
        run.display(),
        config.dataset_sha256
    );
    let extended = config.extended();
    if !extended.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            title,
            "# The run was {extended} while its learning rate decayed, so these settings do not repeat it bit for bit."
        );
    }
    lines(title, &config.preset.recipe(), &config.settings())
}

/// Formats all settings: those in `own` as values, the recipe's as comments.
fn lines(title: String, recipe: &Recipe, own: &Map<String, Json>) -> String {
    let command = Settings::command();
    let mut recipes = arguments::arguments(&Tuning::of(recipe));
    recipes.insert("iterations".to_owned(), recipe.iterations.into());
    recipes.insert("backend".to_owned(), Backend::default().name().into());
    let background = ReadOptions::default().background();
    recipes.insert("background".to_owned(), background.into());
    let mut text = title;
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
        let line = match (own.get(name), recipes.get(name)) {
            (Some(value), _) => format!("{name} = {}", toml_value(value)),
            (None, Some(value)) => format!("# {name} = {}", toml_value(value)),
            (None, None) => default_line(name, argument),
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "\n# {help}{}\n{line}\n", choices(argument));
    }
    text
}

/// Returns the line of a setting that does not depend on the recipe.
fn default_line(name: &str, argument: &Arg) -> String {
    if let Some(value) = argument.get_default_values().first() {
        return format!("{name} = {}", quoted(&value.to_string_lossy()));
    }
    let value = argument
        .get_value_names()
        .and_then(|names| names.first())
        .map_or("", |name| name);
    format!("# {name} = <{value}>")
}

/// Formats a value as TOML, whose integers have 64 bits with a sign.
fn toml_value(value: &Json) -> String {
    match value {
        Json::Array(values) => {
            let texts: Vec<_> = values.iter().map(toml_value).collect();
            format!("[{}]", texts.join(", "))
        }
        Json::String(text) => Value::from(text.as_str()).to_string(),
        Json::Number(number) if number.is_u64() && !number.is_i64() => format!("\"{number}\""),
        other => other.to_string(),
    }
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
        let tab = complaint("preset = \"digits-xs\\t\"");
        assert!(
            tab.contains("invalid value 'digits-xs\\u0009' for"),
            "{tab}"
        );
        assert!(complaint("\"a\\nb\" = 1").starts_with("setting `a\\u000ab`: "));
        let comma = complaint("class-names = [\"a\", \"b,c\"]");
        assert!(
            comma.contains("`class-names`: \"b,c\" in the list contains a comma"),
            "{comma}"
        );
        assert!(
            complaint("betas = [[0, 0.99]]").contains("[0, 0.99] in the list contains a comma")
        );
        let empty = complaint("data = \"\"");
        assert!(
            empty.starts_with("setting `data`: a value is required") && !empty.contains("possible"),
            "{empty}"
        );
        assert!(complaint("sede = false").contains("`sede`"));
        assert!(complaint("seed = 2026-01-01").contains("not a valid type for a setting"));
        assert!(complaint("resume = \"runs/x\"").contains("only valid on the command line"));
    }

    #[test]
    fn syntax_errors_have_one_line_with_the_position() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.toml");
        std::fs::write(&path, "seed = 1\npreset = digits\n").unwrap();
        let error = format!("{:#}", table(&path).unwrap_err());
        let start = format!("{} is not TOML: line 2, column 10: ", path.display());
        assert!(
            error.starts_with(&start) && !error.contains('\n'),
            "{error}"
        );
    }

    /// Returns the parsed arguments of `trainer train` in text form.
    fn parsed_text(arguments: Vec<OsString>) -> String {
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
            assert_eq!(
                parsed_text(arguments_of(&text).unwrap()),
                parsed_text(vec![preset])
            );
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
    fn every_comment_is_a_valid_value_or_a_placeholder() {
        let text = to_toml(&Preset::Digits.recipe());
        let mut placeholders = Vec::new();
        for line in text.lines().filter_map(|line| line.strip_prefix("# ")) {
            let Some((name, value)) = line.split_once(" = ") else {
                continue;
            };
            if value.starts_with('<') {
                assert!(line.parse::<Table>().is_err(), "{line}");
                placeholders.push(name);
            } else {
                arguments_of(line).unwrap();
            }
        }
        assert_eq!(placeholders, ["data", "class-names", "out"]);
    }

    #[test]
    fn uncommented_values_apply_to_every_recipe() {
        let text = to_toml(&Preset::DigitsXs.recipe());
        let text = text
            .replace("# iterations = ", "iterations = ")
            .replace("# latent = ", "latent = ");
        let changed = arguments_of(&text.replace("\"digits-xs\"", "\"seed\"")).unwrap();
        let typed = ["--preset=seed", "--iterations=8000", "--latent=16"].map(OsString::from);
        assert_eq!(parsed_text(changed), parsed_text(typed.to_vec()));
    }
}
