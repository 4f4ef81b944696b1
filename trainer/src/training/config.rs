//! Configuration of a run.

use std::{fmt::Write, mem, path::Path};

use anyhow::{Result, anyhow, bail, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::checkpoint::Identity;
use crate::{
    arguments::arguments,
    data::{self, Dataset, DatasetKind, Request},
    files::hex,
    gan::backend::Backend,
    gan::{
        preset::{Preset, Recipe},
        tuning::Tuning,
    },
    text::{self, shell_word},
};

/// Program and version in model files and configurations.
pub const TOOL: &str = concat!("thumbgan ", env!("CARGO_PKG_VERSION"));
/// Start of the name of a version of this program.
const PROGRAM: &str = "thumbgan ";
/// Configuration of a run, with which it can be resumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Preset.
    pub preset: Preset,
    /// Total number of iterations.
    pub iterations: u32,
    /// Seed of weights, image order and latents.
    pub seed: u64,
    /// Compute backend.
    pub backend: Backend,
    /// Iterations between checkpoints.
    pub checkpoint_every: u32,
    /// Name of the dataset.
    pub dataset: String,
    /// SHA-256 of the training images in hexadecimal.
    pub dataset_sha256: String,
    /// SHA-256 of the training labels, one byte each; absent in runs of earlier versions.
    pub labels_sha256: Option<String>,
    /// Location of the dataset and options for reading it.
    #[serde(default)]
    pub request: Request,
    /// Overrides of the recipe.
    #[serde(default)]
    pub tuning: Tuning,
    /// SHA-256 of the recipe with these overrides as text; absent in runs of earlier versions.
    pub recipe_sha256: Option<String>,
    /// Extensions that changed the learning rates of iterations to come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    /// Program and version.
    pub tool: String,
}

/// Extension of a run whose learning rate had begun to decay: no run of the new length has the same result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Number of completed iterations.
    pub iteration: u32,
    /// Total number of iterations before the extension.
    pub iterations: u32,
}

impl Config {
    /// Returns the recipe with the overrides, for a number of classes.
    pub fn recipe(&self, classes: u8) -> Recipe {
        self.preset
            .recipe()
            .tuned(&self.tuning)
            .with_classes(classes)
    }

    /// Sets the total number of iterations of a run that has completed `done`, and returns a warning if the learning
    /// rates of these would have been others in a run of that length.
    pub fn extend(&mut self, recipe: &Recipe, done: u32, iterations: u32) -> Option<String> {
        let before = mem::replace(&mut self.iterations, iterations);
        // Rates only decrease, so the last one of the completed iterations differs first.
        let last = done.checked_sub(1)?;
        let [then, now] = [before, iterations].map(|all| recipe.rate(last, all));
        if then.to_bits() == now.to_bits() {
            return None;
        }
        self.extensions.push(Extension {
            iteration: done,
            iterations: before,
        });
        Some(format!(
            "the learning rate decays over the length of a run: after {done} iterations of {before} it was {then:.2e}, \
             of {iterations} it is {now:.2e}; the result differs from that of a new run of {iterations} iterations, \
             and config.json and the card mention the extension"
        ))
    }

    /// Returns a description of the extensions that changed learning rates, such as "extended after 100 of 100 iterations";
    /// empty if there are none.
    pub fn extended(&self) -> String {
        let extensions = self.extensions.iter().map(|extension| {
            format!(
                "extended after {} of {}",
                extension.iteration,
                text::count(extension.iterations as usize, "iteration")
            )
        });
        extensions.collect::<Vec<_>>().join(", ")
    }

    /// Returns the identity of the run, which its checkpoints carry.
    pub fn identity(&self, recipe: &Recipe) -> Identity {
        Identity {
            recipe_sha256: recipe_sha256(recipe),
            seed: self.seed,
            dataset_sha256: self.dataset_sha256.clone(),
            labels_sha256: self.labels_sha256.clone(),
        }
    }

