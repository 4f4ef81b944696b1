//! Images shown in sample grids and interpolations.

use anyhow::Result;

use crate::{
    export::float_reference::SampleRequest,
    export::int8::Int8Generator,
    png::{self as picture, GrayBitmap},
    quality::INTERPOLATION_STEPS,
};

/// Rows of a sample grid, and columns for an unconditional model.
const GRID: u8 = 8;

/// Returns the images of a sample grid and its number of columns: one column per class and one row per
/// latent, or 8 x 8 latents for an unconditional model.
pub fn grid(classes: u8) -> (Vec<SampleRequest>, usize) {
    if classes == 0 {
        return (
            (0..u64::from(GRID) * u64::from(GRID))
                .map(|seed| (seed, None))
                .collect(),
            GRID.into(),
        );
    }
    let rows =
        (0..u64::from(GRID)).flat_map(|seed| (0..classes).map(move |class| (seed, Some(class))));
    (rows.collect(), classes.into())
}

/// Returns latent interpolations: one row per class, or eight rows for an unconditional model.
///
/// # Errors
/// Never for a parsed model; passed on for the message.
pub fn walks(int8: &mut Int8Generator<'_>) -> Result<GrayBitmap> {
    let rows: Vec<(Option<u8>, u64)> = match int8.model().class_count() {
        0 => (0..u64::from(GRID)).map(|row| (None, row)).collect(),
        classes => (0..classes).map(|class| (Some(class), 0)).collect(),
    };
    let mut grays = Vec::new();
    let mut columns = 1;
    for (class, seed) in rows {
        let digits = int8.interpolate(class, [seed, seed + 1], INTERPOLATION_STEPS)?;
        columns = digits.len();
        grays.extend(digits.iter().flat_map(|digit| *digit.pixels()));
    }
    Ok(picture::grid(&grays, columns))
}
