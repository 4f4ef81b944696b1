//! Estimated cost of a model on microcontrollers, from the instruction counts of the committed models.

use anyhow::{Context, Result};
use serde::Deserialize;
use thumbgan_boards::{BOARDS, Board};
use thumbgan_core::{Model, model::Layer};

/// Snapshot of the instruction counts of `cargo xtask bench`.
const COUNTS: &str = include_str!("../../../docs/instructions.json");
/// Models whose instructions were counted.
const COUNTED: [(&str, &[u8]); 6] = [
    ("digits", include_bytes!("../../../models/digits.tgan")),
    (
        "digits-xs",
        include_bytes!("../../../models/digits-xs.tgan"),
    ),
    (
        "digits-nano",
        include_bytes!("../../../models/digits-nano.tgan"),
    ),
    (
        "digits-pico",
        include_bytes!("../../../models/digits-pico.tgan"),
    ),
    ("fashion", include_bytes!("../../../models/fashion.tgan")),
    ("seed", include_bytes!("../../../models/seed.tgan")),
];

#[derive(Deserialize)]
struct Counts {
    rows: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    model: String,
    core: String,
    instructions: u64,
}

/// Estimate for one board.
#[derive(Debug)]
pub struct Estimate {
    /// Board.
    pub board: &'static Board,
    /// Instructions per image.
    pub instructions: u64,
    /// Milliseconds per image at one cycle per instruction, a lower bound.
    pub milliseconds: f64,
    /// Share of flash in percent.
    pub flash: f64,
    /// Scratch memory's share of RAM in percent.
    pub ram: f64,
}

/// Returns the estimate for each board and the name of the counted model on which it is based: the one of the
/// same architecture with the nearest size.
///
/// # Errors
/// If the snapshot lacks a core.
pub fn estimates(model: &Model<'_>) -> Result<(&'static str, Vec<Estimate>)> {
    let counts: Counts =
        serde_json::from_str(COUNTS).context("docs/instructions.json is damaged")?;
    let counted = COUNTED
        .iter()
        .filter_map(|&(name, bytes)| Some((name, Model::parse(bytes).ok()?)));
    let distance = |other: &Model<'_>| (other.macs() as f64 / model.macs() as f64).ln().abs();
    let alike = counted.filter(|(_, other)| is_dense(other) == is_dense(model));
    let (name, nearest) = alike
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))
        .context("docs/instructions.json has no counts")?;
    let estimate = |board: &'static Board| {
        let count = counts
            .rows
            .iter()
            .find(|row| row.model == name && row.core == board.core);
        let count = count
            .with_context(|| format!("docs/instructions.json has no {name} on {}", board.core))?;
        let instructions = count.instructions as f64 / nearest.macs() as f64 * model.macs() as f64;
        Ok(Estimate {
            board,
            instructions: instructions as u64,
            milliseconds: instructions / f64::from(board.clock_hz) * 1e3,
            flash: model.file_len() as f64 / board.flash.bytes as f64 * 100.0,
            ram: (4 * model.scratch_len()) as f64 / board.ram.bytes as f64 * 100.0,
        })
    };
    Ok((name, BOARDS.iter().map(estimate).collect::<Result<_>>()?))
}

/// Returns true if a model has no convolutions.
fn is_dense(model: &Model<'_>) -> bool {
    model
        .layers()
        .iter()
        .all(|layer| matches!(layer, Layer::Dense(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_model_is_estimated_by_its_own_counts() {
        for (name, bytes) in COUNTED {
            let model = Model::parse(bytes).unwrap();
            let (by, estimates) = estimates(&model).unwrap();
            assert_eq!(by, name);
            let counts: Counts = serde_json::from_str(COUNTS).unwrap();
            for Estimate {
                board,
                instructions,
                milliseconds,
                ..
            } in &estimates
            {
                let row = counts
                    .rows
                    .iter()
                    .find(|row| row.model == name && row.core == board.core)
                    .unwrap();
                assert!(
                    row.instructions.abs_diff(*instructions) <= 1,
                    "{name} on {}",
                    board.name
                );
                let expected = row.instructions as f64 / f64::from(board.clock_hz) * 1e3;
                assert!((milliseconds - expected).abs() < 1e-3);
            }
        }
    }
}
