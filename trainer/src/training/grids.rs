//! Which digits pictures of a run show.

use anyhow::Result;

use crate::{
    export::float_reference::Wanted,
    export::int8::Int8,
    png::{self as picture, Picture},
    quality::interpolation as walk,
};

/// Rows of a sample grid, and its columns where there are no classes.
const GRID: u8 = 8;

/// The digits of a sample grid and its columns: each column a class and each row a latent, or 8 x 8 latents
/// where there are no classes.
pub fn grid(classes: u8) -> (Vec<Wanted>, usize) {
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

/// Walks from one latent to another: a row for each class, or for eight pairs of latents without classes.
///
/// # Errors
/// Never for a model that parsed; passed on for the message.
pub fn walks(int8: &mut Int8<'_>) -> Result<Picture> {
    let rows: Vec<(Option<u8>, u64)> = match int8.model().classes() {
        0 => (0..u64::from(GRID)).map(|row| (None, row)).collect(),
        classes => (0..classes).map(|class| (Some(class), 0)).collect(),
    };
    let mut greys = Vec::new();
    let mut columns = 1;
    for (class, seed) in rows {
        let digits = walk::frames(int8, class, [seed, seed + 1])?;
        columns = digits.len();
        greys.extend(digits.iter().flat_map(|digit| *digit.pixels()));
    }
    Ok(picture::grid(&greys, columns))
}
