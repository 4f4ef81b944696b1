//! `seed` beside other inference engines that run its two layers, counted on the same machines.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{Accepted, Options};
use crate::{
    boards::{COMPARED, COUNTED, Machine},
    firmware,
    guide::thousands,
    machine, model,
};

/// The accepted counts, in docs/.
const FILE: &str = "peers.json";
/// What accepts counts.
const BLESS: &str = "cargo xtask bench --peers --bless";
const OURS: &str = "thumbgan, whole digit with its latent";
/// MicroFlow built as ours is, and as it takes the fewest instructions; each with its `opt-level`.
const MICROFLOW: [(&str, &str); 2] = [
    ("MicroFlow 0.1.3, the two layers", "3"),
    (
        "MicroFlow 0.1.3 built with `opt-level = \"s\"`, the two layers",
        "s",
    ),
];
/// Counted once with a compiler that is not at hand wherever this runs.
const QUOTED: &str = "| CMSIS-NN 99f736a, gcc 12.2 -O3, the two layers: quoted from an earlier measurement \
                      | 257,491 | 411,880 | 767,985 |";

/// The instructions of one digit.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    /// What makes it, and what that includes.
    engine: String,
    /// The kind of core.
    core: String,
    /// Executed instructions.
    instructions: u64,
}

/// Counts ours and the others, shows the counts and compares them with the accepted ones.
///
/// # Errors
/// When a program does not build or run, another engine computes something else, or the counts are not those
/// of docs/performance.md.
pub fn peers(options: &Options) -> Result<()> {
    let models = model::committed()?;
    let seed = models
        .iter()
        .find(|model| model.name() == "seed")
        .context("models/ has no seed.tgan")?;
    let mut rows = Vec::new();
    for machine in COUNTED
        .iter()
        .filter(|own| COMPARED.iter().any(|machine| machine.core == own.core))
    {
        let row =
            super::count(machine, seed).with_context(|| format!("seed on {}", machine.core))?;
        rows.push(Row {
            engine: OURS.into(),
            core: row.core,
            instructions: row.instructions,
        });
    }
    for (engine, level) in MICROFLOW {
        for machine in &COMPARED {
            let instructions = microflow(machine, level)
                .with_context(|| format!("MicroFlow on {}", machine.core))?;
            rows.push(Row {
                engine: engine.into(),
                core: machine.core.into(),
                instructions,
            });
        }
    }
    let counts = Accepted::new(rows)?;
    let table = markdown(&counts)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&counts.rows)?);
    } else {
        println!("{table}");
    }
    if options.bless {
        return counts.write(FILE, "peers", &table);
    }
    compare(&counts.rows)
}

/// What MicroFlow takes for the layers of `seed`, built with this `opt-level`.
fn microflow(machine: &Machine, level: &str) -> Result<u64> {
    Ok(
        machine::instructions(machine, &firmware::peer(machine, level)?)?
            .into_iter()
            .sum(),
    )
}

/// A row for each engine, a column for each core.
fn markdown(Accepted { rustc, rows }: &Accepted<Row>) -> Result<String> {
    let mut text = String::new();
    let cores = COMPARED.map(|machine| machine.core);
    writeln!(
        text,
        "| | {} |\n|---|{}",
        cores.join(" | "),
        "---|".repeat(cores.len())
    )?;
    for engine in [OURS]
        .into_iter()
        .chain(MICROFLOW.map(|(engine, _)| engine))
    {
        let of = |core: &str| {
            let row = rows
                .iter()
                .find(|row| row.engine == engine && row.core == core);
            row.map(|row| thousands(row.instructions)).with_context(|| {
                format!("docs/{FILE} has no count of {engine} on {core}; `{BLESS}` counts")
            })
        };
        let counts = cores.into_iter().map(of).collect::<Result<Vec<_>>>()?;
        writeln!(text, "| {engine} | {} |", counts.join(" | "))?;
    }
    writeln!(text, "{QUOTED}\n\n({rustc})")?;
    Ok(text)
}

/// Counts repeat exactly, so that the documentation can show them exactly.
fn compare(rows: &[Row]) -> Result<()> {
    let Some(known) = Accepted::<Row>::comparable(FILE, BLESS)? else {
        return Ok(());
    };
    ensure!(
        known.rows == rows,
        "docs/performance.md shows other counts; if that is meant, `{BLESS}`"
    );
    eprintln!(
        "{} counts, all as docs/performance.md shows them",
        rows.len()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        bench::{self, accepted::document},
        guide::with,
        shell,
    };

    #[test]
    fn the_documentation_shows_the_accepted_counts() {
        let known = Accepted::read(FILE, BLESS).unwrap();
        let text = document().unwrap();
        let fresh = with(&text, "peers", &markdown(&known).unwrap()).unwrap();
        assert!(text == fresh, "docs/performance.md is stale: run `{BLESS}`");
    }

    #[test]
    fn ours_are_the_counts_of_the_plain_bench() {
        let peers = Accepted::<Row>::read(FILE, BLESS).unwrap();
        let plain = Accepted::<bench::Row>::read(bench::FILE, bench::BLESS).unwrap();
        assert_eq!(
            peers.rustc, plain.rustc,
            "docs/{FILE} is of another compiler: run `{BLESS}`"
        );
        for ours in peers.rows.iter().filter(|row| row.engine == OURS) {
            let same = |row: &&bench::Row| row.model == "seed" && row.core == ours.core;
            let row = plain.rows.iter().find(same).unwrap();
            assert_eq!(
                ours.instructions, row.instructions,
                "docs/{FILE} is stale: run `{BLESS}`"
            );
        }
    }

    #[test]
    fn the_versions_named_are_those_that_are_built() {
        let manifest = fs::read_to_string(shell::firmware("peers").join("Cargo.toml")).unwrap();
        for (engine, _) in MICROFLOW {
            let version = engine
                .split_whitespace()
                .nth(1)
                .unwrap()
                .trim_end_matches(',');
            assert!(
                manifest.contains(&format!("microflow = \"={version}\"")),
                "{engine}"
            );
        }
    }

    #[test]
    fn missing_counts_are_named() {
        let counts = Accepted {
            rustc: String::new(),
            rows: Vec::new(),
        };
        let error = markdown(&counts).unwrap_err().to_string();
        assert!(
            error.contains("docs/peers.json has no count of thumbgan"),
            "{error}"
        );
    }
}
