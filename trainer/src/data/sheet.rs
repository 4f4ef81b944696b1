//! A contact sheet: some images of each class, for a person to see that they were read as they were meant.

use super::{Dataset, PIXELS};
use crate::png::{self as picture, Picture};

/// Images in a row.
const COLUMNS: usize = 16;
/// Rows where there are no classes.
const ROWS: usize = 8;

/// A row of images for each class, spread evenly over all of it.
pub fn contact_sheet(dataset: &Dataset) -> Picture {
    let images = &dataset.train;
    let (classes, count) = if dataset.classes() == 0 {
        (1, COLUMNS * ROWS)
    } else {
        (dataset.classes(), COLUMNS)
    };
    let mut greys = Vec::new();
    for class in 0..classes {
        let of_class: Vec<usize> = (0..images.len())
            .filter(|&index| images.labels[index] == class)
            .collect();
        let chosen = (0..count.min(of_class.len()))
            .map(|place| of_class[place * of_class.len() / count.min(of_class.len())]);
        let end = greys.len() + count * PIXELS;
        chosen.for_each(|index| greys.extend(images.image(index)));
        greys.resize(end, 0);
    }
    picture::grid(&greys, COLUMNS)
}
