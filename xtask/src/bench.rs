//! The instructions that one digit takes: of every committed model on every kind of core.
//!
//! QEMU counts virtual time by executed instructions (`-icount`), and the machines' timers run on that, so that
//! ticks are instructions times a factor, which each program measures for itself.

use std::{collections::BTreeSet, fmt::Write as _};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use self::accepted::Accepted;
use crate::{
    boards::{COUNTED, Machine},
    firmware,
    guide::thousands,
    machine,
    model::{self, ModelFile},
};

pub mod accepted;
mod peers;

/// The accepted counts, in docs/.
const FILE: &str = "instructions.json";
/// What accepts counts.
const BLESS: &str = "cargo xtask bench --bless";
/// How much a count may grow before it is a failure.
const TOLERANCE: f64 = 1.02;

/// What a bench does with its counts.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print rows of JSON
    #[arg(long)]
    json: bool,
    /// Count the model `seed` alone, beside another engine with its layers: MicroFlow
    #[arg(long)]
    peers: bool,
    /// Accept these counts: write them to docs/instructions.json (peers.json) and docs/performance.md
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

/// Compares the counts with the accepted ones, as a test.
///
/// # Errors
/// As [`bench()`].
pub fn check() -> Result<()> {
    bench(&Options {
        json: false,
        peers: false,
        bless: false,
    })
}

/// Counts, shows the counts and compares them with the accepted ones.
///
/// # Errors
/// When a program does not build or run, or a count has grown by more than 2 %. Those with peers must be the
/// accepted ones.
pub fn bench(options: &Options) -> Result<()> {
    if options.peers {
        return peers::peers(options);
    }
    let mut rows = Vec::new();
    for model in &model::committed()? {
        for machine in &COUNTED {
            rows.push(
                count(machine, model)
                    .with_context(|| format!("{} on {}", model.name(), machine.name))?,
            );
        }
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        println!("{}", table(&rows)?);
    }
    let counts = Accepted::new(rows)?;
    if options.bless {
        return counts.write(FILE, "instructions", &markdown(&counts)?);
    }
    compare(&counts.rows)
}

/// The accepted instructions of one digit.
///
/// # Errors
/// When docs/instructions.json cannot be read, or has no such count.
pub fn instructions(model: &str, core: &str) -> Result<u64> {
    let rows = Accepted::<Row>::read(FILE, BLESS)?.rows;
    let row = rows
        .iter()
        .find(|row| row.model == model && row.core == core);
    row.map(|row| row.instructions)
        .with_context(|| format!("docs/{FILE} has no count of {model} on {core}; `{BLESS}` counts"))
}

/// Whether the compiler in use is the one that the accepted counts are of; says so if it is not.
///
/// # Errors
/// When it does not run, or docs/instructions.json cannot be read.
pub fn is_of_the_compiler() -> Result<bool> {
    Ok(Accepted::<Row>::comparable(FILE, BLESS)?.is_some())
}

fn count(machine: &Machine, model: &ModelFile) -> Result<Row> {
    let layers = machine::instructions(machine, &firmware::machine("count", machine, model)?)?;
    Ok(Row {
        model: model.name(),
        core: machine.core.into(),
        instructions: layers.iter().sum(),
        layers,
    })
}

/// A line for each model and core.
fn table(rows: &[Row]) -> Result<String> {
    let mut text = format!("{:14}{:12}{:>14}  layers", "model", "core", "instructions");
    for Row {
        model,
        core,
        instructions,
        layers,
    } in rows
    {
        write!(text, "\n{model:14}{core:12}{instructions:14}  {layers:?}")?;
    }
    Ok(text)
}

/// A row for each core, a column for each model, and below them the layers of the digits.
fn markdown(Accepted { rustc, rows }: &Accepted<Row>) -> Result<String> {
    let mut text = String::new();
    let models: Vec<_> = rows
        .iter()
        .map(|row| &*row.model)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    writeln!(
        text,
        "| core | {} |\n|---|{}",
        models.join(" | "),
        "---|".repeat(models.len())
    )?;
    for machine in &COUNTED {
        let of = |model: &&str| {
            let row = rows
                .iter()
                .find(|row| row.model == **model && row.core == machine.core);
            row.map(|row| thousands(row.instructions))
                .context("a count is missing")
        };
        writeln!(
            text,
            "| {} | {} |",
            machine.core,
            models
                .iter()
                .map(of)
                .collect::<Result<Vec<_>>>()?
                .join(" | ")
        )?;
    }
    writeln!(text, "\n({rustc})")?;
    Ok(text)
}

fn compare(rows: &[Row]) -> Result<()> {
    let Some(known) = Accepted::comparable(FILE, BLESS)? else {
        return Ok(());
    };
    let grown = grown(rows, &known.rows);
    ensure!(
        grown.is_empty(),
        "digits take more instructions than accepted: {}; if that is meant, `{BLESS}`",
        grown.join("; ")
    );
    eprintln!(
        "{} counts, none more than 2 % above the accepted one",
        rows.len()
    );
    Ok(())
}

/// What has grown by more than the tolerance, or was never counted before.
fn grown(rows: &[Row], known: &[Row]) -> Vec<String> {
    let words = |row: &Row| {
        let before = known
            .iter()
            .find(|known| (&known.model, &known.core) == (&row.model, &row.core));
        match before.map(|before| before.instructions) {
            Some(before) if row.instructions as f64 <= before as f64 * TOLERANCE => None,
            Some(before) => Some(format!(
                "{} on {}: {} after {before}",
                row.model, row.core, row.instructions
            )),
            None => Some(format!("{} on {}: never counted", row.model, row.core)),
        }
    };
    rows.iter().filter_map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::{accepted::document, *};
    use crate::guide::with;

    fn row(model: &str, instructions: u64) -> Row {
        Row {
            model: model.into(),
            core: "Cortex-M4F".into(),
            instructions,
            layers: vec![instructions],
        }
    }

    #[test]
    fn the_documentation_shows_the_accepted_counts() {
        let known = Accepted::read(FILE, BLESS).unwrap();
        let text = document().unwrap();
        let fresh = with(&text, "instructions", &markdown(&known).unwrap()).unwrap();
        assert!(text == fresh, "docs/performance.md is stale: run `{BLESS}`");
    }

    #[test]
    fn growth_beyond_two_percent_is_named() {
        let known = [row("digits", 1_000), row("seed", 1_000)];
        assert!(grown(&[row("digits", 1_020), row("seed", 500)], &known).is_empty());
        let grown = grown(&[row("digits", 1_021), row("new", 1)], &known);
        assert_eq!(
            grown,
            [
                "digits on Cortex-M4F: 1021 after 1000",
                "new on Cortex-M4F: never counted"
            ]
        );
    }
}