    /// Returns the settings that repeat the run, by the names of the arguments of `trainer train`.
    pub fn settings(&self) -> Map<String, Value> {
        let own = [
            ("preset", self.preset.recipe().name.into()),
            ("dataset", self.dataset.as_str().into()),
            ("iterations", self.iterations.into()),
            ("seed", self.seed.into()),
            ("backend", self.backend.name().into()),
            ("checkpoint-every", self.checkpoint_every.into()),
        ];
        let mut settings = arguments(&self.request);
        settings.extend(own.map(|(name, value)| (name.to_owned(), value)));
        settings.extend(arguments(&self.tuning));
        settings
    }

    /// Returns the command that repeats the training of the run on the same backend, without the location of custom images.
    pub fn command(&self) -> String {
        let Self {
            iterations,
            seed,
            dataset,
            ..
        } = self;
        let preset = self.preset.recipe().name;
        let mut command = format!(
            "trainer train --preset {preset} --dataset {dataset} --iterations {iterations} --seed {seed}"
        );
        let reading = arguments(&self.request.reading).into_iter();
        let reading = reading.filter(|(_, value)| *value != Value::Bool(false));
        for (name, value) in reading.chain(arguments(&self.tuning)) {
            let text = match value {
                Value::Array(values) => {
                    let texts: Vec<_> = values.iter().map(unquoted).collect();
                    format!(" {}", shell_word(texts.join(",")))
                }
                // Written after an equals sign: without it, these options have no value.
                Value::Bool(value) => format!("={value}"),
                other => format!(" {}", shell_word(unquoted(&other))),
            };
            // Writing to a string cannot fail.
            let _ = write!(command, " --{name}{text}");
        }
        command
    }

    /// Parses the contents of `path`.
    ///
    /// # Errors
    /// If they are no configuration that this program can read; the message names the cause and the remedy.
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let value = json(bytes).map_err(|error| {
            anyhow!(
                "{} is not valid JSON, it is cut or damaged ({error:#}); restore the file from its source or a backup",
                path.display()
            )
        })?;
        let tool = value["tool"].as_str().unwrap_or("an unknown program");
        let config: Self = serde_json::from_value(value.clone()).map_err(|error| {
            anyhow!(
                "{} cannot be read by this program, {TOOL}: {error}; {}",
                path.display(),
                remedy(tool)
            )
        })?;
        if let Some(field) = unknown_field(&value, &serde_json::to_value(&config)?) {
            bail!(
                "{} has the unknown field \"{field}\"; {}",
                path.display(),
                remedy(tool)
            );
        }
        Ok(config)
    }

    /// Returns true for the contents of a config.json of another program: valid JSON that no version of this one has
    /// written.
    pub fn is_foreign(bytes: &[u8]) -> bool {
        json(bytes).is_ok_and(|value| {
            let tool = value["tool"].as_str().unwrap_or_default();
            !tool.starts_with(PROGRAM)
        })
    }

    /// Loads the dataset of the run, from `folder` if it was moved.
    ///
    /// # Errors
    /// If the dataset is not available, or dataset or recipe differ from those at the start of the run.
    pub fn load_data(&self, folder: Option<&Path>) -> Result<Dataset> {
        let dataset = data::reload(&self.request(folder)?).map_err(|error| {
            anyhow!("cannot read the dataset of the run: {error:#}; pass its location with --data if it was moved")
        })?;
        self.check(&dataset)?;
        Ok(dataset)
    }

    /// Returns the request for the dataset. The environment is used only if the run was started without a
    /// folder.
    fn request(&self, folder: Option<&Path>) -> Result<Request> {
        let dataset = DatasetKind::from_str(&self.dataset, false).map_err(|_| {
            anyhow!(
                "config.json: unknown dataset {:?}; use the version that wrote it, {}",
                self.dataset,
                self.tool
            )
        })?;
        ensure!(
            folder.is_none() || dataset != DatasetKind::Procedural,
            "--data has no effect on this run: its dataset is the built-in procedural digits"
        );
        let data = folder
            .map(ToOwned::to_owned)
            .or_else(|| self.request.data.clone());
        Ok(Request {
            data,
            dataset,
            reading: self.request.reading.clone(),
        })
    }

    /// Checks that `dataset` and recipe are those at the start of the run.
    fn check(&self, dataset: &Dataset) -> Result<()> {
        let found = hex(&dataset.sha256);
        ensure!(
            found == self.dataset_sha256,
            "the run was started with the dataset {} (SHA-256 {}), but this is {} (SHA-256 {found}); \
             pass the same data with --data; if they are the same, the build that started the run, {}, reads them \
             otherwise: resume it with that build",
            self.dataset,
            self.dataset_sha256,
            dataset.name,
            self.tool
        );
        ensure!(
            self.labels_sha256
                .as_ref()
                .is_none_or(|then| *then == labels_sha256(dataset)),
            "the run was started with the same images of the dataset {}, but with other labels; pass the same data with --data; if \
             they are the same, the build that started the run, {}, reads them otherwise: resume it with that build",
            self.dataset,
            self.tool
        );
        let recipe = self.recipe(dataset.classes());
        ensure!(
            self.recipe_sha256
                .as_ref()
                .is_none_or(|then| *then == recipe_sha256(&recipe)),
            "the recipe of the preset {} differs from that at the start of the run; {}",
            recipe.name,
            remedy(&self.tool)
        );
        Ok(())
    }
}

