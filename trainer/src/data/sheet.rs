//! Contact sheet: sample images of each class, to check visually that a dataset was read correctly.

use super::{Dataset, PIXELS};
use crate::png::{self as picture, GrayBitmap};

/// Images per row.
const COLUMNS: usize = 16;
/// Rows for an unlabeled dataset.
const ROWS: usize = 8;

/// Returns one row of images per class, evenly distributed over its images.
pub fn contact_sheet(dataset: &Dataset) -> GrayBitmap {
    let images = &dataset.train;
    let (classes, count) = if dataset.classes() == 0 {
        (1, COLUMNS * ROWS)
    } else {
        (dataset.classes(), COLUMNS)
    };
    let mut grays = Vec::new();
    for class in 0..classes {
        let of_class: Vec<usize> = (0..images.len())
            .filter(|&index| images.labels[index] == class)
            .collect();
        let chosen = (0..count.min(of_class.len()))
            .map(|place| of_class[place * of_class.len() / count.min(of_class.len())]);
        let end = grays.len() + count * PIXELS;
        chosen.for_each(|index| grays.extend(images.image(index)));
        grays.resize(end, 0);
    }
    picture::grid(&grays, COLUMNS)
}
