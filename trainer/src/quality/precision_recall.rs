//! Improved precision and recall (Kynkäänniemi et al., 2019).
//!
//! Each set of images spans a manifold: the balls around its features that reach to the third nearest
//! neighbor in the same set. Precision is the share of generated images inside of the manifold of the real
//! ones, recall the share of real images inside of that of the generated ones.

use serde::{Deserialize, Serialize};

use super::distances::fold;
use crate::quality::feature_extractor::FEATURES;

/// Index of the nearest neighbor that determines a ball's radius.
const NEAREST: usize = 3;

/// Precision and recall, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecall {
    /// Share of generated images inside of the manifold of the real images.
    pub precision: f64,
    /// Share of real images inside of the manifold of the generated images.
    pub recall: f64,
}

impl PrecisionRecall {
    /// Computes precision and recall from equally many features of real and generated images.
    ///
    /// # Panics
    /// If there are no images.
    pub fn of(real: &[f32], generated: &[f32]) -> Self {
        let count = real.len().min(generated.len());
        assert!(count > 0, "no images to compare");
        let (real, generated) = (&real[..count], &generated[..count]);
        Self {
            precision: covered(generated, real),
            recall: covered(real, generated),
        }
    }
}

/// Returns the share of queries inside of a ball of any point.
fn covered(queries: &[f32], points: &[f32]) -> f64 {
    let radii = radii(points);
    let inside = fold(
        queries,
        points,
        FEATURES,
        &false,
        |inside, [_, point], squared| {
            *inside |= squared <= radii[point];
        },
    );
    inside.iter().filter(|&&inside| inside).count() as f64 / inside.len() as f64
}

/// Returns the squared distance of each point to its third nearest neighbor.
fn radii(points: &[f32]) -> Vec<f32> {
    let farther = [f32::INFINITY; NEAREST];
    let nearest = fold(
        points,
        points,
        FEATURES,
        &farther,
        |nearest, [point, other], squared| {
            if point != other && squared < nearest[NEAREST - 1] {
                nearest[NEAREST - 1] = squared;
                nearest.sort_unstable_by(f32::total_cmp);
            }
        },
    );
    nearest
        .into_iter()
        .map(|nearest| nearest[NEAREST - 1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns features that are 0 except for the first value.
    fn on_a_line(places: impl IntoIterator<Item = f32>) -> Vec<f32> {
        places
            .into_iter()
            .flat_map(|place| [&[place][..], &[0.0; FEATURES - 1]].concat())
            .collect()
    }

    #[test]
    fn balls_reach_to_the_third_nearest_neighbor() {
        assert_eq!(
            radii(&on_a_line([0.0, 1.0, 3.0, 7.0, 20.0])),
            [49.0, 36.0, 16.0, 49.0, 19.0 * 19.0]
        );
    }

    #[test]
    fn equal_distributions_cover_each_other_and_distant_ones_do_not() {
        let real = on_a_line((0..100).map(|n| n as f32));
        let found = PrecisionRecall::of(&real, &real);
        assert_eq!((found.precision, found.recall), (1.0, 1.0));
        let found = PrecisionRecall::of(&real, &on_a_line((0..100).map(|n| n as f32 + 1_000.0)));
        assert_eq!((found.precision, found.recall), (0.0, 0.0));
    }

    #[test]
    fn dropped_modes_reduce_recall_only() {
        let real = on_a_line((0..100).map(|n| n as f32));
        // Images between 10 and 19.9; the balls at the ends reach 0.3 further.
        let found =
            PrecisionRecall::of(&real, &on_a_line((0..100).map(|n| 10.0 + n as f32 / 10.0)));
        assert_eq!((found.precision, found.recall), (1.0, 0.11));
    }

    #[test]
    fn unrealistic_images_reduce_precision_only() {
        let real = on_a_line((0..100).map(|n| n as f32));
        let found = PrecisionRecall::of(&real, &on_a_line((0..100).map(|n| n as f32 + 60.0)));
        // The real balls reach to 102, the generated ones, which start at 60, to 57.
        assert_eq!((found.precision, found.recall), (0.43, 0.43));
    }
}
