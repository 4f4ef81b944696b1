//! What a model would take of microcontrollers, estimated from instructions that were counted for other models.

use anyhow::{Context, Result};
use serde::Deserialize;
use thumbgan_boards::{BOARDS, Board};
use thumbgan_core::{Model, model::Layer};

/// The counts that `cargo xtask bench` accepted.
const COUNTS: &str = include_str!("../../../docs/instructions.json");
/// The models that they are counts of.
const COUNTED: [(&str, &[u8]); 4] = [
    ("digits", include_bytes!("../../../models/digits.tgan")),
    (
        "digits-xs",
        include_bytes!("../../../models/digits-xs.tgan"),
    ),
    (
        "digits-nano",
        include_bytes!("../../../models/digits-nano.tgan"),
    ),
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

/// An estimate for one board.
#[derive(Debug)]
pub struct Estimate {
    /// The board.
    pub board: &'static Board,
    /// Instructions of a digit.
    pub instructions: u64,
    /// Milliseconds of a digit at one cycle an instruction, which is the least.
    pub milliseconds: f64,
    /// The model's share of flash, in percent.
    pub flash: f64,
    /// The share of RAM of the activations' scratch, in percent.
    pub ram: f64,
}

/// What `model` would take of each board, and the name of the counted model that this is estimated from: the
/// one of the same kind that is nearest in size.
///
/// # Errors
/// When the accepted counts lack a core.
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
        .context("no model was counted")?;
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
            flash: model.size() as f64 / board.flash.bytes as f64 * 100.0,
            ram: model.scratch() as f64 / board.ram.bytes as f64 * 100.0,
        })
    };
    Ok((name, BOARDS.iter().map(estimate).collect::<Result<_>>()?))
}

/// Whether a model has no convolutions.
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
