//! Plan of a sweep: the points of a grid of settings from a TOML file.

use std::{
    collections::HashMap,
    fmt::{self, Display},
    path::Path,
    str::FromStr,
};

use anyhow::{Context, Result, bail, ensure};
use toml::{Table, Value};

use crate::cli::settings;

/// Table of the values to combine; all other settings apply to every run.
const GRID: &str = "grid";
const NO_TUI: &str = "no-tui";
/// Maximum number of runs.
const MAX_POINTS: usize = 10_000;
/// Settings that the sweep chooses for every run.
const OWN: [&str; 2] = ["out", NO_TUI];

/// Point of the grid, one training run.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Name of the run's folder.
    pub name: String,
    /// Settings of the run.
    pub settings: Table,
}

/// Part of a sweep: every `count`-th run from `index` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    place: usize,
    count: usize,
}

/// Returns the points of a file; the last setting of the grid varies fastest.
///
/// # Errors
/// If the file cannot be read or a setting is invalid; the message names it.
pub fn points(path: &Path) -> Result<Vec<Point>> {
    let table = settings::table(path)?;
    combinations(table).with_context(|| path.display().to_string())
}

fn combinations(mut shared: Table) -> Result<Vec<Point>> {
    let Some(Value::Table(grid)) = shared.remove(GRID) else {
        bail!(
            "the table [{GRID}] is missing; add it with lists of values, such as seed = [1, 2, 3]"
        )
    };
    ensure!(
        !grid.is_empty(),
        "the table [{GRID}] is empty; add lists of values, such as seed = [1, 2, 3]"
    );
    // `trainer config` prints this setting, but runs of a sweep have no terminal.
    shared.remove(NO_TUI);
    let mut points = vec![Point {
        name: String::new(),
        settings: shared,
    }];
    for (name, values) in grid {
        let values = values
            .as_array()
            .with_context(|| format!("`{name}` in [{GRID}] is not a list of values"))?;
        ensure!(
            !values.is_empty(),
            "`{name}` in [{GRID}] is an empty list; add values, or remove it"
        );
        ensure!(
            !points[0].settings.contains_key(&name),
            "`{name}` is set above [{GRID}] and in it; remove one of them"
        );
        ensure!(
            points.len().saturating_mul(values.len()) <= MAX_POINTS,
            "[{GRID}] has more than {MAX_POINTS} combinations; use fewer values"
        );
        check_distinct(&name, values)?;
        points = points
            .iter()
            .flat_map(|point| values.iter().map(|value| point.with(&name, value)))
            .collect();
    }
    for point in &points {
        for name in OWN {
            ensure!(
                !point.settings.contains_key(name),
                "`{name}` is set by the sweep; remove it"
            );
        }
        let arguments = settings::arguments(&point.settings)?;
        settings::check_together(&arguments)?;
        settings::check_boards(&arguments).with_context(|| point.name.clone())?;
    }
    Ok(points)
}

/// Checks that the values of a list are different settings and have folders of different names.
///
/// # Errors
/// If a value is invalid or two are equal; the message names the list and the values.
fn check_distinct(name: &str, values: &[Value]) -> Result<()> {
    let (mut settings, mut folders) = (HashMap::new(), HashMap::new());
    for value in values {
        if let Some(first) = settings.insert(settings::parsed(name, value)?, value) {
            bail!(
                "`{name}` in [{GRID}] contains the value {value} twice{}; remove one of them",
                if first == value {
                    String::new()
                } else {
                    format!(", also as {first}")
                }
            );
        }
        let folder = folder_name(name, value);
        if let Some(first) = folders.insert(folder.clone(), value) {
            bail!(
                "the values {first} and {value} of `{name}` in [{GRID}] have the same folder, {folder}; change one of \
                 them, or train them in two sweeps"
            );
        }
    }
    Ok(())
}

/// Returns the part of a folder's name for one setting.
fn folder_name(name: &str, value: &Value) -> String {
    let value = match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<_> = values.iter().map(ToString::to_string).collect();
            texts.join("-")
        }
        other => other.to_string(),
    };
    format!("{name}={value}").replace(|letter: char| !is_plain(letter), "_")
}

impl Point {
    /// Returns the point with one more setting.
    fn with(&self, name: &str, value: &Value) -> Self {
        let mut settings = self.settings.clone();
        settings.insert(name.to_owned(), value.clone());
        let part = folder_name(name, value);
        let name = if self.name.is_empty() {
            part
        } else {
            format!("{},{part}", self.name)
        };
        Self { name, settings }
    }
}

/// Returns true if a character is safe in a folder name.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "=.-".contains(letter)
}

impl Shard {
    /// Shard that contains all runs.
    pub const ALL: Self = Self { place: 1, count: 1 };

    /// Creates the shard `place`, from 1 on, of `count`; `None` if there is no such shard.
    pub fn new(place: usize, count: usize) -> Option<Self> {
        (1..=count)
            .contains(&place)
            .then_some(Self { place, count })
    }

    /// Returns the shard as a part of a file name.
    pub fn file_name(self) -> String {
        format!("{}-of-{}", self.place, self.count)
    }

    /// Returns the elements of this shard.
    pub fn of<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter()
            .skip(self.place - 1)
            .step_by(self.count)
            .collect()
    }
}