/// Returns the text of a value, without quotation marks around strings.
fn unquoted(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the origin of a configuration that this program cannot use, and the remedy.
fn remedy(tool: &str) -> String {
    if tool == TOOL {
        return format!(
            "config.json says that {TOOL} wrote it, as this is: use the newer build that wrote it; or, if the file was \
             edited, undo the change, or restore the file from a backup"
        );
    }
    format!("it was written by {tool}, perhaps in another build: use that one for this run")
}

/// Parses JSON in UTF-8 or UTF-16.
fn json(bytes: &[u8]) -> Result<Value> {
    Ok(serde_json::from_str(&text::decode(bytes)?)?)
}

/// Returns the path of the first field that is not among the known ones, such as `request.data`.
fn unknown_field(found: &Value, known: &Value) -> Option<String> {
    found.as_object()?.iter().find_map(|(name, value)| {
        let Some(known) = known.get(name) else {
            return Some(name.clone());
        };
        unknown_field(value, known).map(|field| format!("{name}.{field}"))
    })
}

/// Returns the SHA-256 of the training labels in hexadecimal.
pub fn labels_sha256(dataset: &Dataset) -> String {
    hex(&Sha256::digest(&dataset.train.labels))
}

/// Returns the SHA-256 of a recipe in hexadecimal.
pub fn recipe_sha256(recipe: &Recipe) -> String {
    hex(&Sha256::digest(format!("{recipe:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_words_of_a_command_as_they_were() {
        for (word, typed) in [
            ("40,32", "40,32"),
            ("a,T-shirt_2", "a,T-shirt_2"),
            ("a b,c|d", "'a b,c|d'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
        ] {
            assert_eq!(shell_word(word), typed);
        }
        assert_eq!(text::code_in_table("a 'b|c'"), r"`a 'b\|c'`");
        assert_eq!(text::code_in_table("a '`'"), "`` a '`' ``");
    }

    #[test]
    fn a_location_has_no_effect_on_procedural_digits() {
        let config = serde_json::json!({
            "preset": "seed", "iterations": 1, "seed": 1, "backend": "flex", "checkpoint_every": 1,
            "dataset": "procedural", "dataset_sha256": "", "tool": TOOL,
        });
        let config =
            Config::parse(config.to_string().as_bytes(), Path::new("config.json")).unwrap();
        let error = config
            .request(Some(Path::new("moved")))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("--data has no effect on this run"),
            "{error}"
        );
        assert!(config.request(None).is_ok());
    }
}
