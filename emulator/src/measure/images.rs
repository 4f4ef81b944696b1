//! Executed instructions of one generated image: every committed model on every kind of core.

use std::{collections::BTreeSet, fmt::Write as _};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{
    snapshot::{Snapshot, SnapshotFile, TOLERANCE},
    tables::thousands,
};
use crate::{
    firmware::{self, TestProgram},
    machines::{IMAGE_MACHINES, Machine},
    models::{self, ModelFile},
    semihosting,
};

/// Snapshot of the counts.
pub const SNAPSHOT: SnapshotFile = SnapshotFile {
    name: "instructions.json",
    command: "cargo xtask bench --bless",
};
/// Section of docs/performance.md.
pub const SECTION: &str = "instructions";

/// Instructions of one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the model.
    pub model: String,
    /// Kind of core.
    pub core: String,
    /// Instructions of the image.
    pub instructions: u64,
    /// Instructions of each layer; the first one includes drawing the latent and adding the class.
    pub layers: Vec<u64>,
}

/// Counts the instructions of one image of a model on a machine.
///
/// # Errors
/// If the program does not build or fails.
pub fn count(machine: &Machine, model: &ModelFile) -> Result<Row> {
    let machine = machine.with_scratch(model.scratch_bytes()?);
    let elf = firmware::test_program(TestProgram::ImageInstructions, machine, model)?;
    let layers = semihosting::count_instructions(machine, &elf)
        .with_context(|| format!("{} on {}", model.name(), machine.name))?;
    let (model, core) = (model.name(), machine.core.into());
    Ok(Row {
        model,
        core,
        instructions: layers.iter().sum(),
        layers,
    })
}

/// Counts the instructions of every committed model on every machine.
///
/// # Errors
/// If a program does not build or fails.
pub fn count_all() -> Result<Vec<Row>> {
    let models = models::committed()?;
    let pairs = models
        .iter()
        .flat_map(|model| IMAGE_MACHINES.iter().map(move |machine| (machine, model)));
    pairs
        .map(|(machine, model)| count(machine, model))
        .collect()
}

/// Returns the instructions of one image in the snapshot.
///
/// # Errors
/// If the snapshot cannot be read or lacks the count.
pub fn snapshot_count(model: &str, core: &str) -> Result<u64> {
    let rows = SNAPSHOT.read::<Row>()?.rows;
    let row = rows
        .iter()
        .find(|row| row.model == model && row.core == core);
    row.map(|row| row.instructions).with_context(|| {
        format!(
            "docs/{} has no count of {model} on {core}; `{}` counts",
            SNAPSHOT.name, SNAPSHOT.command
        )
    })
}

/// Compares counts with the snapshot, if that is of the compiler in use.
///
/// # Errors
/// If a count has grown by more than 2 % or is not in the snapshot.
pub fn compare(rows: &[Row]) -> Result<()> {
    let Some(snapshot) = SNAPSHOT.read_comparable::<Row>()? else {
        return Ok(());
    };
    let grown = grown(rows, &snapshot.rows);
    ensure!(
        grown.is_empty(),
        "images take more instructions than in docs/{}: {}; if this is intended, run `{}`",
        SNAPSHOT.name,
        grown.join("; "),
        SNAPSHOT.command
    );
    eprintln!("{} counts, 0 more than 2 % above the snapshot", rows.len());
    Ok(())
}

/// Formats counts as text, one line for each model and core.
///
/// # Errors
/// Never: writing to a string succeeds.
pub fn text(rows: &[Row]) -> Result<String> {
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

/// Formats a snapshot as Markdown: one row for each core, one column for each model.
///
/// # Errors
/// If a model was not counted on every core.
pub fn markdown(Snapshot { rustc, rows }: &Snapshot<Row>) -> Result<String> {
    let mut text = String::new();
    let models: BTreeSet<_> = rows.iter().map(|row| &*row.model).collect();
    let header: Vec<_> = models.iter().copied().collect();
    writeln!(
        text,
        "| core | {} |\n|---|{}",
        header.join(" | "),
        "---|".repeat(header.len())
    )?;
    for machine in &IMAGE_MACHINES {
        let count = |model: &&str| {
            let row = rows
                .iter()
                .find(|row| row.model == **model && row.core == machine.core);
            let row = row.with_context(|| format!("no count of {model} on {}", machine.core))?;
            Ok(thousands(row.instructions))
        };
        let counts = models.iter().map(count).collect::<Result<Vec<_>>>()?;
        writeln!(text, "| {} | {} |", machine.core, counts.join(" | "))?;
    }
    writeln!(text, "\n({rustc})")?;
    Ok(text)
}

/// Describes the counts that exceed the snapshot by more than the tolerance or are not in it.
fn grown(rows: &[Row], snapshot: &[Row]) -> Vec<String> {
    let describe = |row: &Row| {
        let Row {
            model,
            core,
            instructions,
            ..
        } = row;
        let before = snapshot
            .iter()
            .find(|before| before.model == *model && before.core == *core);
        match before.map(|before| before.instructions) {
            Some(before) if *instructions as f64 <= before as f64 * (1.0 + TOLERANCE) => None,
            Some(before) => Some(format!(
                "{model} on {core}: {instructions} instead of {before}"
            )),
            None => Some(format!("{model} on {core}: not in the snapshot")),
        }
    };
    rows.iter().filter_map(describe).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::snapshot::assert_shown, *};

    fn row(model: &str, instructions: u64) -> Row {
        let (model, core) = (model.into(), "Cortex-M4F".into());
        Row {
            model,
            core,
            instructions,
            layers: vec![instructions],
        }
    }

    #[test]
    fn the_document_shows_the_snapshot() {
        assert_shown(SNAPSHOT, SECTION, markdown);
    }

    #[test]
    fn tolerates_growth_of_two_percent() {
        let before = [row("digits", 1_000), row("seed", 1_000)];
        assert!(grown(&[row("digits", 1_020), row("seed", 500)], &before).is_empty());
        assert_eq!(
            grown(&[row("digits", 1_021), row("new", 1)], &before),
            [
                "digits on Cortex-M4F: 1021 instead of 1000",
                "new on Cortex-M4F: not in the snapshot"
            ]
        );
    }

    #[test]
    fn names_a_missing_count() {
        let error = snapshot_count("digits", "Z80").unwrap_err().to_string();
        assert!(
            error.contains("instructions.json has no count of digits on Z80"),
            "{error}"
        );
    }
}
