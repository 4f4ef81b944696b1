//! Improved precision and recall (Kynkäänniemi et al. 2019).
//!
//! Each set of images spans a manifold: the balls around its features that reach to the third nearest of
//! the same set. Precision is the share of generated images inside the manifold of the real ones, recall the
//! share of real images inside that of the generated ones.

use serde::{Deserialize, Serialize};

use super::distances::fold;
use crate::quality::feature_extractor::FEATURES;

/// A ball reaches to this nearest neighbour.
const NEAREST: usize = 3;

/// Quality and variety, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifold {
    /// Share of generated images that could be real.
    pub precision: f64,
    /// Share of real images that could be generated.
    pub recall: f64,
}

impl Manifold {
    /// Of the features of real and of generated images, as many of each as both have.
    ///
    /// # Panics
    /// When there are no images.
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

/// The share of queries inside a ball of any point.
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

/// The squared distance of each point to its third nearest other one.
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

    /// Features that are 0 but for the first.
    fn on_a_line(places: impl IntoIterator<Item = f32>) -> Vec<f32> {
        places
            .into_iter()
            .flat_map(|place| [&[place][..], &[0.0; FEATURES - 1]].concat())
            .collect()
    }

    #[test]
    fn balls_reach_to_the_third_nearest_other_point() {
        assert_eq!(
            radii(&on_a_line([0.0, 1.0, 3.0, 7.0, 20.0])),
            [49.0, 36.0, 16.0, 49.0, 19.0 * 19.0]
        );
    }

    #[test]
    fn like_sets_cover_each_other_and_distant_ones_do_not() {
        let real = on_a_line((0..100).map(|n| n as f32));
        let found = Manifold::of(&real, &real);
        assert_eq!((found.precision, found.recall), (1.0, 1.0));
        let found = Manifold::of(&real, &on_a_line((0..100).map(|n| n as f32 + 1_000.0)));
        assert_eq!((found.precision, found.recall), (0.0, 0.0));
    }

    #[test]
    fn few_kinds_of_good_images_are_precise_but_recall_little() {
        let real = on_a_line((0..100).map(|n| n as f32));
        // Between 10 and 19.9; the farthest balls reach 0.3 out of that.
        let found = Manifold::of(&real, &on_a_line((0..100).map(|n| 10.0 + n as f32 / 10.0)));
        assert_eq!((found.precision, found.recall), (1.0, 0.11));
    }

    #[test]
    fn images_among_them_that_are_not_real_cost_precision() {
        let real = on_a_line((0..100).map(|n| n as f32));
        let found = Manifold::of(&real, &on_a_line((0..100).map(|n| n as f32 + 60.0)));
        // The real balls reach to 102 and the generated ones, which begin at 60, to 57.
        assert_eq!((found.precision, found.recall), (0.43, 0.43));
    }
}
