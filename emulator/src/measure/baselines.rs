//! Executed instructions of the model `seed` beside other inference engines that run its two layers.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{
    images,
    snapshot::{Snapshot, SnapshotFile},
    tables::thousands,
};
use crate::{
    firmware,
    machines::{BASELINE_MACHINES, IMAGE_MACHINES},
    models, semihosting,
};

/// Snapshot of the counts.
pub const SNAPSHOT: SnapshotFile = SnapshotFile {
    name: "baselines.json",
    command: "cargo xtask bench --baselines --bless",
};
/// Section of docs/performance.md.
pub const SECTION: &str = "baselines";

/// Name of this project's row.
const THUMBGAN: &str = "thumbgan, complete image including its latent";
/// Names and `opt-level` of MicroFlow's rows: the level of this project's build, and the one with the fewest
/// instructions.
const MICROFLOW: [(&str, &str); 2] = [
    ("MicroFlow 0.1.3, the two layers", "3"),
    (
        "MicroFlow 0.1.3 built with `opt-level = \"s\"`, the two layers",
        "s",
    ),
];
/// Row of an engine that needs a C compiler and was counted once.
const CMSIS_NN: &str = "| CMSIS-NN 99f736a, gcc 12.2 -O3, the two layers: quoted from an earlier measurement \
                        | 257,491 | 411,880 | 767,985 |";

/// Instructions of one image.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the engine and extent of the count.
    engine: String,
    /// Kind of core.
    core: String,
    /// Executed instructions.
    instructions: u64,
}

/// Counts this project's engine and the others.
///
/// # Errors
/// If a program does not build or fails, which includes other results of MicroFlow than expected.
pub fn count_all() -> Result<Vec<Row>> {
    let models = models::committed()?;
    let seed = models.iter().find(|model| model.name() == "seed");
    let seed = seed.context("models/ has no seed.tgan")?;
    let mut rows = Vec::new();
    let is_compared = |core| BASELINE_MACHINES.iter().any(|machine| machine.core == core);
    for machine in IMAGE_MACHINES
        .iter()
        .filter(|machine| is_compared(machine.core))
    {
        let images::Row {
            core, instructions, ..
        } = images::count(machine, seed)?;
        rows.push(Row {
            engine: THUMBGAN.into(),
            core,
            instructions,
        });
    }
    for (engine, opt_level) in MICROFLOW {
        for machine in &BASELINE_MACHINES {
            let elf = firmware::baseline(machine, opt_level)?;
            let parts = semihosting::count_instructions(machine, &elf)
                .with_context(|| format!("MicroFlow on {}", machine.core))?;
            let instructions = parts.into_iter().sum();
            rows.push(Row {
                engine: engine.into(),
                core: machine.core.into(),
                instructions,
            });
        }
    }
    Ok(rows)
}

/// Formats a snapshot as Markdown: one row for each engine, one column for each core.
///
/// # Errors
/// If an engine was not counted on every core.
pub fn markdown(Snapshot { rustc, rows }: &Snapshot<Row>) -> Result<String> {
    let mut text = String::new();
    let cores = BASELINE_MACHINES.map(|machine| machine.core);
    writeln!(
        text,
        "| engine | {} |\n|---|{}",
        cores.join(" | "),
        "---|".repeat(cores.len())
    )?;
    for engine in [THUMBGAN]
        .into_iter()
        .chain(MICROFLOW.map(|(engine, _)| engine))
    {
        let count = |core: &str| {
            let row = rows
                .iter()
                .find(|row| row.engine == engine && row.core == core);
            row.map(|row| thousands(row.instructions)).with_context(|| {
                format!(
                    "docs/{} has no count of {engine} on {core}; `{}` counts",
                    SNAPSHOT.name, SNAPSHOT.command
                )
            })
        };
        let counts = cores.into_iter().map(count).collect::<Result<Vec<_>>>()?;
        writeln!(text, "| {engine} | {} |", counts.join(" | "))?;
    }
    writeln!(text, "{CMSIS_NN}\n\n({rustc})")?;
    Ok(text)
}

/// Compares counts with the snapshot, if that is of the compiler in use.
///
/// # Errors
/// If a count differs: counts repeat exactly.
pub fn compare(rows: &[Row]) -> Result<()> {
    let Some(snapshot) = SNAPSHOT.read_comparable::<Row>()? else {
        return Ok(());
    };
    ensure!(
        snapshot.rows == rows,
        "the counts differ from docs/{}; if this is intended, run `{}`",
        SNAPSHOT.name,
        SNAPSHOT.command
    );
    eprintln!("{} counts, 0 differ from the snapshot", rows.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::snapshot::assert_shown, *};
    use crate::process;

    #[test]
    fn the_document_shows_the_snapshot() {
        assert_shown(SNAPSHOT, SECTION, markdown);
    }

    #[test]
    fn both_snapshots_have_the_same_counts_of_seed() {
        let baselines = SNAPSHOT.read::<Row>().unwrap();
        let images = images::SNAPSHOT.read::<images::Row>().unwrap();
        let outdated = format!(
            "docs/{} is outdated: run `{}`",
            SNAPSHOT.name, SNAPSHOT.command
        );
        assert_eq!(baselines.rustc, images.rustc, "{outdated}");
        for row in baselines.rows.iter().filter(|row| row.engine == THUMBGAN) {
            let expected = images::snapshot_count("seed", &row.core).unwrap();
            assert_eq!(row.instructions, expected, "{outdated}");
        }
    }

    #[test]
    fn the_named_version_is_the_dependency() {
        let manifest = process::firmware(firmware::BASELINES).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).unwrap();
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
    fn names_a_missing_count() {
        let snapshot = Snapshot {
            rustc: String::new(),
            rows: Vec::new(),
        };
        let error = markdown(&snapshot).unwrap_err().to_string();
        assert!(
            error.contains("docs/baselines.json has no count of thumbgan"),
            "{error}"
        );
    }
}
