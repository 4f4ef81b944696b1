//! Limits of the boards: size of the model file and scratch memory, known before training.

use anyhow::{Context, Result, ensure};
use thumbgan_app::SCRATCH_LEN;
use thumbgan_boards::{BOARDS, Board};
use thumbgan_core::{
    Model,
    model::{LatentSpec, Provenance},
};

use super::{
    QuantizedGenerator,
    quantize::{FloatDense, FloatLayer, FloatUpsampleConv, quantize},
};
use crate::{
    data::{PIXELS, SIDE},
    gan::preset::{GeneratorShape, Recipe},
};

/// Checks that boards can run the generator of `recipe`, and returns those whose flash is too small for its model file.
///
/// # Errors
/// If no board can run it; the message names the limit and the remedy.
pub fn check(
    recipe: &Recipe,
    class_names: &str,
    provenance: Provenance<'_>,
) -> Result<Vec<&'static Board>> {
    let bytes = file(recipe, class_names, provenance)?;
    let scratch = Model::parse(&bytes)
        .context("the model file would be invalid")?
        .scratch_len();
    ensure!(
        scratch <= SCRATCH_LEN,
        "the generator would need {} bytes of scratch memory, and the firmware of the boards has {}; reduce \
         --generator-channels, above all the second number: its feature map has 14x14 pixels",
        4 * scratch,
        4 * SCRATCH_LEN
    );
    let room = |board: &Board| board.flash.bytes - board.program;
    let is_small = |board: &&Board| room(board) < bytes.len() as u64;
    let small: Vec<_> = BOARDS.iter().filter(is_small).collect();
    ensure!(
        small.len() < BOARDS.len(),
        "the model file would have {} bytes, and no board has more than {} bytes of flash for it; reduce \
         --generator-channels or --latent",
        bytes.len(),
        BOARDS.iter().map(room).max().unwrap_or_default()
    );
    Ok(small)
}

/// Returns a model file as large as that of the trained generator.
fn file(recipe: &Recipe, class_names: &str, provenance: Provenance<'_>) -> Result<Vec<u8>> {
    let layers = layers(recipe);
    let peaks = vec![1.0; layers.len() - 1];
    let generator = QuantizedGenerator {
        latent: LatentSpec {
            len: u16::try_from(recipe.latent)?,
            distribution: recipe.distribution,
        },
        class_count: recipe.classes,
        layers: quantize(&layers, recipe.distribution.scale(), &peaks),
    };
    generator.file(recipe.name, class_names, provenance)
}

/// Returns the generator's layers with parameters of 0.
fn layers(recipe: &Recipe) -> Vec<FloatLayer> {
    let dense = |inputs, outputs, channels| {
        FloatLayer::Dense(FloatDense {
            inputs,
            outputs,
            weights: vec![0.0; inputs * outputs],
            biases: vec![0.0; channels],
        })
    };
    let conv = |side, inputs, outputs| {
        FloatLayer::UpsampleConv(FloatUpsampleConv {
            side,
            inputs,
            outputs,
            weights: vec![0.0; 9 * inputs * outputs],
            biases: vec![0.0; outputs],
        })
    };
    match &recipe.generator {
        GeneratorShape::Dense(shape) => {
            let widths = [&[recipe.inputs()], shape.hidden, &[PIXELS]].concat();
            let layers = widths
                .windows(2)
                .map(|pair| dense(pair[0], pair[1], pair[1]));
            layers.collect()
        }
        GeneratorShape::Conv(shape) => {
            let [first, second] = shape.channels;
            let side = SIDE / 4;
            vec![
                dense(recipe.inputs(), side * side * first, first),
                conv(side, first, second),
                conv(2 * side, second, 1),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::{preset::Preset, tuning::Tuning};

    #[test]
    fn the_size_is_that_of_the_committed_model() {
        let bytes = include_bytes!("../../../models/digits.tgan");
        let model = Model::parse(bytes).unwrap();
        let names: Vec<_> = model.class_names().collect();
        let recipe = Preset::Digits.recipe();
        let found = file(&recipe, &names.join("\n"), *model.provenance()).unwrap();
        assert_eq!(found.len(), bytes.len());
        let found = Model::parse(&found).unwrap();
        assert_eq!(found.scratch_len(), model.scratch_len());
    }

    #[test]
    fn generators_that_no_board_runs_are_errors_and_small_boards_are_named() {
        let bytes = include_bytes!("../../../models/digits-nano.tgan");
        let model = Model::parse(bytes).unwrap();
        let tuned = |latent, channels| {
            let tuning = Tuning {
                latent: Some(latent),
                generator_channels: Some(channels),
                ..Tuning::default()
            };
            let recipe = Preset::DigitsNano.recipe().tuned(&tuning);
            check(&recipe, "", *model.provenance())
        };
        assert!(tuned(10, [10, 12]).unwrap().is_empty());
        let small = tuned(256, [20, 24]).unwrap();
        assert!(
            !small.is_empty() && small.iter().all(|board| board.flash.bytes < 512 * 1_024),
            "{small:?}"
        );
        let error = tuned(10, [20, 100]).unwrap_err().to_string();
        assert!(
            error.contains("bytes of scratch memory") && error.contains("--generator-channels"),
            "{error}"
        );
    }
}