impl Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.place, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(place, count)| Some((place.parse().ok()?, count.parse().ok()?)));
        let shard = numbers.and_then(|(place, count)| Self::new(place, count));
        shard.ok_or_else(|| "a shard is I/N with I from 1 to N, such as 2/4".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::preset::Preset;

    fn names(text: &str) -> Result<Vec<String>> {
        Ok(combinations(text.parse().unwrap())?
            .into_iter()
            .map(|point| point.name)
            .collect())
    }

    #[test]
    fn a_grid_is_every_combination_with_the_shared_settings() {
        let text = "iterations = 50\n[grid]\npreset = [\"seed\", \"digits-xs\"]\nseed = [1, 2]";
        let expected = [
            "preset=seed,seed=1",
            "preset=seed,seed=2",
            "preset=digits-xs,seed=1",
            "preset=digits-xs,seed=2",
        ];
        assert_eq!(names(text).unwrap(), expected);
        let points = combinations(text.parse().unwrap()).unwrap();
        assert!(
            points
                .iter()
                .all(|point| point.settings["iterations"] == Value::Integer(50))
        );
        assert_eq!(points[3].settings["preset"].as_str(), Some("digits-xs"));
    }

    #[test]
    fn printed_settings_apply_to_runs_of_any_preset() {
        let printed = settings::to_toml(&Preset::Digits.recipe());
        let points = combinations(
            format!("{printed}[grid]\nlatent = [8, 9]\n")
                .parse()
                .unwrap(),
        )
        .unwrap();
        assert_eq!(points[1].settings["latent"], Value::Integer(9));
        assert!(
            OWN.iter()
                .all(|name| !points[1].settings.contains_key(*name))
        );
        assert!(
            !points[1].settings.contains_key("sparsity"),
            "it is the recipe's"
        );
    }

    #[test]
    fn invalid_sweeps_are_errors_before_any_run() {
        let complaint = |text: &str| format!("{:#}", names(text).unwrap_err());
        assert!(complaint("seed = 1").contains("the table [grid] is missing"));
        assert!(complaint("seed = 1\n[grid]").contains("the table [grid] is empty"));
        assert!(complaint("[grid]\nseed = 1").contains("`seed` in [grid] is not a list"));
        assert!(complaint("[grid]\nsede = [1]").contains("did you mean `seed`?"));
        assert!(complaint("out = \"x\"\n[grid]\nseed = [1]").contains("`out` is set by the sweep"));
        let empty = complaint("[grid]\nseed = []");
        assert!(
            empty.contains("`seed` in [grid] is an empty list"),
            "{empty}"
        );
        let both = complaint("learning-rate = 0.5\n[grid]\nlearning-rate = [0.001, 0.002]");
        assert!(
            both.contains("`learning-rate` is set above [grid] and in it"),
            "{both}"
        );
        let idle = complaint("resize = true\n[grid]\nseed = [1]");
        assert!(
            idle.contains("--resize has no effect with --dataset auto"),
            "{idle}"
        );
        let large =
            complaint("preset = \"digits\"\n[grid]\ngenerator-channels = [[4, 4], [64, 320]]");
        assert!(
            large.starts_with("generator-channels=64-320: the generator would need")
                && large.contains("reduce --generator-channels"),
            "{large}"
        );
        let many: Vec<u32> = (0..101).collect();
        let huge = complaint(&format!(
            "[grid]\nseed = {many:?}\nlatent = {:?}",
            &many[1..]
        ));
        assert!(huge.contains("more than 10000 combinations"), "{huge}");
    }

    #[test]
    fn equal_values_of_a_list_are_an_error_that_names_them() {
        for (list, said) in [
            (
                "seed = [1, 2, 1]",
                "`seed` in [grid] contains the value 1 twice;",
            ),
            ("seed = [1, \"1\"]", "the value \"1\" twice, also as 1;"),
            (
                "learning-rate = [0.001, \"1e-3\"]",
                "the value \"1e-3\" twice, also as 0.001;",
            ),
            (
                "penalty-weight = [2, 2.0]",
                "the value 2.0 twice, also as 2;",
            ),
            (
                "betas = [[0, 0.99], [0.0, 0.99]]",
                "the value [0.0, 0.99] twice, also as [0, 0.99];",
            ),
            (
                "generator-channels = [[1, 1], \"1,1\"]",
                "the value \"1,1\" twice, also as [1, 1];",
            ),
            (
                "keep-best = [true, \"true\"]",
                "the value \"true\" twice, also as true;",
            ),
            ("data = [\"a b\", \"a_b\"]", "the same folder, data=a_b;"),
        ] {
            let error = format!("{:#}", names(&format!("[grid]\n{list}")).unwrap_err());
            assert!(error.contains(said), "{list}: {error}");
        }
    }

    #[test]
    fn shards_partition_the_runs() {
        let all: Vec<u32> = (0..7).collect();
        let shard = |text: &str| text.parse::<Shard>().unwrap().of(all.clone());
        assert_eq!(
            (shard("1/3"), shard("2/3"), shard("3/3")),
            (vec![0, 3, 6], vec![1, 4], vec![2, 5])
        );
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
