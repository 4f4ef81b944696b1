//! The instructions that one digit takes: of every committed model on every kind of core.
//!
//! QEMU counts virtual time by executed instructions (`-icount`), and the machines' timers run on that, so that
//! ticks are instructions times a factor, which each program measures for itself.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::{
    boards::{COUNTED, Machine},
    files::Pending,
    firmware,
    guide::{thousands, with},
    machine,
    model::{self, ModelFile},
    shell,
};

/// How much a count may grow before it is a failure.
const TOLERANCE: f64 = 1.02;

/// What a bench does with its counts.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print rows of JSON
    #[arg(long)]
    json: bool,
    /// Accept these counts: write them to docs/instructions.json and docs/performance.md
    #[arg(long)]
    bless: bool,
}

/// The instructions of one digit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The model's name.
    model: String,
    /// The kind of core.
    core: String,
    /// Of the whole digit.
    instructions: u64,
    /// Of each layer; the first includes latent and class.
    layers: Vec<u64>,
}

/// What docs/instructions.json holds.
#[derive(Debug, Serialize, Deserialize)]
struct Accepted {
    /// The compiler that the counts are of: another one makes other instructions.
    rustc: String,
    rows: Vec<Row>,
}

/// Compares the counts with the accepted ones, as a test.
///
/// # Errors
/// As [`bench()`].
pub fn check() -> Result<()> {
    bench(&Options { json: false, bless: false })
}

/// Counts, shows the counts and compares them with the accepted ones.
///
/// # Errors
/// When a program does not build or run, or a count has grown by more than 2 %.
pub fn bench(options: &Options) -> Result<()> {
    let mut rows = Vec::new();
    for model in &model::committed()? {
        for machine in &COUNTED {
            rows.push(
                count(machine, model).with_context(|| format!("{} on {}", model.name(), machine.name))?,
            );
        }
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        println!("{}", table(&rows)?);
    }
    let counts = Accepted { rustc: rustc()?, rows };
    if options.bless {
        let text = format!("{}\n", serde_json::to_string_pretty(&counts)?);
        Pending::new(&accepted())?.finish(text.as_bytes())?;
        let document = with(&fs::read_to_string(document())?, "instructions", &markdown(&counts)?)?;
        return Pending::new(&self::document())?.finish(document.as_bytes());
    }
    compare(&counts)
}

fn count(machine: &Machine, model: &ModelFile) -> Result<Row> {
    let elf = firmware::machine("count", machine, model)?;
    let (mut million, mut ticks) = (0, Vec::new());
    machine::run(machine, &elf, &["-icount", "shift=6"], |line| {
        match line.split_once(' ') {
            Some(("million", number)) => million = number.parse()?,
            Some(("ticks", number)) => ticks.push(number.parse::<u64>()?),
            _ => bail!("{line}"),
        }
        Ok(())
    })?;
    ensure!(million > 0, "the machine's timer stands still");
    let layers: Vec<u64> =
        ticks.into_iter().map(|ticks| (ticks * 1_000_000 + million / 2) / million).collect();
    Ok(Row { model: model.name(), core: machine.core.into(), instructions: layers.iter().sum(), layers })
}

/// A line for each model and core.
fn table(rows: &[Row]) -> Result<String> {
    let mut text = format!("{:14}{:12}{:>14}  layers", "model", "core", "instructions");
    for Row { model, core, instructions, layers } in rows {
        write!(text, "\n{model:14}{core:12}{instructions:14}  {layers:?}")?;
    }
    Ok(text)
}

/// A row for each core, a column for each model, and below them the layers of the digits.
fn markdown(Accepted { rustc, rows }: &Accepted) -> Result<String> {
    let mut text = String::new();
    let models: Vec<_> = rows.iter().map(|row| &*row.model).collect::<BTreeSet<_>>().into_iter().collect();
    writeln!(text, "| core | {} |\n|---|{}", models.join(" | "), "---|".repeat(models.len()))?;
    for machine in &COUNTED {
        let of = |model: &&str| {
            let row = rows.iter().find(|row| row.model == **model && row.core == machine.core);
            row.map(|row| thousands(row.instructions)).context("a count is missing")
        };
        writeln!(
            text,
            "| {} | {} |",
            machine.core,
            models.iter().map(of).collect::<Result<Vec<_>>>()?.join(" | ")
        )?;
    }
    writeln!(text, "\n({rustc})")?;
    Ok(text)
}

/// Where the counts are shown.
fn document() -> PathBuf {
    shell::root().join("docs").join("performance.md")
}

/// Where the accepted counts lie.
fn accepted() -> PathBuf {
    shell::root().join("docs").join("instructions.json")
}

/// The compiler's version.
fn rustc() -> Result<String> {
    let output = Command::new("rustc").arg("--version").output().context("rustc does not run")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn compare(counts: &Accepted) -> Result<()> {
    let path = accepted();
    let text = fs::read(&path)
        .with_context(|| format!("cannot read {}; `cargo xtask bench --bless` writes it", path.display()))?;
    let known: Accepted =
        serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
    if known.rustc != counts.rustc {
        println!("not compared: the accepted counts are of {}, these of {}", known.rustc, counts.rustc);
        return Ok(());
    }
    let grown = grown(&counts.rows, &known.rows);
    ensure!(
        grown.is_empty(),
        "digits take more instructions than accepted: {}; if that is meant, `cargo xtask bench --bless`",
        grown.join("; ")
    );
    println!("{} counts, none more than 2 % above the accepted one", counts.rows.len());
    Ok(())
}

/// What has grown by more than the tolerance, or was never counted before.
fn grown(rows: &[Row], known: &[Row]) -> Vec<String> {
    let words = |row: &Row| {
        let before = known.iter().find(|known| (&known.model, &known.core) == (&row.model, &row.core));
        match before.map(|before| before.instructions) {
            Some(before) if row.instructions as f64 <= before as f64 * TOLERANCE => None,
            Some(before) => {
                Some(format!("{} on {}: {} after {before}", row.model, row.core, row.instructions))
            }
            None => Some(format!("{} on {}: never counted", row.model, row.core)),
        }
    };
    rows.iter().filter_map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(model: &str, instructions: u64) -> Row {
        Row { model: model.into(), core: "Cortex-M4F".into(), instructions, layers: vec![instructions] }
    }

    #[test]
    fn the_documentation_shows_the_accepted_counts() {
        let known: Accepted = serde_json::from_slice(&fs::read(accepted()).unwrap()).unwrap();
        let text = fs::read_to_string(document()).unwrap();
        let fresh = with(&text, "instructions", &markdown(&known).unwrap()).unwrap();
        assert!(text == fresh, "docs/performance.md is stale: run `cargo xtask bench --bless`");
    }

    #[test]
    fn growth_beyond_two_percent_is_named() {
        let known = [row("digits", 1_000), row("seed", 1_000)];
        assert!(grown(&[row("digits", 1_020), row("seed", 500)], &known).is_empty());
        let grown = grown(&[row("digits", 1_021), row("new", 1)], &known);
        assert_eq!(grown, ["digits on Cortex-M4F: 1021 after 1000", "new on Cortex-M4F: never counted"]);
    }
}
